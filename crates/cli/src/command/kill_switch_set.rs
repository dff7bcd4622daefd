//! `kill-switch on` and `kill-switch off`.

use serde_json::json;

use super::kill_switch_show::show;
use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(engaged: bool, args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "engaged": engaged, "reason": args.reason });
    let answer = args.connection.open()?.put(&["kill-switch"], &body)?;
    if args.format.json {
        out.json(&answer)?
    } else {
        show(&answer, out)?
    }
    Ok(Exit::Done)
}
