//! Single values: each by itself, which way is stricter.

use std::{collections::BTreeSet, fmt::Display, time::Duration};

use stanch_model::{
    duration,
    guard::{Change, Direction},
};

use super::change;
use crate::policy::{
    ApprovalPolicy, Canary, ClassPattern, FleetShare, LooseningPolicy, Otherwise, Policy,
    PromotionPolicy,
};

/// Which way of a value is the stricter one.
#[derive(Clone, Copy)]
enum Stricter {
    Less,
    More,
}

fn value<T: Ord>(
    what: &str,
    (old, new): (T, T),
    stricter: Stricter,
    show: impl Fn(&T) -> String,
) -> Option<Change> {
    let more = new.cmp(&old);
    let direction = match (more, stricter) {
        (std::cmp::Ordering::Equal, _) => return None,
        (std::cmp::Ordering::Less, Stricter::Less)
        | (std::cmp::Ordering::Greater, Stricter::More) => Direction::Tightening,
        (std::cmp::Ordering::Less, Stricter::More)
        | (std::cmp::Ordering::Greater, Stricter::Less) => Direction::Loosening,
    };
    Some(change(direction, what, format!("{} is now {}", show(&old), show(&new))))
}

fn number<T: Ord + Display>(what: &str, values: (T, T), stricter: Stricter) -> Option<Change> {
    value(what, values, stricter, T::to_string)
}

fn time(what: &str, values: (Duration, Duration), stricter: Stricter) -> Option<Change> {
    value(what, values, stricter, |time| duration::format(*time))
}

pub(super) fn fleet(old: &FleetShare, new: &FleetShare) -> Vec<Change> {
    let FleetShare { percent, at_least, window } = *old;
    let changes = [
        number("fleet.percent", (percent, new.percent), Stricter::Less),
        number("fleet.at_least", (at_least, new.at_least), Stricter::Less),
        time("fleet.window", (window, new.window), Stricter::More),
    ];
    changes.into_iter().flatten().collect()
}

pub(super) fn approval(old: &ApprovalPolicy, new: &ApprovalPolicy) -> Vec<Change> {
    let ApprovalPolicy { by, count, not_requester, within, otherwise } = old;
    let (count, not_requester, within) = (*count, *not_requester, *within);
    let changes = [
        group(by.as_deref(), new.by.as_deref()),
        // Whoever is asked once more may still say yes.
        number("approval.otherwise", (word(*otherwise), word(new.otherwise)), Stricter::Less),
        number("approval.count", (count.max(1), new.count.max(1)), Stricter::More),
        number("approval.not_requester", (not_requester, new.not_requester), Stricter::More),
        time("approval.within", (within, new.within), Stricter::Less),
    ];
    changes.into_iter().flatten().collect()
}

/// A group is stricter than everybody; which of two groups is the stricter one, nobody can tell.
fn group(old: Option<&str>, new: Option<&str>) -> Option<Change> {
    let direction = match (old, new) {
        (old, new) if old == new => return None,
        (None, Some(_)) => Direction::Tightening,
        _ => Direction::Loosening,
    };
    let show = |group: Option<&str>| group.map_or("anybody who may".to_owned(), str::to_owned);
    let text = format!("{} is now {}", show(old), show(new));
    Some(change(direction, "approval.by", text))
}

/// `deny` comes before `escalate`.
const fn word(otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::Deny => "deny",
        Otherwise::Escalate => "escalate",
    }
}

/// By what is in force for each class that either policy names, and for those that none does.
pub(super) fn canaries(old: &Policy, new: &Policy) -> Vec<Change> {
    let named = old.canaries.iter().chain(&new.canaries).map(|canary| &canary.class);
    let all = ClassPattern::all();
    let classes: BTreeSet<&ClassPattern> = named.chain([&all]).collect();
    let of = |class: &ClassPattern| {
        let (old, new) = (in_force(old, class), in_force(new, class));
        canary(class, &old, &new)
    };
    classes.into_iter().flat_map(of).collect()
}

/// The canary of whatever `class` means and no narrower pattern does.
fn in_force(policy: &Policy, class: &ClassPattern) -> Canary {
    // A verb that nobody can name stands for all that no entry names.
    policy.canary(&class.as_str().replace('*', "\u{0}"))
}

fn canary(class: &ClassPattern, old: &Canary, new: &Canary) -> Vec<Change> {
    let Canary { class: _, first, wait, tolerate } = *old;
    let what = |field: &str| format!("canaries.{class}.{field}");
    let changes = [
        // Fewer go first, and the others wait for fewer; what went wrong is looked for among all of the run's.
        number(&what("first"), (first, new.first), Stricter::Less),
        time(&what("wait"), (wait, new.wait), Stricter::More),
        number(&what("tolerate"), (tolerate, new.tolerate), Stricter::Less),
    ];
    changes.into_iter().flatten().collect()
}

pub(super) fn promotion(old: &PromotionPolicy, new: &PromotionPolicy) -> Vec<Change> {
    let PromotionPolicy { plans, reliability, confidence, precision, undos, window } = *old;
    let changes = [
        number("promotion.plans", (plans, new.plans), Stricter::More),
        number("promotion.reliability", (reliability, new.reliability), Stricter::More),
        number("promotion.confidence", (confidence, new.confidence), Stricter::More),
        number("promotion.precision", (precision, new.precision), Stricter::More),
        number("promotion.undos", (undos, new.undos), Stricter::Less),
        time("promotion.window", (window, new.window), Stricter::More),
    ];
    changes.into_iter().flatten().collect()
}

pub(super) fn loosening(old: &LooseningPolicy, new: &LooseningPolicy) -> Vec<Change> {
    let LooseningPolicy { people, delay } = *old;
    let changes = [
        number("loosening.people", (people, new.people), Stricter::More),
        time("loosening.delay", (delay, new.delay), Stricter::More),
    ];
    changes.into_iter().flatten().collect()
}
