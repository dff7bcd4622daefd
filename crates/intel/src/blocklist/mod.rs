//! Block lists: what others are told to block.
//!
//! [`next`] makes a list of the one before, of candidates and of a policy. It is a pure function: what it holds back it
//! names, and what it lets out it can be shown to. Four things never go out, whatever a feed says: a value that is
//! known to be harmless or shared by everybody, a network or domain that would take such a value along, what was said
//! in more confidence than the list has, and more new entries in an hour than somebody is prepared to explain.

mod shared;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use stanch_model::Time;

use self::shared::Shared;
use crate::{Intel, Kind, Tlp, Value};

/// The window in which new entries are counted.
const HOUR: Duration = Duration::from_secs(3_600);

/// What goes on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Kinds of values that it takes.
    pub kinds: BTreeSet<Kind>,
    /// Least score.
    pub score_min: u8,
    /// How far the readers of the list are: what may go less far is held back.
    pub tlp_max: Tlp,
    /// What counts where a source did not say.
    pub tlp_unsaid: Tlp,
    /// Most entries; the device that reads it has a limit as well.
    pub entries_max: usize,
    /// Most new entries in any hour.
    pub new_per_hour_max: usize,
}

/// A value that might go on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The value.
    pub value: Value,
    /// Its score now.
    pub score: u8,
    /// How far it may go, if a source said so.
    pub tlp: Option<Tlp>,
}

/// A list as it goes out, with what the next one has to know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockList {
    /// The entries, and since when each is on it.
    pub entries: BTreeMap<Value, Time>,
    /// How many entries were new when; those that have left again among them, so that leaving refunds nothing.
    pub added: BTreeMap<Time, usize>,
}

/// The list to send, and what became of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// The list.
    pub list: BlockList,
    /// What is new on it.
    pub added: Vec<Value>,
    /// What is not on it any more.
    pub removed: Vec<Value>,
    /// What might be on it and is not.
    pub held_back: Vec<HeldBack>,
}

/// A value that is not on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The value.
    pub value: Value,
    /// Why.
    pub because: Because,
}

/// Why a value is not on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It is known to be harmless; the note of the look-up.
    Benign(String),
    /// It would take something along that is: the harmless value, or the list that has one.
    Covers(String),
    /// It may not go that far.
    Tlp(Tlp),
    /// Too many entries were new within the hour.
    Growth,
    /// The list is full.
    Full,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Benign(note) => write!(f, "it is harmless: {note}"),
            Self::Covers(what) => write!(f, "it would take along what is harmless: {what}"),
            Self::Tlp(tlp) => write!(f, "TLP:{} may not go that far", tlp.word().to_uppercase()),
            Self::Growth => f.write_str("too many entries are new within the hour; it comes later"),
            Self::Full => f.write_str("the list is full, and the others have higher scores"),
        }
    }
}

/// Makes the next list. Candidates of other kinds, and those below the least score, are not for this list. What is on the
/// list stays while it is a candidate; then the highest scores come first. A value given twice counts with its
/// higher score and its stricter marking.
#[must_use]
pub fn next(
    previous: &BlockList,
    candidates: impl IntoIterator<Item = Candidate>,
    policy: &Policy,
    intel: &Intel,
    now: Time,
) -> Next {
    let candidates = wanted(candidates, policy);
    let shared = Shared::new(intel, candidates.keys());
    let mut next = Next { list: BlockList::default(), ..Next::default() };
    next.list.added = previous.added.range(now.minus(HOUR)..).map(|(at, n)| (*at, *n)).collect();
    // A moment that is exactly an hour ago is in the window no more.
    next.list.added.remove(&now.minus(HOUR));
    let recent: usize = next.list.added.values().sum();
    let mut room = policy.new_per_hour_max.saturating_sub(recent);
    let mut order: Vec<(&Value, &(u8, Tlp))> = candidates.iter().collect();
    order.sort_by_key(|(value, (score, _))| {
        (!previous.entries.contains_key(*value), Reverse(*score), *value)
    });
    for (value, (_, tlp)) in order {
        let since = previous.entries.get(value).copied();
        let because = if *tlp > policy.tlp_max {
            Some(Because::Tlp(*tlp))
        } else if let Some(because) = shared.because(value) {
            Some(because)
        } else if next.list.entries.len() >= policy.entries_max {
            Some(Because::Full)
        } else if since.is_none() && room == 0 {
            Some(Because::Growth)
        } else {
            None
        };
        if let Some(because) = because {
            next.held_back.push(HeldBack { value: value.clone(), because });
            continue;
        }
        if since.is_none() {
            room = room.saturating_sub(1);
            next.added.push(value.clone());
        }
        next.list.entries.insert(value.clone(), since.unwrap_or(now));
    }
    if !next.added.is_empty() {
        let count = next.list.added.entry(now).or_default();
        *count = count.saturating_add(next.added.len());
    }
    let gone = previous.entries.keys().filter(|value| !next.list.entries.contains_key(*value));
    next.removed = gone.cloned().collect();
    next
}

/// The candidates for this list: score and marking by value.
fn wanted(
    candidates: impl IntoIterator<Item = Candidate>,
    policy: &Policy,
) -> BTreeMap<Value, (u8, Tlp)> {
    let mut wanted: BTreeMap<Value, (u8, Tlp)> = BTreeMap::new();
    for Candidate { value, score, tlp } in candidates {
        if !policy.kinds.contains(&value.kind()) || score < policy.score_min {
            continue;
        }
        let tlp = tlp.unwrap_or(policy.tlp_unsaid);
        let entry = wanted.entry(value).or_insert((score, tlp));
        *entry = (entry.0.max(score), entry.1.max(tlp));
    }
    wanted
}

impl BlockList {
    /// The list as devices read it: one value per line, in order.
    #[must_use]
    pub fn text(&self) -> String {
        self.entries.keys().map(|value| format!("{value}\n")).collect()
    }

    /// A strong entity tag of [`Self::text`] (RFC 9110 §8.8.3): the same entries have the same tag, on every
    /// server and after every restart.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", hex::encode(Sha256::digest(self.text().as_bytes())))
    }
}
