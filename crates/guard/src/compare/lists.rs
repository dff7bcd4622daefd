//! Lists of things that stop something: each old entry has to be covered by a new one that stops at least as much.

use stanch_model::{
    duration,
    guard::{Change, Direction},
};

use super::{change, covers};
use crate::policy::{Breaker, Budget, Dates, Freeze, FreezeThen, Protected, SharedRange};

/// How two lists of entries that stop something differ.
///
/// `covers(new, old)`: `new` stops at least all that `old` stopped. `show` is how an entry is called.
fn stops<T: PartialEq>(
    what: &str,
    (old, new): (&[T], &[T]),
    covers: impl Fn(&T, &T) -> bool,
    show: impl Fn(&T) -> String,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut answered: Vec<&T> = Vec::new();
    for entry in old.iter().filter(|entry| !new.contains(entry)) {
        let shown = show(entry);
        match new.iter().find(|other| covers(other, entry)) {
            // Two that cover each other stop the same, in other words.
            Some(other) if covers(entry, other) => {
                answered.push(other);
                let text = format!("{shown} is now {}", show(other));
                changes.push(change(Direction::Neutral, what, text));
            }
            Some(other) => {
                answered.push(other);
                let text = format!("{shown} is now {}", show(other));
                changes.push(change(Direction::Tightening, what, text));
            }
            None => {
                changes.push(change(Direction::Loosening, what, format!("no longer {shown}")));
            }
        }
    }
    for entry in new.iter().filter(|entry| !old.contains(entry) && !answered.contains(entry)) {
        let known = old.iter().any(|other| covers(other, entry));
        let direction = if known { Direction::Neutral } else { Direction::Tightening };
        changes.push(change(direction, what, format!("new: {}", show(entry))));
    }
    changes
}

pub(super) fn protected(old: &[Protected], new: &[Protected]) -> Vec<Change> {
    stops("protected", (old, new), covers::protected, |entry| {
        let people = match covers::people(entry) {
            u32::MAX => "refused".to_owned(),
            count => format!("asked of {count}"),
        };
        let note = if entry.note.is_empty() { String::new() } else { format!(" ({})", entry.note) };
        format!("{} {people}{note}", entry.which)
    })
}

pub(super) fn shared(old: &[SharedRange], new: &[SharedRange]) -> Vec<Change> {
    stops("shared", (old, new), covers::shared, |range| {
        let note = if range.note.is_empty() { String::new() } else { format!(" ({})", range.note) };
        format!("{}{note}", range.pattern)
    })
}

pub(super) fn budgets(old: &[Budget], new: &[Budget]) -> Vec<Change> {
    stops("budgets", (old, new), covers::budget, |budget| {
        let Budget { class, limit, window, scope } = budget;
        format!("{class} {limit} in {} by {}", duration::format(*window), scope.word())
    })
}

pub(super) fn breakers(old: &[Breaker], new: &[Breaker]) -> Vec<Change> {
    stops("breakers", (old, new), covers::breaker, |breaker| {
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
    })
}

pub(super) fn freezes(old: &[Freeze], new: &[Freeze]) -> Vec<Change> {
    stops("freeze", (old, new), covers::freeze, |freeze| {
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
    })
}
