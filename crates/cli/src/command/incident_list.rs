//! `incident list`.

use stanch_model::{Incident, Severity, incident::IncidentStatus};

use crate::args::word;
use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only with this status
    #[arg(long, value_parser = word::<IncidentStatus>(&["new", "acknowledged", "contained", "closed"]))]
    status: Option<IncidentStatus>,
    /// Only of this severity
    #[arg(long, value_parser = word::<Severity>(&["info", "low", "medium", "high", "critical"]))]
    severity: Option<Severity>,
    /// Only those in which this text occurs
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let (status, severity) =
        (args.status.map(|s| view::word(&s)), args.severity.map(Severity::word));
    let query = [("status", status.as_deref()), ("severity", severity), ("q", args.q.as_deref())];
    let list = args.connection.open()?.list(&["incidents"], &query, args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Incident>(&list)?.iter().map(row).collect();
    out.table(&["INCIDENT", "SEVERITY", "STATUS", "ALERTS", "DETECTED", "TITLE"], &rows)?;
    Ok(Exit::Done)
}

fn row(incident: &Incident) -> Vec<String> {
    vec![
        incident.id.to_string(),
        incident.severity.to_string(),
        view::word(&incident.status),
        incident.alert_count.to_string(),
        view::time(incident.detected_at),
        incident.title.clone(),
    ]
}
