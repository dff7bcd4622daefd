//! The question that playbooks ask: is this value known, and as what?

use serde::{Deserialize, Serialize};
use stanch_model::Observable;

use crate::{IndicatorSet, observable};

/// What being on a list means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// Known to be bad.
    Malicious,
    /// Ours, or shared by everybody: not to be acted on.
    Benign,
}

/// What is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// On a list of bad values.
    Malicious,
    /// On an allow or warning list.
    Benign,
    /// On no list.
    Unknown,
}

/// The answer to a look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// What is known.
    pub verdict: Verdict,
    /// The lists that say so, by name.
    pub sources: Vec<String>,
    /// In plain words, what matched and what else was considered; empty if there is nothing to say.
    pub note: String,
}

/// All lists of an installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intel {
    lists: Vec<(Meaning, IndicatorSet)>,
}

impl Intel {
    /// Adds a list; one of the same name and meaning is replaced.
    pub fn add(&mut self, meaning: Meaning, set: IndicatorSet) {
        self.lists.retain(|(m, old)| (*m, &old.name) != (meaning, &set.name));
        self.lists.push((meaning, set));
    }

    /// The lists, in the order in which they were added.
    pub fn lists(&self) -> impl Iterator<Item = (Meaning, &IndicatorSet)> {
        self.lists.iter().map(|(meaning, set)| (*meaning, set))
    }

    /// Looks a text up, of whatever kind it is; also defanged. A text of no kind is unknown.
    #[must_use]
    pub fn lookup_text(&self, text: &str) -> Lookup {
        observable(text).map_or_else(
            || Lookup {
                verdict: Verdict::Unknown,
                sources: Vec::new(),
                note: "neither address, domain, URL, hash nor e-mail address".to_owned(),
            },
            |observable| self.lookup(&observable),
        )
    }

    /// Looks a value up. Where lists disagree, benign wins and the note says so.
    #[must_use]
    pub fn lookup(&self, observable: &Observable) -> Lookup {
        let (benign, benign_note) = self.hits(Meaning::Benign, observable);
        let (malicious, malicious_note) = self.hits(Meaning::Malicious, observable);
        match (benign.is_empty(), malicious.is_empty()) {
            (true, true) => {
                Lookup { verdict: Verdict::Unknown, sources: Vec::new(), note: String::new() }
            }
            (true, false) => {
                Lookup { verdict: Verdict::Malicious, sources: malicious, note: malicious_note }
            }
            (false, true) => {
                Lookup { verdict: Verdict::Benign, sources: benign, note: benign_note }
            }
            (false, false) => {
                let note = format!("{benign_note}; overrides {malicious_note}");
                Lookup { verdict: Verdict::Benign, sources: benign, note }
            }
        }
    }

    /// The lists of harmless values.
    pub(crate) fn benign(&self) -> impl Iterator<Item = &IndicatorSet> {
        self.lists.iter().filter(|(meaning, _)| *meaning == Meaning::Benign).map(|(_, set)| set)
    }

    fn hits(&self, meaning: Meaning, observable: &Observable) -> (Vec<String>, String) {
        let mut sources = Vec::new();
        let mut notes = Vec::new();
        for (_, set) in self.lists.iter().filter(|(m, _)| *m == meaning) {
            let Some(hit) = set.find(observable) else { continue };
            let entry = hit.entry.map(|entry| format!(" as {entry}")).unwrap_or_default();
            let comment = hit.comment.map(|text| format!(" ({text})")).unwrap_or_default();
            notes.push(format!("on {}{entry}{comment}", set.name));
            sources.push(set.name.clone());
        }
        (sources, notes.join(", "))
    }
}
