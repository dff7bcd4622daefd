//! `delegation remove`: votes taken back.

use stanch_model::DelegationId;

use crate::{client::Connection, exit::Exit, output::Output};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The delegation
    #[arg(value_name = "ID")]
    id: DelegationId,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    args.connection.open()?.delete(&["delegations", &args.id.to_string()])?;
    out.line(&format!("{} is over", args.id))?;
    Ok(Exit::Done)
}
