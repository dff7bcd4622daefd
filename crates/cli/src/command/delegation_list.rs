//! `delegation list`: who answers for whom.

use stanch_model::people::Delegation;

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
    let list = args.connection.open()?.list(&["delegations"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Delegation>(&list)?.iter().map(row).collect();
    out.table(&["DELEGATION", "AWAY", "ANSWERS", "SINCE", "UNTIL", "ENDED", "WHY"], &rows)?;
    Ok(Exit::Done)
}

fn row(delegation: &Delegation) -> Vec<String> {
    vec![
        delegation.id.to_string(),
        delegation.from.clone(),
        delegation.to.clone(),
        view::time(delegation.since),
        view::time(delegation.until),
        view::time_or_dash(delegation.ended_at),
        view::short(&delegation.reason, 60),
    ]
}
