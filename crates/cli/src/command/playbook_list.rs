//! `playbook list`.

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
    let list = args.connection.open()?.list(&["playbooks"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Value>(&list)?.iter().map(row).collect();
    out.table(&["PLAYBOOK", "MODE", "AT MOST", "MISSING HERE", "TITLE"], &rows)?;
    Ok(Exit::Done)
}

fn row(playbook: &Value) -> Vec<String> {
    vec![
        view::at(playbook, "/name"),
        view::at(playbook, "/mode"),
        view::at(playbook, "/max_mode"),
        view::at(playbook, "/unbound"),
        view::at(playbook, "/title"),
    ]
}
