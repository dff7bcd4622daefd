//! `group create`.

use serde_json::json;

use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Its name: small letters, digits and `-`
    #[arg(value_name = "GROUP")]
    group: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.post(&["groups"], &json!({ "name": args.group }))?;
    if args.format.json {
        out.json(&answer)?;
    } else {
        out.line(&format!("{} is a group; nobody is in it yet", args.group))?;
    }
    Ok(Exit::Done)
}
