//! `proposal show`.

use stanch_model::{ProposalId, proposal::Proposal};

use crate::{
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The proposal
    #[arg(value_name = "ID")]
    id: ProposalId,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.get(&["proposals", &args.id.to_string()], &[])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let proposal: Proposal = client::typed(&answer)?;
    view::proposal(&proposal).iter().try_for_each(|line| out.line(line))?;
    Ok(Exit::Done)
}
