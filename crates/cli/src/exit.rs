//! Exit codes: one table for the code, the help and the scripts that rely on it.

use std::process::ExitCode;

use crate::client;

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked.
    Done = 0,
    /// It worked, and the answer is no: findings, a failed test, a broken chain, a refusal.
    No = 1,
    /// What was typed cannot be obeyed.
    Usage = 2,
    /// The server cannot be reached.
    Unreachable = 3,
    /// The token is missing, unknown, or its role may not do this.
    NotAllowed = 4,
    /// There is no such thing.
    NotFound = 5,
    /// It is not as it was when the command was typed: a changed plan, a question already answered.
    Conflict = 6,
    /// Our fault, here or in the server.
    Internal = 70,
}

/// The table, as `stanch --help` ends.
pub(crate) const HELP: &str = "\
Exit codes:
   0  done
   1  the answer is no: findings, a failed test, an audit that does not verify, a refusal
   2  what was typed cannot be obeyed
   3  the server cannot be reached
   4  not allowed: no token, an unknown token, or a role that may not do this
   5  there is no such thing
   6  conflict: it changed or was answered meanwhile
  70  internal error, here or in the server

Client commands read STANCH_URL (default http://127.0.0.1:8420) and STANCH_TOKEN.
Data goes to stdout, as a table or with --json as one JSON document; talk goes to stderr.";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What was typed cannot be obeyed, for a reason that the parser of arguments cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// There is no such thing in a local data folder.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotFound(pub(crate) String);

/// The exit code of an error.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<client::Error>() {
            return error.exit();
        }
        if cause.is::<Usage>() {
            return Exit::Usage;
        }
        if cause.is::<NotFound>() {
            return Exit::NotFound;
        }
    }
    Exit::Internal
}
