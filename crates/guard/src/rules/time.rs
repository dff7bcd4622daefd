//! Rules about when: not now, not so often, not all at once.

use std::time::Duration;

use stanch_model::{Time, duration};

use super::{Case, Finding};
use crate::{
    breaker::{self, Standing},
    budget::limits,
    facts::{Act, Counted},
    freeze::frozen_until,
    policy::{Canary, Freeze, FreezeThen, among},
};

/// When to ask again where an act is under way whose end nobody knows.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The strictest of all windows that the moment lies in.
pub(super) fn freeze(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let meant = case.policy.freeze.iter().filter(|f| among(&f.classes, &case.facts.class));
    let open =
        meant.filter_map(|freeze| Some(frozen(freeze, frozen_until(freeze, case.facts.now)?)));
    open.max_by_key(|finding| finding.verdict)
}

fn frozen(freeze: &Freeze, until: Time) -> Finding {
    let Freeze { name, note, zone, then, .. } = freeze;
    let shown = zone.rules().to_datetime(until.timestamp()).strftime("%Y-%m-%d %H:%M");
    let note = if note.is_empty() { String::new() } else { format!(" ({note})") };
    let text = format!("frozen until {shown} {zone} by `{name}`{note}");
    match then {
        FreezeThen::Refuse => Finding::refuse(text),
        FreezeThen::Ask(count) => Finding::ask(*count, text),
    }
}

/// The strictest of all breakers that watch the act.
pub(super) fn breaker(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let Case { policy, facts, action, .. } = case;
    let said = breaker::standings(policy, facts, action).into_iter().map(|(key, standing)| {
        let Some(standing) = standing else {
            return Some(Finding::refuse(format!("what became of acts of {key} is not known")));
        };
        match standing {
            Standing::Closed => None,
            Standing::Open { until, why } => {
                Some(Finding::refuse(format!("the breaker of {key} is open until {until}: {why}")))
            }
            Standing::HalfOpen { pending: true, why, .. } => {
                let text = format!(
                    "the breaker of {key} had opened ({why}); an act is under way that will show \
                     whether things are well again"
                );
                Some(Finding::hold(facts.now.plus(LOOK_AGAIN), text))
            }
            Standing::HalfOpen { pending: false, why, .. } => {
                let text = format!(
                    "the breaker of {key} had opened ({why}); this act is let through to see"
                );
                Some(Finding::allow(text))
            }
        }
    });
    said.flatten().max_by_key(|finding| finding.verdict)
}

/// Not before the first acts of the run have shown that the act does what it should.
pub(super) fn canary(case: &Case<'_>) -> Option<Finding> {
    if !case.is_act() {
        return None;
    }
    let canary = case.policy.canary(&case.facts.class);
    let acts = &case.facts.canary;
    let first = usize::try_from(canary.first).unwrap_or(usize::MAX);
    if acts.len() < first {
        return None;
    }
    let wrong: Vec<&Act> =
        acts.iter().filter(|act| act.outcome.is_bad() || act.undone_at.is_some()).collect();
    if wrong.len() * 100 > acts.len() * usize::try_from(canary.tolerate).unwrap_or(0) {
        let targets: Vec<&str> = wrong.iter().map(|act| act.target.as_str()).collect();
        let (wrong, all, targets) = (wrong.len(), acts.len(), targets.join(", "));
        return Some(Finding::refuse(format!(
            "{wrong} of {all} acts of this run went wrong or were taken back ({targets}); the others \
             are not tried"
        )));
    }
    Some(waited(&canary, acts, first, case.facts.now))
}

/// Whether the first acts have all settled, and long enough ago.
fn waited(canary: &Canary, acts: &[Act], first: usize, now: Time) -> Finding {
    let mut order: Vec<&Act> = acts.iter().collect();
    order.sort_by_key(|act| act.intended_at);
    let (first, wait) = (order.into_iter().take(first), duration::format(canary.wait));
    let settled: Option<Vec<Time>> = first.map(|act| act.outcome.settled_at()).collect();
    let count = canary.first;
    let Some(last) = settled.and_then(|settled| settled.into_iter().max()) else {
        let text = format!("the first {count} of this run are under way; the others wait for them");
        return Finding::hold(now.plus(LOOK_AGAIN), text);
    };
    let until = last.plus(canary.wait);
    if now < until {
        let text =
            format!("the first {count} of this run are done; the others wait {wait} after them");
        return Finding::hold(until, text);
    }
    Finding::allow(format!("the first {count} of this run are done, and {wait} have passed"))
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
    let mut used = Vec::new();
    for counter in limits(policy, facts, action) {
        let (class, window) = (&counter.class, duration::format(counter.window));
        let Some(Counted { intents, .. }) = facts.counts.iter().find(|c| c.counter == counter)
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
