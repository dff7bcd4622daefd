//! `audit verify`: of a server, or of a data folder without one.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stanch_model::audit::Verifier;
use stanch_store::Store;

use crate::{
    client::Connection,
    exit::{Exit, NotFound},
    output::{Format, Output},
    view,
};

/// How many entries are read at once while the chain is proved.
const STRIDE: u32 = 1_000;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read the books in this data folder instead of asking a server; one may be running on it
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = match &args.data {
        Some(data) => in_folder(data)?,
        None => args.connection.open()?.get(&["audit", "verify"], &[])?,
    };
    let holds = answer.get("ok").and_then(Value::as_bool).unwrap_or(false);
    if args.format.json {
        out.json(&answer)?;
    } else {
        let (entries, head) = (view::at(&answer, "/entries"), view::at(&answer, "/head"));
        let verdict = if holds { "the chain holds" } else { "the chain does not hold" };
        out.line(&format!("{verdict}: {entries} entries, head {head}"))?;
        if !holds {
            out.line(&format!("error: {}", view::at(&answer, "/error")))?;
        }
    }
    Ok(if holds { Exit::Done } else { Exit::No })
}

/// Proves the chain in a data folder, in the same words as the server.
fn in_folder(data: &Path) -> anyhow::Result<Value> {
    // The store would make an empty one, and the chain of nothing holds.
    if !data.join("stanch.db").is_file() {
        return Err(
            NotFound(format!("{}: no data folder of `stanch serve`", data.display())).into()
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let store = Store::open(data)?;
    let mut verifier = Verifier::default();
    let mut error = None;
    while error.is_none() {
        let after = verifier.head().0;
        let entries = runtime.block_on(store.read(move |view| view.audit(after, STRIDE)))?;
        if entries.is_empty() {
            break;
        }
        error = entries.iter().try_for_each(|entry| verifier.push(entry)).err();
    }
    let (entries, head) = verifier.head();
    let error = error.map(|error| error.to_string());
    Ok(json!({ "ok": error.is_none(), "entries": entries, "head": head, "error": error }))
}
