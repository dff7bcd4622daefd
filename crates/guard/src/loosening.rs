//! What it takes to loosen: people who want it, and time in which others can see it coming.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use stanch_model::{Time, guard::Change};

use crate::{Policy, compare::loosens};

/// What stands in for the second person where there is none.
const ALONE: Duration = Duration::from_secs(86_400);

/// What has to be there before changes are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// How many different people have to want it, whoever proposes it among them.
    pub people: u32,
    /// How long it takes after the last of them said so.
    #[serde(with = "stanch_model::duration::text")]
    pub delay: Duration,
    /// Whether there are fewer people than the policy asks for; then the audit has to say so, loudly.
    pub alone: bool,
}

/// Where a proposed change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Standing {
    /// So many people are missing.
    NeedsPeople {
        /// How many.
        missing: u32,
    },
    /// Enough people want it; it is in force later.
    Waits {
        /// When.
        until: Time,
    },
    /// It is in force.
    InForce,
}

/// What `changes` take, by the terms of the policy in force and not of the one that is proposed. None if nothing
/// loosens: then it is in force at once.
///
/// `people` is how many there are that could agree. Where those are fewer than the policy asks for, a day
/// takes the place of whoever is missing.
#[must_use]
pub fn gate(in_force: &Policy, changes: &[Change], people: u32) -> Option<Gate> {
    if !loosens(changes) {
        return None;
    }
    let terms = in_force.loosening;
    let alone = people < terms.people;
    Some(Gate {
        people: if alone { people.max(1) } else { terms.people },
        delay: if alone { terms.delay.max(ALONE) } else { terms.delay },
        alone,
    })
}

/// Where a change stands at `now`, that these people said they want, each at a time.
#[must_use]
pub fn standing(gate: &Gate, wanted: &[(String, Time)], now: Time) -> Standing {
    let mut first: BTreeMap<&str, Time> = BTreeMap::new();
    for (name, at) in wanted {
        first.entry(name).and_modify(|known| *known = (*known).min(*at)).or_insert(*at);
    }
    let mut moments: Vec<Time> = first.into_values().collect();
    moments.sort_unstable();
    let needed = usize::try_from(gate.people).unwrap_or(usize::MAX);
    let Some(last) = needed.checked_sub(1).and_then(|index| moments.get(index)) else {
        let missing = needed.saturating_sub(moments.len());
        return Standing::NeedsPeople { missing: u32::try_from(missing).unwrap_or(u32::MAX) };
    };
    let until = last.plus(gate.delay);
    if now < until { Standing::Waits { until } } else { Standing::InForce }
}
