//! `group add` and `group remove`: who is in it.

use serde_json::json;

use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The group
    #[arg(value_name = "GROUP", value_parser = name)]
    group: String,
    /// Login name
    #[arg(value_name = "PERSON", value_parser = name)]
    person: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(is_in: bool, args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let client = args.connection.open()?;
    let answer = match is_in {
        true => client.post(&["groups", &args.group, "members"], &json!({ "person": args.person })),
        false => client.delete(&["groups", &args.group, "members", &args.person]),
    }?;
    if args.format.json {
        out.json(&answer)?;
    } else {
        out.line(&format!("in {}: {}", args.group, view::at(&answer, "/members")))?;
    }
    Ok(Exit::Done)
}
