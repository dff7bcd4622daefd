//! Indicators: a value, what each source claims of it, and how often it was seen here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stanch_model::Time;

use crate::{Meaning, Tlp, Value};

/// How sure somebody is, from 0 to 100 (STIX 2.1 §3.2, `confidence`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Confidence(u8);

impl Confidence {
    /// As sure as can be.
    pub const MAX: Self = Self(100);

    /// Nothing above 100.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// As a number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Confidence {
    type Error = &'static str;
    fn try_from(percent: u8) -> Result<Self, Self::Error> {
        Self::new(percent).ok_or("confidence goes from 0 to 100")
    }
}

impl From<Confidence> for u8 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

/// What one source says of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who says it.
    pub source: String,
    /// What the source itself calls it: a STIX id, the UUID of a MISP attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// That the value is bad, or that it is harmless.
    pub meaning: Meaning,
    /// How sure the source is, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// How far it may go, if the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
    /// When it was read here.
    pub received_at: Time,
    /// From when on it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Time>,
    /// From when on it does not hold any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Time>,
    /// When the source saw the value first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Time>,
    /// When the source saw the value last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
    /// The source's own words.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// What the source calls it in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Claim {
    /// Whether it holds at `now`: from `valid_from` on, and before `valid_until`.
    #[must_use]
    pub fn is_in_force(&self, now: Time) -> bool {
        self.valid_from.is_none_or(|from| from <= now)
            && self.valid_until.is_none_or(|until| now < until)
    }

    /// The last moment at which the source is known to have stood by it.
    #[must_use]
    pub fn last_word(&self) -> Time {
        // A source that names times is older news than its file.
        let told = [self.last_seen, self.valid_from, self.first_seen].into_iter().flatten().max();
        told.map_or(self.received_at, |told| told.min(self.received_at))
    }
}

/// How often a value was seen, here or by those who tell us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    /// How often.
    pub count: u64,
    /// In how many of these an analyst said that it was an attack.
    pub confirmed: u64,
    /// When first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Time>,
    /// When last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Time>,
}

impl Sightings {
    /// Adds `count` sightings, the first and last of them then.
    pub fn add(&mut self, count: u64, first: Time, last: Time) {
        if count == 0 {
            return;
        }
        self.count = self.count.saturating_add(count);
        self.first = Some(self.first.map_or(first, |old| old.min(first)));
        self.last = Some(self.last.map_or(last, |old| old.max(last)));
    }

    /// Adds that an analyst called one of them an attack.
    pub fn confirm(&mut self) {
        self.confirmed = self.confirmed.saturating_add(1).min(self.count);
    }
}

/// A value and everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// The value.
    pub value: Value,
    /// What sources say, one claim for each source and its own id.
    pub claims: Vec<Claim>,
    /// How often it was seen.
    #[serde(default)]
    pub sightings: Sightings,
}

impl Indicator {
    /// A value of which nothing is said yet.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self { value, claims: Vec::new(), sightings: Sightings::default() }
    }

    /// Takes a claim in the place of what the same source said under the same id. The moment at which
    /// it was first received stays. Says what that changed.
    pub fn claim(&mut self, claim: Claim) -> Change {
        let same = |old: &&mut Claim| old.source == claim.source && old.id == claim.id;
        let Some(old) = self.claims.iter_mut().find(same) else {
            self.claims.push(claim);
            return Change::Added;
        };
        let claim = Claim { received_at: old.received_at.min(claim.received_at), ..claim };
        if *old == claim {
            return Change::Same;
        }
        *old = claim;
        Change::Changed
    }

    /// The claims that hold at `now`.
    pub fn in_force(&self, now: Time) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(move |claim| claim.is_in_force(now))
    }

    /// What it is taken for at `now`: harmless if anybody says so, nothing if nobody says anything.
    #[must_use]
    pub fn meaning(&self, now: Time) -> Option<Meaning> {
        self.in_force(now).map(|claim| claim.meaning).max()
    }

    /// The strictest marking that any source ever gave, in force or not: what was said in confidence
    /// stays so.
    #[must_use]
    pub fn tlp(&self) -> Option<Tlp> {
        self.claims.iter().filter_map(|claim| claim.tlp).max()
    }

    /// Who says something of it, in alphabetical order.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<&str> {
        self.claims.iter().map(|claim| claim.source.as_str()).collect()
    }
}

/// What a claim changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there.
    Added,
    /// It says something else than before.
    Changed,
    /// It said the same before.
    Same,
}
