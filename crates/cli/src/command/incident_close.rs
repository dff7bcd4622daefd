//! `incident close`.

use serde_json::json;
use stanch_model::{Incident, IncidentId, incident::Disposition};

use crate::{
    args::word,
    client,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The incident
    #[arg(value_name = "ID")]
    id: IncidentId,
    /// The verdict: an attack, a harmless cause, a wrong rule, or told by another incident already
    #[arg(long, value_parser = word::<Disposition>(&["true_positive", "benign_trigger", "false_positive", "duplicate"]))]
    disposition: Disposition,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    comment: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["incidents", &args.id.to_string(), "close"];
    let body = json!({ "disposition": args.disposition, "comment": args.comment });
    let answer = args.connection.open()?.post(&path, &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let incident: Incident = client::typed(&answer)?;
    let verdict = incident.disposition.map(|verdict| view::word(&verdict).replace('_', " "));
    out.line(&format!("{} is closed as {}", incident.id, view::or_dash(verdict.as_ref())))?;
    Ok(Exit::Done)
}
