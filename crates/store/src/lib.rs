//! SQL and migrations; the journal; one group-commit writer; queries.
//!
//! [`Store`] is the one API. Changes go through [`Store::write`]: closures over a [`Tx`], run by one
//! writer thread that shares a commit (and so an fsync) among all that wait, and is poisoned by the
//! first I/O error. Queries go through [`Store::read`] over a [`View`].
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod error;
mod snapshot;
mod sql;
mod store;
mod tx;
mod view;
mod writer;

pub use error::Error;
pub use sql::Address;
pub use store::Store;
pub use tx::Tx;
pub use view::{
    AlertPlace, Child, DeadLetter, InboxEntry, KillSwitch, Lease, PlaybookVersion, PolicyVersion,
    Question, QuestionState, Repeated, SealedSecret, SourceStatus, Timer, UnknownOutcome, View,
};
