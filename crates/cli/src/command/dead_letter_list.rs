//! `dead-letter list`.

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
    let list = args.connection.open()?.list(&["dead-letters"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(&["ID", "AT", "SOURCE", "LINE", "REASON", "RAW"], &rows)?;
    Ok(Exit::Done)
}

fn row(letter: &Value) -> Vec<String> {
    vec![
        view::at(letter, "/id"),
        view::time_at(letter, "/at"),
        view::at(letter, "/source"),
        view::at(letter, "/line"),
        view::at(letter, "/reason"),
        view::short(&view::at(letter, "/raw"), 200),
    ]
}
