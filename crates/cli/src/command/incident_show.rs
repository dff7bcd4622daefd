//! `incident show`.

use std::io;

use serde::Deserialize;
use stanch_model::{
    Alert, Incident, IncidentId, containment::Containment, guard::Approval,
    incident::TimelineEntry, run::RunHead,
};

use crate::{
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The incident
    #[arg(value_name = "ID")]
    id: IncidentId,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

/// The answer of `GET /incidents/{id}`.
#[derive(Deserialize)]
struct Detail {
    incident: Incident,
    alerts: Vec<Alert>,
    timeline: Vec<TimelineEntry>,
    runs: Vec<RunHead>,
    approvals: Vec<Approval>,
    containments: Vec<Containment>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.get(&["incidents", &args.id.to_string()], &[])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let detail: Detail = client::typed(&answer)?;
    head(&detail.incident, out)?;
    work(&detail, out)?;
    out.line("")?;
    let row = |entry: &TimelineEntry| {
        vec![view::time(entry.at), entry.kind.clone(), entry.actor.clone(), entry.text.clone()]
    };
    let rows: Vec<_> = detail.timeline.iter().map(row).collect();
    out.table(&["AT", "KIND", "WHO", "WHAT"], &rows)?;
    Ok(Exit::Done)
}

fn head(incident: &Incident, out: &mut Output) -> io::Result<()> {
    let Incident { id, title, severity, status, .. } = incident;
    out.line(&format!("{id} ({severity}, {})", view::word(status)))?;
    out.line(title)?;
    if let Some(disposition) = &incident.disposition {
        out.line(&format!("disposition: {}", view::word(disposition)))?;
    }
    out.line(&format!(
        "occurred {}, detected {}, acknowledged {}, contained {}, closed {}",
        view::time(incident.occurred_at),
        view::time(incident.detected_at),
        view::time_or_dash(incident.acknowledged_at),
        view::time_or_dash(incident.contained_at),
        view::time_or_dash(incident.closed_at)
    ))?;
    if !incident.techniques.is_empty() {
        out.line(&format!("techniques: {}", incident.techniques.join(", ")))?;
    }
    let seen: Vec<String> = incident.observables.iter().map(ToString::to_string).collect();
    out.line(&format!(
        "observables: {}",
        if seen.is_empty() { "-".to_owned() } else { seen.join(", ") }
    ))
}

/// What was found, and what is done about it.
fn work(detail: &Detail, out: &mut Output) -> io::Result<()> {
    for alert in &detail.alerts {
        let Alert { id, severity, rule, count, .. } = alert;
        out.line(&format!("alert {id} ({severity}, seen {count}): {}", rule.title))?;
    }
    for run in &detail.runs {
        let state = view::word(&run.state);
        out.line(&format!("run {} ({state}): {} {}", run.id, run.playbook, run.note))?;
    }
    for approval in &detail.approvals {
        let (state, count) = (view::word(&approval.state), approval.plan.actions.len());
        out.line(&format!("approval {} ({state}): {count} actions", approval.id))?;
    }
    for containment in &detail.containments {
        out.line(&format!("containment {}", view::undo_note(containment)))?;
    }
    Ok(())
}
