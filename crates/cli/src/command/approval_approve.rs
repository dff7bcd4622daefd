//! `approval approve`: a yes to exactly what was shown.

use serde_json::{Value, json};
use stanch_model::{ApprovalId, guard::Approval};

use crate::{
    client,
    client::Connection,
    exit::Exit,
    output,
    output::{Format, Output},
    view,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The approval
    #[arg(value_name = "ID")]
    id: ApprovalId,
    /// Hash of the plan that the yes is for; without it the plan is shown and that one is meant
    #[arg(long, value_name = "HASH")]
    plan_hash: Option<String>,
    /// Why; kept in the audit
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let client = args.connection.open()?;
    let id = args.id.to_string();
    let plan_hash = match &args.plan_hash {
        Some(hash) => hash.clone(),
        None => show(&client.get(&["approvals", &id], &[])?)?,
    };
    let body = json!({ "plan_hash": plan_hash, "reason": args.reason });
    let answer = client.post(&["approvals", &id, "approve"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let approval: Approval = client::typed(&answer)?;
    let yes = approval.votes.iter().filter(|vote| vote.approve).count();
    let (state, count) = (view::word(&approval.state), approval.terms.count);
    out.line(&format!("{id} is {state}: {yes} of {count} yes"))?;
    Ok(Exit::Done)
}

/// Shows the plan and returns its hash.
fn show(answer: &Value) -> anyhow::Result<String> {
    let approval: Approval = client::typed(answer)?;
    view::approval(&approval).iter().for_each(|line| output::note(line));
    Ok(approval.plan_hash)
}
