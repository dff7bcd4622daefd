//! Notices to people: webhooks that are signed, and mails through an instance of `smtp`.
//!
//! A notice decides nothing and carries no secret; it is sent at least once, with an id by which whoever gets it
//! can tell a repetition. So an outcome that is not known is tried again, other than with an act.

pub mod webhook;

use crate::outcome::{Attempt, Outcome};

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

impl NoticeError {
    /// Why a mail did not go out; `None` if the relay took it over.
    #[must_use]
    pub fn of_mail(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Accepted { .. } => None,
            Outcome::Failed { why, retry, .. } => Some(Self { why, retry }),
            Outcome::Unknown { why } => Some(Self::later(why)),
        }
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
