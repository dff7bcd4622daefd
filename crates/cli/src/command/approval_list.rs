//! `approval list`.

use stanch_model::guard::Approval;

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only in this state, or `all`
    #[arg(long, default_value = "waiting", value_parser = ["waiting", "approved", "denied", "expired", "void", "all"])]
    state: String,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let state = Some(args.state.as_str()).filter(|state| *state != "all");
    let list = args.connection.open()?.list(&["approvals"], &[("state", state)], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Approval>(&list)?.iter().map(row).collect();
    out.table(&["APPROVAL", "STATE", "PLAYBOOK", "INCIDENT", "LAPSES", "ACTIONS"], &rows)?;
    Ok(Exit::Done)
}

fn row(approval: &Approval) -> Vec<String> {
    let acts = approval.plan.actions.iter().map(|action| match &action.target {
        Some(target) => format!("{} {target}", action.name),
        None => action.name.clone(),
    });
    vec![
        approval.id.to_string(),
        view::word(&approval.state),
        approval.playbook.clone(),
        view::or_dash(approval.incident.as_ref()),
        view::time(approval.expires_at),
        acts.collect::<Vec<_>>().join(", "),
    ]
}
