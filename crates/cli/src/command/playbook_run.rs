//! `playbook run`.

use serde_json::json;
use stanch_model::{AlertId, run::RunHead};

use crate::{
    args::name,
    client,
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
    /// The alert to start it for
    #[arg(long, value_name = "ID")]
    alert: AlertId,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "alert": args.alert });
    let answer = args.connection.open()?.post(&["playbooks", &args.name, "runs"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let head: RunHead = client::typed(&answer)?;
    out.line(&format!("{} is {} in mode {}", head.id, view::word(&head.state), head.mode.word()))?;
    Ok(Exit::Done)
}
