//! `incident acknowledge`.

use serde_json::json;
use stanch_model::{Incident, IncidentId};

use crate::{
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
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["incidents", &args.id.to_string(), "acknowledge"];
    let answer = args.connection.open()?.post(&path, &json!({}))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let incident: Incident = client::typed(&answer)?;
    let (id, status) = (incident.id, view::word(&incident.status));
    out.line(&format!("{id} is {status}; it is {}'s", view::or_dash(incident.owner.as_ref())))?;
    Ok(Exit::Done)
}
