//! `group delete`.

use crate::{args::name, client::Connection, exit::Exit, output::Output};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The group; what is asked of it is then asked of nobody
    #[arg(value_name = "GROUP", value_parser = name)]
    group: String,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    args.connection.open()?.delete(&["groups", &args.group])?;
    out.line(&format!("{} is no group any more", args.group))?;
    Ok(Exit::Done)
}
