//! `playbook mode`.

use serde_json::json;
use stanch_model::guard::Mode;

use crate::{
    args::{name, word},
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// How far it is trusted: it plans, it asks before every act, or the guard decides
    #[arg(value_name = "MODE", value_parser = word::<Mode>(&["shadow", "assist", "auto"]))]
    mode: Mode,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "mode": args.mode });
    let answer = args.connection.open()?.put(&["playbooks", &args.name, "mode"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{} is in mode {}", args.name, view::at(&answer, "/mode")))?;
    Ok(Exit::Done)
}
