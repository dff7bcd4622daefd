//! `person create`: the password comes by standard input, so that it stands in no list of processes.

use std::io::Read as _;

use anyhow::Context as _;
use serde_json::json;
use stanch_model::people::Role;

use crate::{
    args::word,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

/// Longest password that is read, in bytes; the server takes no longer one.
const PASSWORD_BYTES_MAX: u64 = 1_024;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Login name, unique
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What they may do
    #[arg(long, value_parser = word::<Role>(&["viewer", "responder", "admin"]))]
    role: Role,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let mut password = String::new();
    std::io::stdin()
        .take(PASSWORD_BYTES_MAX + 2)
        .read_to_string(&mut password)
        .context("reading the password from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']);
    let body = json!({ "name": args.name, "role": args.role, "password": password });
    let answer = args.connection.open()?.post(&["people"], &body)?;
    if args.format.json {
        out.json(&answer)?;
    } else {
        out.line(&format!("{} may sign in as {}", args.name, view::at(&answer, "/role")))?;
    }
    Ok(Exit::Done)
}
