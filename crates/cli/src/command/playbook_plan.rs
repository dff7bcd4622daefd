//! `playbook plan`: what would be done, with no side effect.

use std::io::Read as _;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use stanch_model::{
    AlertId,
    guard::{BlastRadius, Decision, Reason},
    plan::{Plan, StepKey},
};

use crate::{
    args::name,
    client::{self, Connection},
    exit::{Exit, Usage},
    output::{Format, Output},
    view, walk,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The playbook
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// The alert: its id, or a JSON file in the shape that expressions see (`-` for stdin)
    #[arg(long, value_name = "ID|FILE")]
    alert: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

/// The answer of `POST /playbooks/{name}/plan`.
#[derive(Deserialize)]
struct Planned {
    plan: Plan,
    plan_hash: String,
    decisions: Vec<Decided>,
    blast_radius: BlastRadius,
}

#[derive(Deserialize)]
struct Decided {
    key: String,
    decision: Decision,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let body = json!({ "alert": alert(&args.alert)? });
    let answer = args.connection.open()?.post(&["playbooks", &args.name, "plan"], &body)?;
    if args.format.json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let planned: Planned = client::typed(&answer)?;
    let decided = |key: &StepKey| planned.decisions.iter().find(|found| found.key == key.0);
    let why =
        |key: &StepKey| -> &[Reason] { decided(key).map_or(&[], |found| found.decision.reasons()) };
    for line in view::actions(&planned.plan, why) {
        out.line(&line)?;
    }
    for Decided { key, decision } in &planned.decisions {
        let verdict = match decision {
            Decision::Allow { .. } => "would be allowed",
            Decision::Ask { .. } => "would wait for an approval",
            Decision::Refuse { .. } => "would be refused",
        };
        out.line(&format!("guard: {key} {verdict}"))?;
    }
    for found in &planned.plan.evidence {
        out.line(&format!("evidence: {} {} answered {}", found.key, found.name, found.output))?;
    }
    if let Some(why) = &planned.plan.stops_at {
        out.line(&format!("stops at: {why}"))?;
    }
    out.line(&view::blast_radius(&planned.blast_radius))?;
    out.line(&format!("plan hash: {}", planned.plan_hash))?;
    Ok(Exit::Done)
}

/// An alert's id as it is, or the object in a file.
fn alert(text: &str) -> anyhow::Result<Value> {
    if text.parse::<AlertId>().is_ok() {
        return Ok(Value::from(text));
    }
    let bytes = if text == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("read stdin")?;
        bytes
    } else {
        walk::read(text)
            .context("--alert is neither an alert's id (alr_…) nor a file that can be read")?
    };
    let parsed = serde_json::from_slice::<serde_json::Map<String, Value>>(&bytes);
    let alert = parsed.map_err(|error| Usage(format!("{text}: no JSON object: {error}")))?;
    Ok(Value::Object(alert))
}
