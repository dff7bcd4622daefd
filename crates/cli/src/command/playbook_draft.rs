//! `playbook draft`: a text that somebody else is to review.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::{
    args::name,
    client::{self, Connection},
    exit::Exit,
    output::{self, Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook, new or not
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// The whole text
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Why it is changed; kept with the version
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("reading {}", args.file.display()))?;
    let body = json!({ "text": text, "note": args.note });
    let sent = args.connection.open()?.post(&["playbooks", &args.name, "versions"], &body);
    if let Err(client::Error::Problem { findings, .. }) = &sent {
        findings.iter().for_each(|finding| tell(args, finding));
    }
    let answer = sent?;
    let found = answer.get("findings").and_then(Value::as_array).into_iter().flatten();
    found.for_each(|finding| tell(args, finding));
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let number = view::at(&answer, "/number");
    out.line(&format!("version {number} of {} waits for a review by somebody else", args.name))?;
    Ok(Exit::Done)
}

fn tell(args: &Args, finding: &Value) {
    let at = |pointer: &str| view::at(finding, pointer);
    let (line, column) = (at("/span/line"), at("/span/column"));
    let file = args.file.display();
    output::note(&format!("{file}:{line}:{column} {} {}", at("/code"), at("/message")));
    output::note(&format!("    help: {}", at("/help")));
}
