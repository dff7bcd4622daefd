//! `person list`.

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
    let list = args.connection.open()?.list(&["people"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let row = |person: &Value| {
        vec![
            view::at(person, "/name"),
            view::at(person, "/role"),
            view::time_at(person, "/created_at"),
        ]
    };
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(&["NAME", "ROLE", "SINCE"], &rows)?;
    Ok(Exit::Done)
}
