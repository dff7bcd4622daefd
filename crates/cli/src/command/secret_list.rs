//! `secret list`: names, versions, who and when; the values are nowhere.

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
    let list = args.connection.open()?.list(&["secrets"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(&["SECRET", "FOR", "VERSION", "KEPT", "SET BY", "AT", "USED BY"], &rows)?;
    Ok(Exit::Done)
}

fn row(secret: &Value) -> Vec<String> {
    vec![
        view::at(secret, "/name"),
        view::at(secret, "/purpose"),
        view::at(secret, "/version"),
        view::at(secret, "/previous"),
        view::at(secret, "/set_by"),
        view::time_at(secret, "/set_at"),
        view::at(secret, "/used_by"),
    ]
}
