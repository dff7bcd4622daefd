//! `question list`.

use serde_json::Value;

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only in this state, or `all`
    #[arg(long, default_value = "waiting", value_parser = ["waiting", "answered", "expired", "all"])]
    state: String,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let state = Some(args.state.as_str()).filter(|state| *state != "all");
    let list = args.connection.open()?.list(&["questions"], &[("state", state)], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(&["QUESTION", "STATE", "LAPSES", "OPTIONS", "ANSWER", "TEXT"], &rows)?;
    Ok(Exit::Done)
}

fn row(question: &Value) -> Vec<String> {
    vec![
        view::at(question, "/id"),
        view::at(question, "/state"),
        view::time_at(question, "/expires_at"),
        view::at(question, "/options"),
        view::at(question, "/answer"),
        view::at(question, "/text"),
    ]
}
