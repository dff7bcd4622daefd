//! `run cancel`.

use serde_json::json;
use stanch_model::{RunId, run::RunHead};

use crate::{
    client,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The run
    #[arg(value_name = "ID")]
    id: RunId,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["runs", &args.id.to_string(), "cancel"];
    let answer = args.connection.open()?.post(&path, &json!({ "reason": args.reason }))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let head: RunHead = client::typed(&answer)?;
    out.line(&format!("{} is {}", head.id, view::word(&head.state)))?;
    Ok(Exit::Done)
}
