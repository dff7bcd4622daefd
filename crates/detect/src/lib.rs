//! Sigma: load, check, route by log source, evaluate, correlate.
//!
//! A rule folder becomes a [`RuleSet`] by [`load`]: every file is either loaded whole or refused with
//! line, column and code ([`codes::ALL`]), and one refused file never stops the others. A [`Detector`]
//! runs events through it. Rules are evaluated by the `rsigma` crates; what is ours is the check (rsigma
//! returns `Ok` for documents that it left out), the routing by log source as a *set*, and the resolution
//! of correlations. `tests/corpora_rules.rs` and `tests/corpora_regression.rs` hold it to public rules and
//! events.
//!
//! ```
//! use std::sync::Arc;
//! use stanch_detect::{Detector, load};
//!
//! let rule = r"
//! title: Shadow copies deleted
//! id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f01
//! logsource: { product: windows, category: process_creation }
//! detection:
//!     selection:
//!         CommandLine|contains: 'delete shadows'
//!     condition: selection
//! level: high
//! ";
//! let (rules, findings) = load(&[("shadow.yaml".to_owned(), rule.to_owned())]);
//! assert!(findings.is_empty());
//! let detector = Detector::new(Arc::new(rules));
//! assert_eq!(detector.rules().rules().len(), 1);
//! ```
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod codes;
pub mod ruletest;

mod check;
mod detector;
mod fields;
mod load;
mod nearest;
mod product;
mod route;
mod ruleset;
mod yaml;

pub use detector::{Detection, Detector};
pub use load::{FileFinding, is_test_file, load};
pub use product::product_detection;
pub use ruleset::{RuleInfo, RuleSet};
