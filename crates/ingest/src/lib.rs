//! Bytes to events, one folder per source.
//!
//! A body arrives (a POST, a file, a datagram); [`split`] cuts it into records and says on which
//! line each began; [`parse`] makes one [`stanch_model::Event`] of a record. Which source reads a
//! record is either said by whoever configured the intake, or recognised in the order of
//! [`SOURCES`].
//!
//! Nothing here reads a clock, a file, a socket or the environment: the time of receipt is handed
//! in with the [`Receipt`]. No input panics, and what comes out is bounded by the limits in
//! [`limits`].
//!
//! ```
//! use stanch_ingest::{Receipt, parse, split};
//! use stanch_model::{Time, event::Trust};
//!
//! let body = b"Nov 24 10:00:00 web01 sshd[311]: Failed password for root from 203.0.113.9 port 40000 ssh2\n";
//! let received_at: Time = "2026-11-24T10:00:01Z".parse()?;
//! for line in split(body) {
//!     let receipt = Receipt {
//!         id: Default::default(),
//!         tenant: Default::default(),
//!         source: "web".to_owned(),
//!         trust: Trust::Medium,
//!         received_at,
//!     };
//!     let event = parse(None, &line.text.expect("it is UTF-8"), receipt)?;
//!     assert_eq!(event.common.src_ip, Some("203.0.113.9".parse()?));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod limits;

mod error;
mod fields;
mod moment;
mod parse;
mod record;
mod source;
mod split;
mod syslog_line;

pub use error::Error;
pub use parse::{Receipt, parse, recognise};
pub use record::Record;
pub use source::{Draft, SOURCES, Source};
pub use split::{BadLine, Line, Split, TableHead, split, split_after};

#[cfg(test)]
mod corpus;
