//! `run signal`: something outside is done, and a run that waits for it goes on.

use serde_json::json;
use stanch_model::{RunId, run::RunHead};

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
    /// The run
    #[arg(value_name = "ID")]
    id: RunId,
    /// The signal, as the playbook names it
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What comes with it: NAME=VALUE, where VALUE is JSON, or a text if it is none
    #[arg(long = "data", value_name = "NAME=VALUE")]
    data: Vec<Field>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["runs", &args.id.to_string(), "signals", &args.name];
    let body = json!({ "data": Field::object(&args.data) });
    let answer = args.connection.open()?.post(&path, &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let head: RunHead = client::typed(&answer)?;
    out.line(&format!("{} has {}; it was {}", head.id, args.name, view::word(&head.state)))?;
    Ok(Exit::Done)
}
