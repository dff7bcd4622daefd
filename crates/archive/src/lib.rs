//! Raw events on disk: a segmented append log, acknowledged by fdatasync.
//!
//! An event is acknowledged when it is on disk (docs/design/why-an-append-log-before-sql.md): [`IntakeLog::append`]
//! returns after `fdatasync`, never before. One thread owns the files and commits in groups, so
//! that many appends share one sync. The first I/O error poisons the writer: nothing is
//! acknowledged after it, and the process is to stop and recover. A full disk is no such error as
//! long as the half-written bytes could be taken back.
//!
//! Files: `DIR/SEGMENT.log`, twenty digits, from 1, without gaps. A segment is a header, then
//! frames (see `frame.rs`); a finished one ends in an end mark. Every frame says how much of its segment
//! was synced when it was written. That is what tells a torn write, which is cut off and reported in
//! [`Recovery`], from damage to what had been acknowledged, which is an [`Error::Corrupt`]: a
//! frame that vouches for the bad bytes comes after them.
//!
//! Who reads: [`IntakeLog::reader`] sees acknowledged records only, in order, and can wait for more.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod current;
mod disk;
mod error;
mod frame;
mod log;
mod options;
mod reader;
mod recovery;
mod scan;
mod segment;
mod verify;
mod window;
mod writer;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use frame::{KEY_BYTES_MAX, RECORD_BYTES_MAX};
pub use log::IntakeLog;
pub use options::{Appended, BATCH_BYTES_MAX, Options};
pub use reader::Reader;
pub use recovery::Recovery;
pub use verify::{Verified, verify};
