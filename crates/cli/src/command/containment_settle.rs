//! `containment undo` takes one back; `containment accept` takes what its target shows for right.

use serde_json::json;
use stanch_model::{ContainmentId, containment::Containment};

use crate::{
    client,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The containment
    #[arg(value_name = "ID")]
    id: ContainmentId,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(verb: &str, args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["containments", &args.id.to_string(), verb];
    let answer = args.connection.open()?.post(&path, &json!({ "reason": args.reason }))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let containment: Containment = client::typed(&answer)?;
    out.line(&view::undo_note(&containment))?;
    Ok(Exit::Done)
}
