//! `notice list`: what people were told, and what did not go out.

use stanch_model::notice::{Channel, Notice};

use crate::{
    client::{self, Connection, Limit},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only in this state, or `all`
    #[arg(long, default_value = "all", value_parser = ["waiting", "sent", "dead", "all"])]
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
    let list = args.connection.open()?.list(&["notices"], &[("state", state)], args.limit)?;
    if args.format.json {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = client::items::<Notice>(&list)?.iter().map(row).collect();
    out.table(&["NOTICE", "STATE", "WRITTEN", "TRIES", "TO", "ABOUT", "WHY NOT"], &rows)?;
    Ok(Exit::Done)
}

fn row(notice: &Notice) -> Vec<String> {
    let to = match &notice.channel {
        Channel::Mail { person, to } => format!("{person} <{to}>"),
        Channel::Webhook { name } => format!("webhook {name}"),
    };
    let why = if notice.error.is_empty() { "-".to_owned() } else { view::short(&notice.error, 80) };
    vec![
        notice.id.to_string(),
        view::word(&notice.state),
        view::time(notice.created_at),
        notice.tries.to_string(),
        to,
        view::short(&notice.title, 60),
        why,
    ]
}
