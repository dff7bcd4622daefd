//! Plans: what would be done, to what, why, and how it is taken back.

use std::collections::BTreeMap;

use stanch_model::{
    duration,
    guard::{Approval, BlastRadius, Reason},
    plan::{Plan, PlannedAction, StepKey},
};

use super::{or_dash, time, word};

/// An approval with all that a yes rests on, one line each.
pub(crate) fn approval(approval: &Approval) -> Vec<String> {
    let mut lines = vec![
        format!("{} ({})", approval.id, word(&approval.state)),
        format!(
            "run {} of {}, requested by {}, incident {}",
            approval.run,
            approval.playbook,
            approval.requested_by,
            or_dash(approval.incident.as_ref())
        ),
        format!("asked {}, lapses {}", time(approval.asked_at), time(approval.expires_at)),
        format!("wanted: {}", terms(approval)),
    ];
    let why = |key: &StepKey| approval.reasons.get(&key.0).map_or(&[][..], Vec::as_slice);
    lines.extend(actions(&approval.plan, why));
    lines.extend(
        approval.plan.evidence.iter().map(|found| {
            format!("evidence: {} {} answered {}", found.key, found.name, found.output)
        }),
    );
    lines.extend(approval.plan.stops_at.iter().map(|why| format!("stops at: {why}")));
    lines.push(blast_radius(&approval.blast_radius));
    lines.extend(approval.votes.iter().map(|vote| {
        let said = if vote.approve { "yes" } else { "no" };
        let why = if vote.reason.is_empty() { "no reason given" } else { &vote.reason };
        format!("{} said {said} at {}: {why}", vote.by, time(vote.at))
    }));
    lines.push(format!("plan hash: {}", approval.plan_hash));
    lines
}

fn terms(approval: &Approval) -> String {
    let who = if approval.terms.not_requester { ", not the requester" } else { "" };
    format!("{} yes within {}{who}", approval.terms.count, duration::format(approval.terms.within))
}

/// The actions of a plan, each with the guard's reasons.
pub(crate) fn actions<'a>(plan: &Plan, why: impl Fn(&StepKey) -> &'a [Reason]) -> Vec<String> {
    if plan.actions.is_empty() {
        return vec!["no action".to_owned()];
    }
    let mut lines = Vec::new();
    for (number, action) in (1..).zip(&plan.actions) {
        lines.push(format!("{number}. {}", headline(action)));
        let input = &action.input;
        lines.push(format!(
            "     step {}, {} by {}, input {input}",
            action.key,
            action.name,
            via(action)
        ));
        let undo = action.undo.as_deref().unwrap_or("cannot be undone");
        let expires = action.expires.map_or_else(
            || "stays until undone".to_owned(),
            |after| format!("lifted after {}", duration::format(after)),
        );
        lines.push(format!("     undo: {undo}; {expires}"));
        lines.extend(reasons(why(&action.key)).into_iter().map(|reason| format!("     {reason}")));
    }
    lines
}

fn headline(action: &PlannedAction) -> String {
    let target = action.target.as_ref().map(|target| format!(": {target}")).unwrap_or_default();
    let practice = if action.practice { " (practice target)" } else { "" };
    format!("{}{target}{practice}", action.title)
}

fn via(action: &PlannedAction) -> String {
    if action.instance == action.connector {
        action.instance.clone()
    } else {
        format!("{} ({})", action.instance, action.connector)
    }
}

/// Why the guard decided as it did.
pub(crate) fn reasons(reasons: &[Reason]) -> Vec<String> {
    reasons.iter().map(|reason| format!("{}: {}", reason.rule, reason.text)).collect()
}

/// What a plan would touch.
pub(crate) fn blast_radius(radius: &BlastRadius) -> String {
    let named: BTreeMap<&str, &[String]> = BTreeMap::from([
        ("hosts", radius.hosts.as_slice()),
        ("users", radius.users.as_slice()),
        ("addresses", radius.addresses.as_slice()),
    ]);
    let named: Vec<String> = named
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(kind, values)| format!("{kind} {}", values.join(", ")))
        .collect();
    let touched = if named.is_empty() { "nothing".to_owned() } else { named.join("; ") };
    format!(
        "touches {touched}; {} can be undone, {} cannot; in {} other open incidents, {} alerts in 24 h",
        radius.reversible, radius.irreversible, radius.other_incidents, radius.alerts_24h
    )
}
