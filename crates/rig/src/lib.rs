//! Real counterparts for tests: started as children, gone with whoever started them.
//!
//! What `scripts/rig/` can start, from Rust. A counterpart that is not installed makes its test count
//! as skipped; under `CI=true` it fails the test.
#![warn(missing_docs, clippy::missing_panics_doc)]

mod postgres;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub use postgres::Postgres;

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/rig")
}

#[expect(clippy::disallowed_methods, reason = "a counterpart is another program")]
fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(name)
}

/// Whether `test` can have these programs; if not, it is counted as skipped.
///
/// # Panics
/// If one of them is missing under `CI=true`.
#[must_use]
pub fn has(test: &str, programs: &[&str]) -> bool {
    let asked = program("bash").arg(scripts().join("need.sh")).arg(test).args(programs).status();
    match asked.map(|status| status.code()) {
        Ok(Some(0)) => true,
        Ok(Some(77)) => false,
        other => panic!("{test} needs {programs:?}: {other:?}"),
    }
}
