//! `policy propose`: in force at once if it loosens nothing, else it takes a second person and time.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;
use stanch_model::proposal::Proposal;

use crate::{
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The whole policy, in YAML as below `policy:` in the configuration
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("reading {}", args.file.display()))?;
    let body = json!({ "text": text, "reason": args.reason });
    let answer = args.connection.open()?.post(&["policy", "proposals"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let proposal: Proposal = client::typed(&answer)?;
    view::proposal(&proposal).iter().try_for_each(|line| out.line(line))?;
    Ok(Exit::Done)
}
