//! A body to records, each with the line on which it began.
//!
//! These shapes are read without being told which: one record a line (NDJSON, syslog, audit);
//! one JSON list of records; JSON objects printed over several lines, or one after the other on
//! one line; objects that wrap a list (`wrapped.rs`); events as XML, on
//! one line or on several (`xml.rs`); tables with a head (`table.rs`);
//! entries of the journal's export format (`export.rs`). A record that is broken costs itself and nobody else: it comes out as an error with
//! its line and its text, and reading goes on after it.

mod cut;
mod export;
mod table;
mod value;
mod wrapped;
mod xml;

pub use cut::{BadLine, Line, Split, split, split_after};
pub use table::TableHead;
pub(crate) use table::separator;

#[cfg(test)]
mod tests;
