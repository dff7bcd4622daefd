//! All measures of a stretch of days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stanch_model::{Time, incident::Disposition};

use crate::{Fact, Reached, Share, Times};

/// What the measures page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Measures {
    /// How many days back.
    pub days: u32,
    /// Incidents detected in them.
    pub incidents: u64,
    /// Those not closed yet.
    pub open: u64,
    /// Alerts that they hold.
    pub alerts: u64,
    /// From the earliest event to the first alert.
    pub time_to_detect: Times,
    /// From the first alert to a person's first look.
    pub time_to_acknowledge: Times,
    /// From the first alert to the first verified containment.
    pub time_to_contain: Times,
    /// Of the contained ones, those contained without a person's approval.
    pub automated: Share,
    /// Of all incidents, those contained.
    pub contained: Share,
    /// How many were closed with which verdict; each word is there, 0 included.
    pub dispositions: BTreeMap<String, u64>,
}

const DAY_MICROS: i64 = 86_400_000_000;

/// Measures the incidents that were detected in the `days` before `now`, and not after it.
///
/// Still waiting ones count until `now`; one that was closed before it was acknowledged or contained counts until
/// then, because nothing more will happen to it.
#[must_use]
pub fn measure(facts: &[Fact], days: u32, now: Time) -> Measures {
    let since = now.micros().saturating_sub(DAY_MICROS.saturating_mul(i64::from(days)));
    let facts: Vec<&Fact> = facts
        .iter()
        .filter(|fact| (since..=now.micros()).contains(&fact.detected_at.micros()))
        .collect();
    let count = |is: fn(&Fact) -> bool| facts.iter().filter(|fact| is(fact)).count() as u64;
    let wait = |from: Time, done: Option<Time>, closed: Option<Time>| Reached {
        from,
        until: done.or(closed).unwrap_or(now),
        open: done.is_none(),
    };
    let since_detected = |done: fn(&Fact) -> Option<Time>| {
        Times::of(facts.iter().map(|fact| wait(fact.detected_at, done(fact), fact.closed_at)))
    };
    let contained = count(|fact| fact.contained_at.is_some());
    let automated = count(|fact| fact.contained_at.is_some() && fact.automated);
    Measures {
        days,
        incidents: facts.len() as u64,
        open: count(|fact| fact.closed_at.is_none()),
        alerts: facts.iter().map(|fact| fact.alerts).sum(),
        time_to_detect: Times::of(
            facts.iter().map(|fact| wait(fact.occurred_at, Some(fact.detected_at), None)),
        ),
        time_to_acknowledge: since_detected(|fact| fact.acknowledged_at),
        time_to_contain: since_detected(|fact| fact.contained_at),
        automated: Share::new(automated, contained),
        contained: Share::new(contained, facts.len() as u64),
        dispositions: dispositions(&facts),
    }
}

fn dispositions(facts: &[&Fact]) -> BTreeMap<String, u64> {
    use Disposition::{BenignTrigger, Duplicate, FalsePositive, TruePositive};
    [TruePositive, BenignTrigger, FalsePositive, Duplicate]
        .into_iter()
        .map(|disposition| {
            let closed = facts.iter().filter(|fact| fact.disposition == Some(disposition));
            (word(disposition).to_owned(), closed.count() as u64)
        })
        .collect()
}

/// As serde writes it.
const fn word(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::TruePositive => "true_positive",
        Disposition::BenignTrigger => "benign_trigger",
        Disposition::FalsePositive => "false_positive",
        Disposition::Duplicate => "duplicate",
    }
}
