//! `delegation create`: one's own votes, given to somebody for a time.

use serde_json::json;
use stanch_model::Time;

use crate::{
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Login name of whoever answers for you
    #[arg(long, value_name = "PERSON")]
    to: String,
    /// From when on, as in 2026-08-01T00:00:00Z; now if absent
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
    /// Until when, at most 90 days later
    #[arg(long, value_name = "TIME")]
    until: Time,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({
        "to": args.to, "since": args.since, "until": args.until, "reason": args.reason,
    });
    let answer = args.connection.open()?.post(&["delegations"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let at = |pointer: &str| view::at(&answer, pointer);
    let (since, until) = (view::time_at(&answer, "/since"), view::time_at(&answer, "/until"));
    let (id, to, from) = (at("/id"), at("/to"), at("/from"));
    out.line(&format!("{id}: {to} answers for {from} from {since} until {until}"))?;
    Ok(Exit::Done)
}
