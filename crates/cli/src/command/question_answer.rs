//! `question answer`.

use serde_json::json;

use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    fields::Field,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The question, as `question list` names it
    #[arg(value_name = "ID", value_parser = name)]
    id: String,
    /// One of its options
    #[arg(value_name = "ANSWER", required_unless_present = "fields", conflicts_with = "fields")]
    answer: Option<String>,
    /// A field of a form: NAME=VALUE, where VALUE is JSON, or a text if it is none
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<Field>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["questions", &args.id, "answer"];
    let body = match &args.answer {
        Some(answer) => json!({ "answer": answer }),
        None => json!({ "values": Field::object(&args.fields) }),
    };
    let answer = args.connection.open()?.post(&path, &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{} is {}", args.id, view::at(&answer, "/state")))?;
    Ok(Exit::Done)
}
