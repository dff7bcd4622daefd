//! What every entry by itself is fine with, and all of them together are not.

use stanch_model::{Diagnostic, Span};

use super::{Places, codes};
use crate::{
    Policy,
    compare::covers,
    policy::{Effect, Freeze, Right},
};

pub(super) fn check(policy: &Policy, places: &Places, findings: &mut Vec<Diagnostic>) {
    names(&policy.freeze, &places.freeze, findings);
    let mut twice = |list: &'static str, pairs: Vec<(usize, usize)>, spans: &[Span]| {
        for (entry, other) in pairs {
            let (span, other) = (at(spans, entry), at(spans, other).line);
            let message = format!("this entry of `{list}` never counts");
            let help =
                format!("the one on line {other} says all that it says; remove one of the two");
            findings.push(Diagnostic::warning(codes::TWICE, span, message, help));
        }
    };
    twice("protected", needless(&policy.protected, covers::protected), &places.protected);
    twice("budgets", needless(&policy.budgets, covers::budget), &places.budgets);
    twice("freeze", needless(&policy.freeze, covers::freeze), &places.freeze);
    twice("breakers", needless(&policy.breakers, covers::breaker), &places.breakers);
    twice("canaries", needless(&policy.canaries, |a, b| a.class == b.class), &places.canaries);
    twice("rights", needless(policy.rights.list(), covers::right), &places.rights);
    for (entry, other) in forbidden(policy.rights.list()) {
        let (span, other) = (at(&places.rights, entry), at(&places.rights, other).line);
        let help = format!("the one on line {other} forbids all of it");
        let message = "this right permits nothing";
        findings.push(Diagnostic::warning(codes::NO_PERMIT, span, message, help));
    }
}

fn at(spans: &[Span], index: usize) -> Span {
    spans.get(index).copied().unwrap_or_default()
}

fn names(freezes: &[Freeze], spans: &[Span], findings: &mut Vec<Diagnostic>) {
    for (index, freeze) in freezes.iter().enumerate() {
        let first = freezes.iter().take(index).position(|other| other.name == freeze.name);
        if let Some(first) = first {
            let message = format!("another window is called `{}`", freeze.name);
            let line = at(spans, first).line;
            let help = format!("choose another name; the first stands on line {line}");
            findings.push(Diagnostic::error(codes::TAKEN_NAME, at(spans, index), message, help));
        }
    }
}

/// Entries that another covers: (entry, other). Of two that say the same it is the later one.
fn needless<T>(list: &[T], covers: impl Fn(&T, &T) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let other = list.iter().enumerate().find(|(other, wide)| {
            *other != index && covers(wide, entry) && (*other < index || !covers(entry, wide))
        });
        found.extend(other.map(|(other, _)| (index, other)));
    }
    found
}

/// Permits of which a forbid takes all: (permit, forbid).
fn forbidden(rights: &[Right]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, right) in rights.iter().enumerate().filter(|(_, r)| r.effect == Effect::Permit) {
        let as_forbid = Right { effect: Effect::Forbid, ..right.clone() };
        let by = rights.iter().position(|other| covers::right(other, &as_forbid));
        found.extend(by.map(|by| (index, by)));
    }
    found
}
