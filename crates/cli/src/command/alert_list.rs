//! `alert list`.

use stanch_model::Alert;

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
    let list = args.connection.open()?.list(&["alerts"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Alert>(&list)?.iter().map(row).collect();
    out.table(&["ALERT", "SEVERITY", "COUNT", "LAST SEEN", "INCIDENT", "SOURCE", "RULE"], &rows)?;
    Ok(Exit::Done)
}

fn row(alert: &Alert) -> Vec<String> {
    vec![
        alert.id.to_string(),
        alert.severity.to_string(),
        alert.count.to_string(),
        view::time(alert.last_seen_at),
        view::or_dash(alert.incident.as_ref()),
        alert.source.clone(),
        alert.rule.title.clone(),
    ]
}
