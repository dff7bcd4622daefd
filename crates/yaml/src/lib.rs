//! YAML that people write: a tree with the place of everything, and changes that mend it.
//!
//! [`tree`] loads a text within limits: no anchors, tags, doubled keys and second documents. [`place`] knows
//! where each character of a value stands in the text, [`edit`] makes [`stanch_model::Fix`]es that keep the
//! style which they find, and `mend` those of a text that is no YAML. What the text means is for others:
//! `playbook` and `connector` read their languages from it.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod edit;
mod mend;
pub mod place;
pub mod tree;

pub use edit::{Change, Editor};
pub use place::Source;
pub use tree::{Extent, Fault, FaultKind, Key, Limits, Scalar, Yaml, load};
