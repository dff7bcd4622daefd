//! What a document of a source comes to: claims, what the source takes back, and what cannot be matched and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use stanch_model::Time;

use crate::{Claim, Confidence, ENTRIES_MAX, Meaning, Tlp, Value, Vulnerability};

/// Largest document that is read, in bytes. The whole public feed of a large community is below.
pub const DOCUMENT_BYTES_MAX: usize = 256 << 20;

/// Parts left out that one import names; all are counted.
pub const LEFT_OUT_MAX: usize = 10_000;

/// Whose a document is, and what is assumed where it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The source, by name.
    pub source: String,
    /// When it was read here.
    pub received_at: Time,
    /// How sure the source is taken to be where it does not say.
    pub confidence: Option<Confidence>,
    /// How far its words may go where it does not say.
    pub tlp: Option<Tlp>,
}

impl Origin {
    /// A source of which nothing is assumed.
    #[must_use]
    pub fn new(source: &str, received_at: Time) -> Self {
        Self { source: source.to_owned(), received_at, confidence: None, tlp: None }
    }

    /// A claim that says no more than that a value is bad.
    #[must_use]
    pub fn claim(&self) -> Claim {
        Claim {
            source: self.source.clone(),
            id: None,
            meaning: Meaning::Malicious,
            confidence: self.confidence,
            tlp: self.tlp,
            received_at: self.received_at,
            valid_from: None,
            valid_until: None,
            first_seen: None,
            last_seen: None,
            tags: std::collections::BTreeSet::new(),
            comment: None,
        }
    }
}

/// What a document came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What it says of which values.
    pub claims: Vec<(Value, Claim)>,
    /// Ids of claims that it takes back.
    pub withdrawn: Vec<String>,
    /// Sightings that it reports.
    pub sightings: Vec<Sighting>,
    /// Vulnerabilities that it lists as exploited.
    pub vulnerabilities: Vec<Vulnerability>,
    /// What of it cannot be matched.
    pub left_out: LeftOut,
    /// What else it holds, counted by type: no indicators.
    pub others: BTreeMap<String, usize>,
}

/// Sightings that a source reports of an indicator of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// What the source calls the sighting.
    pub id: String,
    /// The id of the claim whose value was seen.
    pub of: String,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Time,
    /// When last.
    pub last: Time,
}

/// What of a document was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The first of them.
    pub parts: Vec<Part>,
    /// How many there are in all.
    pub count: usize,
}

/// A part of a document that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Where it stands, or what the source calls it: `line 3`, a STIX id, the UUID of a MISP attribute.
    pub place: String,
    /// Why it cannot be matched.
    pub reason: String,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl Import {
    /// Takes a claim, or says that there are too many.
    pub(crate) fn claim(&mut self, place: &str, value: Value, claim: Claim) {
        if self.claims.len() < ENTRIES_MAX {
            self.claims.push((value, claim));
        } else {
            self.leave_out(place, format!("one import takes {ENTRIES_MAX} claims"));
        }
    }

    pub(crate) fn leave_out(&mut self, place: &str, reason: impl Into<String>) {
        self.left_out.count = self.left_out.count.saturating_add(1);
        if self.left_out.parts.len() < LEFT_OUT_MAX {
            self.left_out.parts.push(Part { place: place.to_owned(), reason: reason.into() });
        }
    }

    pub(crate) fn other(&mut self, kind: &str) {
        const KINDS_MAX: usize = 100;
        let is_known = self.others.contains_key(kind) || self.others.len() < KINDS_MAX;
        let kind = if is_known { kind } else { "of other types" };
        let count = self.others.entry(kind.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
}

/// Why a document cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is larger than anything we keep.
    #[error("{bytes} bytes are more than the {DOCUMENT_BYTES_MAX} that a document may have")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is no JSON, or not of the form that it should have.
    #[error("not {what}: line {line}, column {column}: {why}")]
    Json {
        /// What it should be.
        what: &'static str,
        /// Where it stops being that.
        line: usize,
        /// Where it stops being that.
        column: usize,
        /// What stands there.
        why: String,
    },
    /// It is JSON, and something else.
    #[error("not {what}: {why}")]
    Form {
        /// What it should be.
        what: &'static str,
        /// What it lacks, and what it should have.
        why: String,
    },
    /// A table whose columns are not those that were named.
    #[error("line {line}: {why}")]
    Table {
        /// Where.
        line: usize,
        /// What is wrong and how to mend it.
        why: String,
    },
}

impl Error {
    pub(crate) fn json(what: &'static str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let why = error.to_string();
        let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why).to_owned();
        Self::Json { what, line, column, why }
    }
}

/// Reads a JSON document of at most [`DOCUMENT_BYTES_MAX`].
pub(crate) fn json<'a, T: Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, Error> {
    bounded(text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| Error::json(what, &error))
}

/// Refuses what is too large.
pub(crate) const fn bounded(text: &str) -> Result<(), Error> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(Error::TooLarge { bytes: text.len() });
    }
    Ok(())
}

/// A time of RFC 3339, or nothing.
pub(crate) fn moment<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Time>, D::Error> {
    let Some(text) = Option::<String>::deserialize(d)? else { return Ok(None) };
    let told = |_| serde::de::Error::custom(format!("`{text}` is no time of RFC 3339"));
    text.parse().map(Some).map_err(told)
}
