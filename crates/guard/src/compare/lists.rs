//! Lists of things that stop something: each old entry has to be covered by a new one that stops at least as much.

use stanch_model::{
    duration,
    guard::{Change, Direction},
};

use super::{change, covers};
use crate::policy::{Breaker, Budget, Dates, Freeze, FreezeThen, Protected, SharedRange};

/// What is known of the entries of a list that stop something.
struct Kind<T: 'static> {
    /// The key of the policy file.
    what: &'static str,
    /// `covers(new, old)`: `new` stops at least all that `old` stopped.
    covers: fn(&T, &T) -> bool,
    /// Whether two are about the same, so that one is told as a change of the other.
    same: fn(&T, &T) -> bool,
    /// How an entry is told.
    show: fn(&T) -> String,
}

/// How two lists of entries that stop something differ.
fn stops<T: PartialEq>(kind: &Kind<T>, old: &[T], new: &[T]) -> Vec<Change> {
    let Kind { what, covers, same, show } = kind;
    let mut changes = Vec::new();
    let mut told: Vec<&T> = Vec::new();
    for entry in old.iter().filter(|entry| !new.contains(entry)) {
        let by = new.iter().find(|other| covers(other, entry));
        let direction = match by {
            // Two that cover each other stop the same, in other words.
            Some(other) if covers(entry, other) => Direction::Neutral,
            Some(_) => Direction::Tightening,
            None => Direction::Loosening,
        };
        let fresh = |other: &&T| !old.contains(other) && !told.contains(other);
        let now = by.or_else(|| new.iter().filter(fresh).find(|other| same(other, entry)));
        let text = match now {
            Some(other) => format!("{} is now {}", show(entry), show(other)),
            None => format!("no longer {}", show(entry)),
        };
        told.extend(now);
        changes.push(change(direction, *what, text));
    }
    for entry in new.iter().filter(|entry| !old.contains(entry) && !told.contains(entry)) {
        let known = old.iter().any(|other| covers(other, entry));
        let direction = if known { Direction::Neutral } else { Direction::Tightening };
        changes.push(change(direction, *what, format!("new: {}", show(entry))));
    }
    changes
}

pub(super) fn protected(old: &[Protected], new: &[Protected]) -> Vec<Change> {
    let show = |entry: &Protected| {
        let people = match covers::people(entry) {
            u32::MAX => "refused".to_owned(),
            count => format!("asked of {count}"),
        };
        let note = if entry.note.is_empty() { String::new() } else { format!(" ({})", entry.note) };
        format!("{} {people}{note}", entry.which)
    };
    stops(
        &Kind {
            what: "protected",
            covers: covers::protected,
            same: |new, old| new.which == old.which,
            show,
        },
        old,
        new,
    )
}

pub(super) fn shared(old: &[SharedRange], new: &[SharedRange]) -> Vec<Change> {
    let show = |range: &SharedRange| {
        let note = if range.note.is_empty() { String::new() } else { format!(" ({})", range.note) };
        format!("{}{note}", range.pattern)
    };
    stops(
        &Kind {
            what: "shared",
            covers: covers::shared,
            same: |new, old| new.pattern == old.pattern,
            show,
        },
        old,
        new,
    )
}

pub(super) fn budgets(old: &[Budget], new: &[Budget]) -> Vec<Change> {
    let show = |budget: &Budget| {
        let Budget { class, limit, window, scope } = budget;
        format!("{class} {limit} in {} by {}", duration::format(*window), scope.word())
    };
    stops(
        &Kind {
            what: "budgets",
            covers: covers::budget,
            same: |new, old| (&new.class, new.scope) == (&old.class, old.scope),
            show,
        },
        old,
        new,
    )
}

pub(super) fn breakers(old: &[Breaker], new: &[Breaker]) -> Vec<Change> {
    let show = |breaker: &Breaker| {
        let Breaker {
            class,
            scope,
            window,
            failures,
            undos,
            percent,
            at_least,
            undone_within,
            cool_down,
        } = breaker;
        let window = duration::format(*window);
        let failures = failures.map(|count| format!("{count} failures in {window}"));
        let within = duration::format(*undone_within);
        let undos = undos.map(|count| format!("{count} undos in {window}, each within {within}"));
        let share =
            percent.map(|share| format!("{share} % of at least {at_least} acts in {window}"));
        let opens: Vec<String> = [failures, undos, share].into_iter().flatten().collect();
        let cool_down = duration::format(*cool_down);
        format!("{class} by {}: {}; then {cool_down}", scope.word(), opens.join(", "))
    };
    stops(
        &Kind {
            what: "breakers",
            covers: covers::breaker,
            same: |new, old| (&new.class, new.scope) == (&old.class, old.scope),
            show,
        },
        old,
        new,
    )
}

pub(super) fn freezes(old: &[Freeze], new: &[Freeze]) -> Vec<Change> {
    let show = |freeze: &Freeze| {
        let Freeze { name, days, dates, from, to, zone, classes, then, note: _ } = freeze;
        let then = match then {
            FreezeThen::Refuse => "refused".to_owned(),
            FreezeThen::Ask(count) => format!("asked of {count}"),
        };
        let list = |items: Vec<String>, none: &str| {
            if items.is_empty() { none.to_owned() } else { items.join(" ") }
        };
        let days =
            list(days.iter().map(|day| format!("{day:?}").to_lowercase()).collect(), "daily");
        let dates = list(dates.iter().map(Dates::to_string).collect(), "always");
        let classes = list(classes.iter().map(ToString::to_string).collect(), "all acts");
        format!("`{name}`: {classes} {then}, {days}, {dates}, {from} to {to} {zone}")
    };
    stops(
        &Kind {
            what: "freeze",
            covers: covers::freeze,
            same: |new, old| new.name == old.name,
            show,
        },
        old,
        new,
    )
}
