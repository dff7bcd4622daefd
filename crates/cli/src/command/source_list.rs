//! `source list`.

use serde_json::Value;

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let list = args.connection.open()?.list(&["sources"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(&["SOURCE", "TRUST", "EVENTS", "DEAD LETTERS", "LAST EVENT"], &rows)?;
    Ok(Exit::Done)
}

fn row(source: &Value) -> Vec<String> {
    vec![
        view::at(source, "/name"),
        view::at(source, "/trust"),
        view::at(source, "/events"),
        view::at(source, "/dead_letters"),
        view::time_at(source, "/last_event_at"),
    ]
}
