//! What a source's matches were worth, by what analysts said of the incidents that came of them.
//!
//! The interval is `stanch_measure::Share` (Wilson, 95 %), which comes as a fact from whoever counts, so that there
//! is one formula for what people see and for what is decided.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use stanch_model::incident::Disposition;

use crate::score::Earned;

/// An incident that was closed, and whose indicators it had matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled<'a> {
    /// What the analyst said.
    pub disposition: Disposition,
    /// The sources that claimed a value in it to be bad.
    pub sources: BTreeSet<&'a str>,
}

/// How many matches of a source were right, and how many wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Incidents that were attacks.
    pub right: u64,
    /// Incidents that were false alarms, or harmless.
    pub wrong: u64,
}

impl Tally {
    /// All that were labelled.
    #[must_use]
    pub const fn labelled(self) -> u64 {
        self.right.saturating_add(self.wrong)
    }
}

/// Counts by source. A duplicate says nothing: the incident that it repeats is counted.
#[must_use]
pub fn tally<'a>(incidents: impl IntoIterator<Item = Labelled<'a>>) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for incident in incidents {
        let (right, wrong) = match incident.disposition {
            Disposition::TruePositive => (1, 0),
            Disposition::BenignTrigger | Disposition::FalsePositive => (0, 1),
            Disposition::Duplicate => continue,
        };
        for source in incident.sources {
            let tally = tallies.entry(source.to_owned()).or_default();
            tally.right = tally.right.saturating_add(right);
            tally.wrong = tally.wrong.saturating_add(wrong);
        }
    }
    tallies
}

/// What each source has earned, where `high` gives the upper end of the interval of `part` of `whole`.
#[must_use]
pub fn earned(tallies: &BTreeMap<String, Tally>, high: impl Fn(u64, u64) -> f64) -> Earned {
    let rows = tallies.iter().filter(|(_, tally)| tally.labelled() > 0);
    rows.map(|(source, tally)| (source.clone(), high(tally.right, tally.labelled()))).collect()
}
