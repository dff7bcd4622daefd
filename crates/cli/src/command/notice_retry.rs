//! `notice retry`: a dead notice once more.

use serde_json::json;
use stanch_model::NoticeId;

use crate::{client::Connection, exit::Exit, output::Output};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The notice
    #[arg(value_name = "ID")]
    id: NoticeId,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["notices", &args.id.to_string(), "retry"];
    args.connection.open()?.post(&path, &json!({}))?;
    out.line(&format!("{} is tried again", args.id))?;
    Ok(Exit::Done)
}
