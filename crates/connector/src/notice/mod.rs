//! Notices to people: webhooks that are signed, and mails over a relay.
//!
//! A notice decides nothing and carries no secret; it is sent at least once, with an id by which whoever gets it
//! can tell a repetition. So an outcome that is not known is tried again, other than with an act.

pub mod mail;
pub mod webhook;

use crate::outcome::Attempt;

/// Why a notice did not go out, or may not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoticeError {
    /// In plain words.
    pub why: String,
    /// Whether trying again later may help.
    pub retry: bool,
}

impl NoticeError {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self { why: why.into(), retry: false }
    }

    pub(crate) fn later(why: impl Into<String>) -> Self {
        Self { why: why.into(), retry: true }
    }
}

impl From<Attempt> for NoticeError {
    fn from(attempt: Attempt) -> Self {
        match attempt {
            Attempt::NotDone { why, retry, .. } => Self { why, retry },
            Attempt::Unclear { why } => Self::later(why),
            Attempt::Answered(_) => Self::later("the answer is not understood"),
        }
    }
}
