//! `incident comment`.

use serde_json::json;
use stanch_model::IncidentId;

use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The incident
    #[arg(value_name = "ID")]
    id: IncidentId,
    /// What to add to its timeline
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["incidents", &args.id.to_string(), "comments"];
    let answer = args.connection.open()?.post(&path, &json!({ "text": args.text }))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{} has the comment", args.id))?;
    Ok(Exit::Done)
}
