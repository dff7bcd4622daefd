//! Indicators: formats (STIX, MISP, CSV, KEV), match index, scoring, decay, block lists.
//!
//! A document of a source ([`Format`]) comes to claims ([`Import`]), and these to indicators, one for each value
//! ([`Indicators`]), with a score that decays ([`score`]). What is looked up at intake is an [`Index`] of values. [`Intel`]
//! holds lists that call values malicious and lists that call them benign; where both do, benign wins, because acting
//! on what everybody uses costs more than leaving one bad address to a person, and the answer says that it was so.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod allow;
pub mod blocklist;
pub mod csv;
mod format;
pub mod import;
pub mod index;
mod indicator;
mod indicators;
pub mod kev;
mod lookup;
pub mod misp;
mod plain;
pub mod precision;
pub mod score;
mod set;
pub mod stix;
mod tlp;
mod value;
mod warninglist;

#[cfg(test)]
mod tests;

pub use allow::{AllowEntry, AllowList};
pub use blocklist::BlockList;
pub use csv::{Column, Columns};
pub use format::Format;
pub use import::{Import, Origin};
pub use index::Index;
pub use indicator::{Change, Claim, Confidence, Indicator, Sightings};
pub use indicators::{Changes, Delivery, Indicators};
pub use kev::Vulnerability;
pub use lookup::{Intel, Lookup, Meaning, Verdict};
pub use plain::Finding;
pub use set::IndicatorSet;
pub use tlp::{Tlp, UnknownTlp};
pub use value::{Kind, Unreadable, Value, observable};
pub use warninglist::Error;

/// Values that one list may have; more are left out, with a finding.
pub const ENTRIES_MAX: usize = 2_000_000;
/// Findings that one load reports; the last one says how many more there were.
pub const FINDINGS_MAX: usize = 100;
