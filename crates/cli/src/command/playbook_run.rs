//! `playbook run`.

use serde_json::json;
use stanch_model::{AlertId, run::RunHead};

use crate::{
    args::name,
    client,
    client::Connection,
    exit::Exit,
    fields::Field,
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
    alert: Option<AlertId>,
    /// What it asks for in its `inputs`: NAME=VALUE, where VALUE is JSON, or a text if it is none
    #[arg(long = "input", value_name = "NAME=VALUE")]
    inputs: Vec<Field>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "alert": args.alert, "inputs": Field::object(&args.inputs) });
    let answer = args.connection.open()?.post(&["playbooks", &args.name, "runs"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let head: RunHead = client::typed(&answer)?;
    out.line(&format!("{} is {} in mode {}", head.id, view::word(&head.state), head.mode.word()))?;
    Ok(Exit::Done)
}
