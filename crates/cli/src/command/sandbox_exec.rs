//! `sandbox-exec`: what this program starts itself as, to become a script with no rights.

use stanch_connector::script;

use crate::{exit::Exit, output::Output};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What is allowed, as JSON
    #[arg(value_name = "TASK")]
    task: String,
}

/// Returns only if one layer was to be tried, or if a right could not be taken away.
pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let found = script::enter(&args.task)?;
    out.line(&found)?;
    Ok(Exit::Done)
}
