//! Action manifests, the guarded HTTP client, SSH: the hands.
//!
//! [`manifest::load`] reads and checks `connector.yaml`; [`Hands`] calls the targets that those
//! manifests describe. What a call came to is classified in one place, [`outcome`]: certain that
//! it did not happen, certain that it did, or unknown, which the engine then looks up.
//! Nothing here knows the journal, the guard or the ledger.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod egress;
mod hands;
pub mod http;
pub mod instance;
pub mod manifest;
pub mod outcome;
mod outside;
mod render;
pub mod schema;
pub mod secrets;
pub mod ssh;

pub use hands::Hands;
pub use outcome::{HandError, Outcome, Presence};
pub use secrets::{Secret, Secrets};
