//! Rules about what the act does: can it be undone, does it end, has there been enough of it.

use stanch_model::{duration, manifest::EffectClass};

use super::{Case, Finding};
use crate::{budget::counters, facts::Counted};

pub(super) fn irreversible(case: &Case<'_>) -> Option<Finding> {
    (case.action.effect == EffectClass::Irreversible)
        .then(|| Finding::ask(1, "it cannot be undone"))
}

pub(super) fn expiry(case: &Case<'_>) -> Option<Finding> {
    let for_ever = case.action.effect == EffectClass::Reversible && case.action.expires.is_none();
    for_ever.then(|| Finding::ask(1, "it has no expiry and would stay until somebody undoes it"))
}

/// Counted by intents: an act with an unknown outcome counts, and an undo gives nothing back.
pub(super) fn budget(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let Case { policy, facts, action, .. } = case;
    if facts.class.is_empty() {
        return Some(Finding::refuse("what the act is counted as is not known"));
    }
    let counters = counters(policy, &facts.class, action, &facts.playbook, facts.fleet_size);
    let mut used = Vec::new();
    for counter in &counters {
        let (class, window) = (&counter.class, duration::format(counter.window));
        let Some(Counted { intents, .. }) = facts.counts.iter().find(|c| &c.counter == counter)
        else {
            return Some(Finding::refuse(format!("how often {class} acted is not known")));
        };
        let limit = counter.limit;
        if *intents >= limit {
            let text = format!("{class} acted {intents} times in {window}; the limit is {limit}");
            return Some(Finding::refuse(text));
        }
        used.push(format!("{class} {intents} of {limit} in {window}"));
    }
    Some(Finding::allow(format!("within budget: {}", used.join(", "))))
}
