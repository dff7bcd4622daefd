//! `run unknown`: acts of which nobody knows whether they happened.

use stanch_engine::UnknownOutcome;

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
    let list = args.connection.open()?.list(&["unknown-outcomes"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<UnknownOutcome>(&list)?.iter().map(row).collect();
    out.table(&["RUN", "STEP", "SINCE", "ACT", "TARGET", "WHY"], &rows)?;
    Ok(Exit::Done)
}

fn row(unknown: &UnknownOutcome) -> Vec<String> {
    vec![
        unknown.run.to_string(),
        unknown.step.to_string(),
        view::time(unknown.at),
        unknown.action.title.clone(),
        view::or_dash(unknown.action.target.as_ref()),
        unknown.why.clone(),
    ]
}
