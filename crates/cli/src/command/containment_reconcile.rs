//! `containment reconcile`: the ledger compared with its targets.

use serde_json::json;
use stanch_engine::acting::Reconciliation;

use crate::{
    client,
    client::Connection,
    exit::Exit,
    output::{self, Format, Output},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Let a restored instance act although some targets cannot be asked
    #[arg(long, requires = "reason")]
    accept_unreadable: bool,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let order = json!({
        "accept_unreadable": args.accept_unreadable,
        "reason": args.reason.as_deref().unwrap_or_default(),
    });
    let answer = args.connection.open()?.post(&["containments", "reconcile"], &order)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let found: Reconciliation = client::typed(&answer)?;
    for (count, what) in [
        (found.checked, "looked up at their targets"),
        (found.missing, "gone from the target though the ledger holds them"),
        (found.still_there, "at the target though the ledger says undone"),
        (found.unreadable, "whose target could not be asked"),
        (found.not_checkable, "whose connector has no way to ask"),
    ] {
        out.line(&format!("{count:>5}  {what}"))?;
    }
    if found.missing + found.still_there + found.unreadable > 0 {
        output::note("`stanch containment list` shows which; `undo` or `accept` them one by one");
    }
    Ok(Exit::Done)
}
