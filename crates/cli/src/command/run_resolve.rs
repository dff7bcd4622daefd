//! `run resolve`: a person found out what became of an act.

use clap::{ArgAction, builder::BoolishValueParser};
use serde_json::json;
use stanch_model::{RunId, run::RunHead};

use crate::{
    args::name,
    client,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The run
    #[arg(value_name = "ID")]
    id: RunId,
    /// The step, as `run unknown` names it
    #[arg(value_name = "STEP", value_parser = name)]
    step: String,
    /// Whether the act happened
    #[arg(long, value_name = "yes|no", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    happened: bool,
    /// How that was found out; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["runs", &args.id.to_string(), "steps", &args.step, "resolve"];
    let body = json!({ "happened": args.happened, "reason": args.reason });
    let answer = args.connection.open()?.post(&path, &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let head: RunHead = client::typed(&answer)?;
    let word = if args.happened { "happened" } else { "did not happen" };
    out.line(&format!("{} of {} {word}: the run goes on from there", args.step, head.id))?;
    Ok(Exit::Done)
}
