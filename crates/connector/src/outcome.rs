//! What a call to a target came to, and the one place where that is decided.
//!
//! The line that matters runs between "certain that nothing happened" and "it may have happened".
//! Everything before the first byte of the request is on the safe side; everything after it is
//! not, unless the target itself says that it refused.

use std::{fmt, time::Duration};

use serde_json::Value;
use stanch_model::manifest::EffectClass;

/// What an act came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The target accepted. Whether the effect is there is [`crate::Hands::verify`]'s question.
    Accepted {
        /// What it returned, after the manifest's output schema.
        output: Value,
    },
    /// Certain that it did not happen.
    Failed {
        /// In plain words.
        why: String,
        /// Whether the same call may succeed later.
        retry: bool,
        /// Not before this long, if the target said so; at most an hour.
        retry_after: Option<Duration>,
    },
    /// It may have happened: probe, or ask a person.
    Unknown {
        /// In plain words.
        why: String,
    },
}

/// Whether the effect of an act is in the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    Present,
    /// It is not.
    Absent,
}

/// A question that got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandError {
    /// In plain words.
    pub why: String,
    /// Whether asking again later may help.
    pub retry: bool,
}

impl fmt::Display for HandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for HandError {}

/// What one exchange with a target came to, before anybody asks what it was for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attempt {
    /// The target accepted, and this is its readable answer.
    Answered(Value),
    /// Certain that nothing was done.
    NotDone { why: String, retry: bool, retry_after: Option<Duration> },
    /// Bytes may have reached the target, and no readable answer says what became of them.
    Unclear { why: String },
}

impl Attempt {
    /// Nothing was done, and nothing will be until somebody changes something.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::NotDone { why: why.into(), retry: false, retry_after: None }
    }

    /// Nothing was done, and the next call may succeed.
    pub(crate) fn unreachable(why: impl Into<String>) -> Self {
        Self::NotDone { why: why.into(), retry: true, retry_after: None }
    }

    /// It may have been done.
    pub(crate) fn unclear(why: impl Into<String>) -> Self {
        Self::Unclear { why: why.into() }
    }

    /// As the answer to a question: what is unclear about a question can be asked again.
    pub(crate) fn into_answer(self) -> Result<Value, HandError> {
        match self {
            Self::Answered(response) => Ok(response),
            Self::NotDone { why, retry, .. } => Err(HandError { why, retry }),
            Self::Unclear { why } => Err(HandError { why, retry: true }),
        }
    }
}

/// The outcome of an act of `effect` that ended `Unclear`.
pub(crate) fn unclear(effect: EffectClass, why: String) -> Outcome {
    match effect {
        EffectClass::Read => Outcome::Failed { why, retry: true, retry_after: None },
        EffectClass::Reversible | EffectClass::Irreversible => Outcome::Unknown { why },
    }
}

/// What a status line says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Done, or taken to be done.
    Accepted,
    /// Refused for good.
    Refused,
    /// Refused for now.
    Later,
    /// It may have been done.
    Unclear,
}

/// Reads a status (RFC 9110 §15) against the statuses that the manifest accepts.
///
/// 408 and 409 are unclear: the first may be sent by a proxy that had passed the request on, the
/// second is what a target answers while the first request with the same key is still under way.
pub(crate) fn verdict(status: u16, accept: &[u16], has_retry_after: bool) -> Verdict {
    let accepted =
        if accept.is_empty() { (200..300).contains(&status) } else { accept.contains(&status) };
    match status {
        _ if accepted => Verdict::Accepted,
        429 => Verdict::Later,
        503 if has_retry_after => Verdict::Later,
        408 | 409 => Verdict::Unclear,
        400..=499 => Verdict::Refused,
        _ => Verdict::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, verdict};

    #[test]
    fn a_status_is_a_refusal_only_where_the_target_says_so() {
        for (status, accept, retry_after, expect) in [
            (200, &[][..], false, Verdict::Accepted),
            (299, &[], false, Verdict::Accepted),
            (202, &[200], false, Verdict::Unclear),
            (404, &[200, 404], false, Verdict::Accepted),
            (301, &[], false, Verdict::Unclear),
            (400, &[], false, Verdict::Refused),
            (401, &[], false, Verdict::Refused),
            (404, &[], false, Verdict::Refused),
            (408, &[], false, Verdict::Unclear),
            (409, &[], false, Verdict::Unclear),
            (429, &[], false, Verdict::Later),
            (500, &[], false, Verdict::Unclear),
            (502, &[], true, Verdict::Unclear),
            (503, &[], false, Verdict::Unclear),
            (503, &[], true, Verdict::Later),
            (504, &[], true, Verdict::Unclear),
        ] {
            assert_eq!(verdict(status, accept, retry_after), expect, "{status} {accept:?}");
        }
    }
}
