//! `containment resolve`: a person found out what became of an act.

use clap::{ArgAction, builder::BoolishValueParser};
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
    /// Whether the act happened
    #[arg(long, value_name = "yes|no", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    happened: bool,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["containments", &args.id.to_string(), "resolve"];
    let answer = args
        .connection
        .open()?
        .post(&path, &json!({ "happened": args.happened, "reason": args.reason }))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let containment: Containment = client::typed(&answer)?;
    out.line(&view::undo_note(&containment))?;
    Ok(Exit::Done)
}
