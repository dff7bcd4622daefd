//! `audit list`.

use stanch_model::audit::AuditEntry;

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
    let list = args.connection.open()?.list(&["audit"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<AuditEntry>(&list)?.iter().map(row).collect();
    out.table(&["ENTRY", "AT", "ACTOR", "VERB", "SUBJECT", "DETAIL"], &rows)?;
    Ok(Exit::Done)
}

fn row(entry: &AuditEntry) -> Vec<String> {
    vec![
        entry.sequence.to_string(),
        view::time(entry.at),
        entry.actor.clone(),
        entry.verb.clone(),
        entry.subject.clone(),
        view::short(&entry.detail.to_string(), 120),
    ]
}
