//! `question answer`.

use serde_json::json;

use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The question, as `question list` names it
    #[arg(value_name = "ID", value_parser = name)]
    id: String,
    /// One of its options
    #[arg(value_name = "ANSWER")]
    answer: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["questions", &args.id, "answer"];
    let answer = args.connection.open()?.post(&path, &json!({ "answer": args.answer }))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{} is {}", args.id, view::at(&answer, "/state")))?;
    Ok(Exit::Done)
}
