//! Action manifests, the guarded HTTP client, SSH, LDAP, IMAP, SMTP, syslog, scripts: the hands.
//!
//! [`manifest::load`] reads and checks `connector.yaml`; [`Hands`] calls the targets that those
//! manifests describe. What a call came to is classified in one place, [`outcome`]: certain that
//! it did not happen, certain that it did, or unknown, which the engine then looks up.
//! Nothing here knows the journal, the guard or the ledger.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod contract;
pub mod egress;
mod hands;
pub mod http;
mod imap;
pub mod instance;
mod ldap;
pub mod manifest;
pub mod notice;
pub mod openapi;
pub mod outcome;
mod outside;
mod render;
pub mod schema;
pub mod script;
pub mod secrets;
mod smtp;
pub mod ssh;
mod stamp;
mod stream;
mod syslog;
mod yaml;

pub use hands::{Hands, Look, Meter, StepScript};
pub use outcome::{HandError, Outcome, Presence};
pub use secrets::{Secret, Secrets};
pub use smtp::Mail;
