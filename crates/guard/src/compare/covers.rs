//! Whether one entry stops, or permits, at least all that another does. Where that is hard to tell, it does not.

use crate::policy::{
    Automatic, Breaker, Budget, Dates, Freeze, FreezeThen, On, Pattern, Protected, Right,
    SharedRange, Which, Who, cover,
};

/// Whether `new` protects at least all that `old` protects, and as strictly.
pub(crate) fn protected(new: &Protected, old: &Protected) -> bool {
    let Protected { which, note: _, automatic: _, approvals: _ } = new;
    which_covers(which, &old.which) && people(new) >= people(old)
}

/// How many people can let an act happen; beyond all numbers where nobody can.
pub(super) fn people(entry: &Protected) -> u32 {
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
fn pattern_covers(new: &Pattern, old: &Pattern) -> bool {
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

pub(super) fn shared(new: &SharedRange, old: &SharedRange) -> bool {
    let SharedRange { pattern, note: _ } = new;
    pattern_covers(pattern, &old.pattern)
}

pub(crate) fn budget(new: &Budget, old: &Budget) -> bool {
    let Budget { class, limit, window, scope } = new;
    (class, scope) == (&old.class, &old.scope) && *limit <= old.limit && *window >= old.window
}

/// Sound by the way in which a breaker's standing is computed; see [`crate::breaker`].
pub(crate) fn breaker(new: &Breaker, old: &Breaker) -> bool {
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

/// Clocks of two zones are not compared: any two may differ on some day.
pub(crate) fn freeze(new: &Freeze, old: &Freeze) -> bool {
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

/// Whether `wide` says at least all that `narrow` says, of the same effect.
pub(crate) fn right(wide: &Right, narrow: &Right) -> bool {
    let Right { name: _, effect, who, what, on, note: _, line: _ } = wide;
    *effect == narrow.effect
        && who_covers(who, &narrow.who)
        && cover(what, &narrow.what)
        && on_covers(on, &narrow.on)
}

fn who_covers(wide: &Who, narrow: &Who) -> bool {
    match (wide, narrow) {
        (Who::Anybody, _) => true,
        (Who::Person(all), Who::Person(_))
        | (Who::Token(all), Who::Token(_))
        | (Who::Playbook(all), Who::Playbook(_))
        | (Who::Connector(all), Who::Connector(_))
            if all == "*" =>
        {
            true
        }
        (Who::Role(least), Who::Role(role)) => least <= role,
        (wide, narrow) => wide == narrow,
    }
}

/// What is not asked of a target is all of it.
fn on_covers(wide: &On, narrow: &On) -> bool {
    let On { kind, pattern, tag, group, site, criticality, practice } = wide;
    let same = |wide: &Option<String>, narrow: &Option<String>| wide.is_none() || wide == narrow;
    let named = match (pattern, &narrow.pattern) {
        (None, None) => kind.is_none() || *kind == narrow.kind,
        // With a value, the kind says how that is read, not what is acted on.
        (None, Some(_)) => kind.is_none(),
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => pattern_covers(wide, narrow),
    };
    let levels = criticality.is_empty()
        || (!narrow.criticality.is_empty()
            && narrow.criticality.iter().all(|level| criticality.contains(level)));
    named
        && same(tag, &narrow.tag)
        && same(group, &narrow.group)
        && same(site, &narrow.site)
        && levels
        && (practice.is_none() || *practice == narrow.practice)
}
