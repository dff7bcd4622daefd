//! `proposal list`.

use stanch_model::proposal::Proposal;

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only in this state, or `all`
    #[arg(long, default_value = "all", value_parser = ["waiting", "agreed", "applied", "denied", "cancelled", "lapsed", "void", "all"])]
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
    let list = args.connection.open()?.list(&["proposals"], &[("state", state)], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Proposal>(&list)?.iter().map(row).collect();
    out.table(&["PROPOSAL", "STATE", "BY", "DUE", "CHANGES"], &rows)?;
    Ok(Exit::Done)
}

fn row(proposal: &Proposal) -> Vec<String> {
    let due = if proposal.state.is_open() { view::time(proposal.due_at) } else { "-".to_owned() };
    vec![
        proposal.id.to_string(),
        view::word(&proposal.state),
        proposal.proposed_by.clone(),
        due,
        view::short(&proposal.changes.join("; "), 100),
    ]
}
