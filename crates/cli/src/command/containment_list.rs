//! `containment list`.

use stanch_model::containment::Containment;

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only those whose target may still be contained
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let live = args.live.then_some("true");
    let list = args.connection.open()?.list(&["containments"], &[("live", live)], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Containment>(&list)?.iter().map(row).collect();
    out.table(
        &[
            "CONTAINMENT",
            "STATE",
            "ACTION",
            "TARGET",
            "BY",
            "PRACTICE",
            "VERIFIED",
            "EXPIRES",
            "NOTE",
        ],
        &rows,
    )?;
    Ok(Exit::Done)
}

fn row(containment: &Containment) -> Vec<String> {
    let action = &containment.action;
    vec![
        containment.id.to_string(),
        view::word(&containment.state),
        action.name.clone(),
        containment.target.to_string(),
        action.instance.clone(),
        if action.practice { "yes" } else { "no" }.to_owned(),
        view::time_or_dash(containment.verified_at),
        view::time_or_dash(containment.expires_at),
        match &containment.drift {
            Some(drift) => format!("DRIFT: {}", drift.note),
            None => containment.note.clone(),
        },
    ]
}
