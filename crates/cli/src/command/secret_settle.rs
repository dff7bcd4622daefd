//! `secret confirm` and `secret revert`: which of two values stays.

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
    /// The secret
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(verb: &str, args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.post(&["secrets", &args.name, verb], &json!({}))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let version = view::at(&answer, "/version");
    out.line(&format!("{}: version {version} is in force, and the only one", args.name))?;
    Ok(Exit::Done)
}
