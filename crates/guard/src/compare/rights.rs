//! Rights: each new permit has to be covered by an old one, each old forbid by a new one.

use stanch_model::guard::{Change, Direction};

use super::{change, covers::right as covers};
use crate::{
    policy::{ClassPattern, Effect, On, Right},
    rights::{Kind, Rights},
};

pub(super) fn rights(old: &Rights, new: &Rights) -> Vec<Change> {
    let mut changes = limits(old, new);
    let of = |rights: &Rights, effect: Effect| -> Vec<Right> {
        rights.list().iter().filter(|right| right.effect == effect).cloned().collect()
    };
    let (permits, now) = (of(old, Effect::Permit), of(new, Effect::Permit));
    for right in now.iter().filter(|right| !permits.contains(right)) {
        // Whom nothing limited before, a permit gives nothing.
        let gives = Kind::ALL.into_iter().filter(|kind| kind.has(&right.who) && old.limits(*kind));
        let covered = permits.iter().any(|other| covers(other, right)) || gives.count() == 0;
        let direction = if covered { Direction::Neutral } else { Direction::Loosening };
        changes.push(change(direction, "rights", format!("new: {}", show(right))));
    }
    for right in permits.iter().filter(|right| !now.contains(right)) {
        let kept = now.iter().any(|other| covers(other, right));
        let direction = if kept { Direction::Neutral } else { Direction::Tightening };
        changes.push(change(direction, "rights", format!("no longer: {}", show(right))));
    }
    let (forbids, now) = (of(old, Effect::Forbid), of(new, Effect::Forbid));
    for right in forbids.iter().filter(|right| !now.contains(right)) {
        let kept = now.iter().any(|other| covers(other, right));
        let direction = if kept { Direction::Neutral } else { Direction::Loosening };
        changes.push(change(direction, "rights", format!("no longer: {}", show(right))));
    }
    for right in now.iter().filter(|right| !forbids.contains(right)) {
        let known = forbids.iter().any(|other| covers(other, right));
        let direction = if known { Direction::Neutral } else { Direction::Tightening };
        changes.push(change(direction, "rights", format!("new: {}", show(right))));
    }
    changes
}

/// Kinds of parties that need a permit now and did not before, or the other way round.
fn limits(old: &Rights, new: &Rights) -> Vec<Change> {
    let of = |kind: Kind| match (old.limits(kind), new.limits(kind)) {
        (true, false) => Some((Direction::Loosening, "no longer need a permit")),
        (false, true) => Some((Direction::Tightening, "need a permit now")),
        (true, true) | (false, false) => None,
    };
    Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let (direction, text) = of(kind)?;
            Some(change(direction, "rights", format!("{} {text}", kind.words())))
        })
        .collect()
}

fn show(right: &Right) -> String {
    let Right { name, effect, who, what, on, note: _, line: _ } = right;
    let effect = match effect {
        Effect::Permit => "permits",
        Effect::Forbid => "forbids",
    };
    let what: Vec<&str> = what.iter().map(ClassPattern::as_str).collect();
    let name = if name.is_empty() { String::new() } else { format!(" (`{name}`)") };
    format!("{effect} {who} {} on {}{name}", what.join(" "), targets(on))
}

fn targets(on: &On) -> String {
    let On { kind, pattern, tag, group, site, criticality, practice } = on;
    let named = match (kind, pattern) {
        (Some(kind), Some(pattern)) => Some(format!("{kind} {pattern}")),
        (Some(kind), None) => Some(format!("every {kind}")),
        (None, _) => None,
    };
    let word =
        |what: &str, name: &Option<String>| name.as_ref().map(|name| format!("{what} {name}"));
    let levels: Vec<&str> = criticality.iter().map(|level| level.word()).collect();
    let levels = (!levels.is_empty()).then(|| format!("criticality {}", levels.join(" or ")));
    let practice =
        practice.map(|practice| if practice { "practice" } else { "no practice" }.to_owned());
    let all = [named, word("tag", tag), word("group", group), word("site", site), levels, practice];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "every target".to_owned() } else { all.join(", ") }
}
