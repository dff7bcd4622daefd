//! `token remove`.

use stanch_model::TokenId;

use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The token, as `token list` names it; not its secret
    #[arg(value_name = "ID")]
    id: TokenId,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let answer = args.connection.open()?.delete(&["tokens", &args.id.to_string()])?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    out.line(&format!("{} opens nothing any more", args.id))?;
    Ok(Exit::Done)
}
