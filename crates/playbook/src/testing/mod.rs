//! Tests of playbooks: `NAME.test.yaml` beside `NAME.yaml`, a list of cases.
//!
//! The same machine as in earnest, with another driver: fixtures answer for targets and people, acts are
//! accepted and seen unless the case says otherwise, and time passes at once. Nothing outside is
//! touched. [`parse`] reads the cases ([`codes`] lists what it may find), [`run`] runs one; the
//! format is described in content/playbooks/README.md.

mod answers;
mod case;
pub mod codes;
mod context;
mod driver;
mod read;
mod result;
mod yaml;

#[cfg(test)]
mod tests;

pub use case::{Act, Answer, Case, Expect};
pub use read::parse;
pub use result::{CaseResult, Row, RowKind, run};
