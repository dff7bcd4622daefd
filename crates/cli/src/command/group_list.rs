//! `group list`.

use stanch_model::people::Group;

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
    let list = args.connection.open()?.list(&["groups"], &[], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Group>(&list)?.iter().map(row).collect();
    out.table(&["GROUP", "SINCE", "PEOPLE"], &rows)?;
    Ok(Exit::Done)
}

fn row(group: &Group) -> Vec<String> {
    let people = if group.members.is_empty() { "-".to_owned() } else { group.members.join(", ") };
    vec![group.name.clone(), view::time(group.created_at), people]
}
