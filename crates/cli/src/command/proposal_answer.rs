//! `proposal approve`, `proposal deny` and `proposal cancel`.

use serde_json::json;
use stanch_model::{ProposalId, proposal::Proposal};

use crate::{
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

/// A yes.
#[derive(clap::Args, Debug)]
pub(crate) struct Approve {
    /// The proposal
    #[arg(value_name = "ID")]
    id: ProposalId,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

/// A no, or a way back.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The proposal
    #[arg(value_name = "ID")]
    id: ProposalId,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn approve(args: &Approve, out: &mut Output) -> anyhow::Result<Exit> {
    answer(&args.connection, (args.id, "approve", &args.reason), args.format, out)
}

pub(crate) fn run(verb: &str, args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    answer(&args.connection, (args.id, verb, &args.reason), args.format, out)
}

fn answer(
    connection: &Connection,
    (id, verb, reason): (ProposalId, &str, &str),
    format: Format,
    out: &mut Output,
) -> anyhow::Result<Exit> {
    let path = ["proposals", &id.to_string(), verb];
    let answer = connection.open()?.post(&path, &json!({ "reason": reason }))?;
    if format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let proposal: Proposal = client::typed(&answer)?;
    view::proposal(&proposal).iter().try_for_each(|line| out.line(line))?;
    Ok(Exit::Done)
}
