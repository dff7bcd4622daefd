//! All indicators of a few sources, one for each value: what several sources say of a value stands together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Change, Claim, Import, Indicator, Value, import::Sighting};

/// Indicators by value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indicators {
    by_value: BTreeMap<Value, Indicator>,
    /// Sightings that were counted, by source and the source's id: a bundle that comes twice counts once.
    counted: BTreeSet<(String, String)>,
}

/// Whether a delivery is all that its source has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// All of it: what the source claimed before and does not now is withdrawn.
    Whole,
    /// News: what was said before stands unless it is taken back by id.
    Part,
}

/// What an import changed, in claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// New.
    pub added: usize,
    /// Said otherwise than before.
    pub changed: usize,
    /// Said as before.
    pub same: usize,
    /// Taken back by the source.
    pub withdrawn: usize,
}

impl Indicators {
    /// Takes what a source delivered.
    pub fn apply(&mut self, source: &str, import: Import, delivery: Delivery) -> Changes {
        let mut changes = Changes::default();
        let mut said: BTreeSet<(Value, Option<String>)> = BTreeSet::new();
        for (value, claim) in import.claims {
            if delivery == Delivery::Whole {
                said.insert((value.clone(), claim.id.clone()));
            }
            let indicator =
                self.by_value.entry(value.clone()).or_insert_with(|| Indicator::new(value.clone()));
            match indicator.claim(claim) {
                Change::Added => changes.added = changes.added.saturating_add(1),
                Change::Changed => changes.changed = changes.changed.saturating_add(1),
                Change::Same => changes.same = changes.same.saturating_add(1),
            }
        }
        let revoked: BTreeSet<&str> = import.withdrawn.iter().map(String::as_str).collect();
        changes.withdrawn = self.withdraw(source, |value, id| {
            id.is_some_and(|id| revoked.contains(id))
                || (delivery == Delivery::Whole
                    && !said.contains(&(value.clone(), id.map(str::to_owned))))
        });
        self.count(source, import.sightings);
        changes
    }

    /// Adds the sightings that were not counted before to what they are of.
    fn count(&mut self, source: &str, sightings: Vec<Sighting>) {
        for sighting in sightings {
            let is_meant = |claim: &Claim| {
                claim.source == source && claim.id.as_deref() == Some(sighting.of.as_str())
            };
            let mut about = self
                .by_value
                .values_mut()
                .filter(|indicator| indicator.claims.iter().any(is_meant))
                .peekable();
            // What it is of may come later: then it can be counted later.
            if about.peek().is_none() || !self.counted.insert((source.to_owned(), sighting.id)) {
                continue;
            }
            about.for_each(|indicator| {
                indicator.sightings.add(sighting.count, sighting.first, sighting.last);
            });
        }
    }

    fn withdraw(&mut self, source: &str, is_gone: impl Fn(&Value, Option<&str>) -> bool) -> usize {
        let mut gone = 0_usize;
        self.by_value.retain(|value, indicator| {
            let before = indicator.claims.len();
            indicator
                .claims
                .retain(|claim| claim.source != source || !is_gone(value, claim.id.as_deref()));
            gone = gone.saturating_add(before.saturating_sub(indicator.claims.len()));
            !indicator.claims.is_empty()
        });
        gone
    }

    /// The indicator of a value.
    #[must_use]
    pub fn get(&self, value: &Value) -> Option<&Indicator> {
        self.by_value.get(value)
    }

    /// The indicator of a value, for sightings.
    pub fn get_mut(&mut self, value: &Value) -> Option<&mut Indicator> {
        self.by_value.get_mut(value)
    }

    /// All of them, by value.
    pub fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.by_value.values()
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_value.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_value.is_empty()
    }
}
