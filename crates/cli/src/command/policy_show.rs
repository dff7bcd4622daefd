//! `policy show`: what the guard holds to now.

use stanch_store::PolicyVersion;

use crate::{
    client::{self, Connection},
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.get(&["policy"], &[])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let policy: PolicyVersion = client::typed(&answer)?;
    let from = if policy.from_file { "the configuration" } else { "a proposal" };
    let (version, since) = (policy.version, view::time(policy.since));
    out.line(&format!("version {version}, in force since {since}, from {from} of {}", policy.by))?;
    out.line(&format!("digest: {}", policy.digest))?;
    out.json(&policy.policy)?;
    Ok(Exit::Done)
}
