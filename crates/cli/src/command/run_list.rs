//! `run list`.

use stanch_model::{IncidentId, run::RunHead};

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only those for this incident
    #[arg(long, value_name = "ID")]
    incident: Option<IncidentId>,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let incident = args.incident.as_ref().map(ToString::to_string);
    let query = [("incident", incident.as_deref())];
    let list = args.connection.open()?.list(&["runs"], &query, args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<RunHead>(&list)?.iter().map(row).collect();
    out.table(&["RUN", "STATE", "MODE", "PLAYBOOK", "INCIDENT", "STARTED", "NOTE"], &rows)?;
    Ok(Exit::Done)
}

fn row(head: &RunHead) -> Vec<String> {
    vec![
        head.id.to_string(),
        view::word(&head.state),
        head.mode.word().to_owned(),
        head.playbook.clone(),
        view::or_dash(head.incident.as_ref()),
        view::time(head.started_at),
        head.note.clone(),
    ]
}
