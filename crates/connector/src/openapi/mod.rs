//! A manifest made of an OpenAPI 3.0 or 3.1 document: one action an operation, nothing guessed.
//!
//! What changes something comes out as a draft: a document cannot say how an act is looked up,
//! verified and taken back, and a person has to decide it. What manifests cannot express is left
//! out and said, in a comment where it is missing.

mod auth;
mod document;
mod names;
mod operation;
mod parameters;
mod responses;
mod schema;
mod write;

pub use write::{Made, Options, manifest};

/// Why no manifest came of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Neither JSON nor YAML.
    #[error("the document cannot be read: {0}")]
    Unreadable(String),
    /// Something else, or another version.
    #[error("this is no OpenAPI 3.0 or 3.1 document: {0}")]
    Version(String),
    /// Nothing in it, or nothing of what was asked for.
    #[error("the document has no operation {wanted}; there are {known}")]
    NoOperation {
        /// What was asked for.
        wanted: String,
        /// Some of those that there are.
        known: String,
    },
    /// None of its operations can be an action.
    #[error("none of the operations can be an action: {0}")]
    Nothing(String),
    /// No file could hold it.
    #[error(
        "the manifest of {operations} operations would be longer than {bytes} bytes: choose some with --operation"
    )]
    TooLong {
        /// How many there are.
        operations: usize,
        /// How long a manifest may be.
        bytes: usize,
    },
    /// What came out is refused by the checker: a mistake of ours, said with the finding.
    #[error("what came out is refused, which is a fault of stanch: {0}")]
    Refused(String),
}
