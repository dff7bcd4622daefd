//! `playbook publish`: a reviewed version in force.

use serde_json::json;

use crate::{
    args::name,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// The version, as `playbook history` numbers it
    #[arg(value_name = "VERSION")]
    version: u32,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let number = args.version.to_string();
    let path = ["playbooks", &args.name, "versions", &number, "publish"];
    let answer = args.connection.open()?.post(&path, &json!({}))?;
    if args.format.json {
        out.json(&answer)?;
    } else {
        out.line(&format!("version {number} of {} is in force", args.name))?;
    }
    Ok(Exit::Done)
}
