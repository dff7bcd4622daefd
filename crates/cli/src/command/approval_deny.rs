//! `approval deny`.

use serde_json::json;
use stanch_model::{ApprovalId, guard::Approval};

use crate::{
    client,
    client::Connection,
    exit::Exit,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The approval
    #[arg(value_name = "ID")]
    id: ApprovalId,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let path = ["approvals", &args.id.to_string(), "deny"];
    let answer = args.connection.open()?.post(&path, &json!({ "reason": args.reason }))?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let approval: Approval = client::typed(&answer)?;
    out.line(&format!("{} is {}", approval.id, view::word(&approval.state)))?;
    Ok(Exit::Done)
}
