//! Lists of things that stop something: each old entry has to be covered by a new one that stops at least as much.

use stanch_model::{
    duration,
    guard::{Change, Direction},
};

use super::change;
use crate::policy::{
    Automatic, Breaker, Budget, Dates, Freeze, FreezeThen, Pattern, Protected, SharedRange, Which,
    cover,
};

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
    let covers = |new: &Protected, old: &Protected| {
        let Protected { which, note: _, automatic: _, approvals: _ } = new;
        which_covers(which, &old.which) && people(new) >= people(old)
    };
    stops("protected", (old, new), covers, |entry| {
        let people = match people(entry) {
            u32::MAX => "refused".to_owned(),
            count => format!("asked of {count}"),
        };
        let note = if entry.note.is_empty() { String::new() } else { format!(" ({})", entry.note) };
        format!("{} {people}{note}", entry.which)
    })
}

/// How many people can let an act happen; beyond all numbers where nobody can.
fn people(entry: &Protected) -> u32 {
    match (entry.automatic, entry.approvals) {
        (Automatic::Never, None) => u32::MAX,
        (Automatic::Never, Some(count)) => count.max(1),
        (Automatic::Ask, count) => count.unwrap_or(1),
    }
}

fn which_covers(new: &Which, old: &Which) -> bool {
    match (new, old) {
        (Which::Value { pattern, kind: _ }, Which::Value { pattern: old, kind: _ }) => {
            pattern_covers(pattern, old)
        }
        (Which::Tag(new), Which::Tag(old)) | (Which::Group(new), Which::Group(old)) => new == old,
        (Which::Criticality(new), Which::Criticality(old)) => new <= old,
        (
            Which::Value { .. } | Which::Tag(_) | Which::Group(_) | Which::Criticality(_),
            Which::Value { .. } | Which::Tag(_) | Which::Group(_) | Which::Criticality(_),
        ) => false,
    }
}

/// Whether everything that `old` means is meant by `new` too. Where that is hard to tell, it is not.
pub(super) fn pattern_covers(new: &Pattern, old: &Pattern) -> bool {
    match (new, old) {
        (Pattern::Network(new), Pattern::Network(old)) => new.contains(old),
        (Pattern::Below(new), Pattern::Below(old)) => {
            old == new || old.strip_suffix(new.as_str()).is_some_and(|rest| rest.ends_with('.'))
        }
        // A name without a domain is that host in any domain.
        (Pattern::Name(new), Pattern::Name(old)) if !new.contains('.') => {
            old.split('.').next() == Some(new.as_str())
        }
        (new, old) => new == old,
    }
}

pub(super) fn shared(old: &[SharedRange], new: &[SharedRange]) -> Vec<Change> {
    let covers = |new: &SharedRange, old: &SharedRange| {
        let SharedRange { pattern, note: _ } = new;
        pattern_covers(pattern, &old.pattern)
    };
    stops("shared", (old, new), covers, |range| {
        let note = if range.note.is_empty() { String::new() } else { format!(" ({})", range.note) };
        format!("{}{note}", range.pattern)
    })
}

pub(super) fn budgets(old: &[Budget], new: &[Budget]) -> Vec<Change> {
    let covers = |new: &Budget, old: &Budget| {
        let Budget { class, limit, window, scope } = new;
        (class, scope) == (&old.class, &old.scope) && *limit <= old.limit && *window >= old.window
    };
    stops("budgets", (old, new), covers, |budget| {
        let Budget { class, limit, window, scope } = budget;
        format!("{class} {limit} in {} by {}", duration::format(*window), scope.word())
    })
}

pub(super) fn breakers(old: &[Breaker], new: &[Breaker]) -> Vec<Change> {
    stops("breakers", (old, new), breaker_covers, |breaker| {
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

/// Sound by the way in which a breaker's standing is computed; see [`crate::breaker`].
fn breaker_covers(new: &Breaker, old: &Breaker) -> bool {
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
    } = new;
    let sooner = |new: Option<u32>, old: Option<u32>| match (new, old) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(new), Some(old)) => new <= old,
    };
    // A share of another window's acts may be more or less than the old one.
    let same_share = old.percent.is_none() || *window == old.window;
    (class, scope) == (&old.class, &old.scope)
        && *window >= old.window
        && same_share
        && sooner(*failures, old.failures)
        && sooner(*undos, old.undos)
        && sooner(*percent, old.percent)
        && (old.percent.is_none() || *at_least <= old.at_least)
        && *undone_within >= old.undone_within
        && *cool_down >= old.cool_down
}

pub(super) fn freezes(old: &[Freeze], new: &[Freeze]) -> Vec<Change> {
    stops("freeze", (old, new), freeze_covers, |freeze| {
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

/// Clocks of two zones are not compared: any two may differ on some day.
fn freeze_covers(new: &Freeze, old: &Freeze) -> bool {
    let Freeze { name: _, days, dates, from, to: _, zone, classes, then, note: _ } = new;
    let on_days =
        days.is_empty() || (!old.days.is_empty() && old.days.iter().all(|d| days.contains(d)));
    let within = |dates: &Dates, wide: &[Dates]| {
        wide.iter().any(|w| w.first <= dates.first && dates.last <= w.last)
    };
    let on_dates =
        dates.is_empty() || (!old.dates.is_empty() && old.dates.iter().all(|d| within(d, dates)));
    let strict = match (then, old.then) {
        (FreezeThen::Refuse, _) => true,
        (FreezeThen::Ask(_), FreezeThen::Refuse) => false,
        (FreezeThen::Ask(new), FreezeThen::Ask(old)) => *new >= old,
    };
    *zone == old.zone
        && on_days
        && on_dates
        && strict
        && *from <= old.from
        && end_minutes(new) >= end_minutes(old)
        && cover(classes, &old.classes)
}

/// Minutes from the beginning of the day on which it opens to where it closes.
fn end_minutes(freeze: &Freeze) -> u16 {
    let next_day = if freeze.to > freeze.from { 0 } else { 24 * 60 };
    freeze.to.minutes() + next_day
}
