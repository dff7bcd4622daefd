//! The vocabulary: events, alerts, incidents, actions, plans, containments; serde only.
//!
//! Every other crate speaks these words and none has a second spelling of them
//! (docs/GLOSSARY.md). Nothing here reads a clock, a file or a socket: ids and times are
//! handed in by whoever holds them.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod alert;
pub mod audit;
pub mod canonical;
pub mod containment;
pub mod diagnostic;
pub mod duration;
pub mod event;
pub mod guard;
pub mod id;
pub mod incident;
pub mod manifest;
pub mod observable;
pub mod people;
pub mod plan;
pub mod run;
pub mod severity;
pub mod time;

pub use alert::Alert;
pub use diagnostic::{Diagnostic, Level, Span};
pub use event::Event;
pub use id::{
    AlertId, ApprovalId, ContainmentId, EventId, IncidentId, RunId, TenantId, TokenId, UserId,
};
pub use incident::Incident;
pub use observable::{Observable, ObservableKind};
pub use severity::Severity;
pub use time::Time;
