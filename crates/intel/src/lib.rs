//! Indicators: plain lists, match index, look-up.
//!
//! A list is a text with one value per line ([`IndicatorSet::load`]), or a MISP warning list
//! ([`IndicatorSet::load_warninglist`]). [`Intel`] holds lists that call values malicious and lists that call them
//! benign; where both do, benign wins, because acting on what everybody uses costs more than
//! leaving one bad address to a person, and the answer says that it was so.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod index;
mod lookup;
mod plain;
mod read;
mod warninglist;

#[cfg(test)]
mod tests;

pub use index::IndicatorSet;
pub use lookup::{Intel, Lookup, Meaning, Verdict};
pub use plain::Finding;
pub use read::observable;
pub use warninglist::Error;

/// Values that one list may have; more are left out, with a finding.
pub const ENTRIES_MAX: usize = 2_000_000;
/// Findings that one load reports; the last one says how many more there were.
pub const FINDINGS_MAX: usize = 100;
