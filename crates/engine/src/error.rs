//! What can go wrong in the engine, by who can mend it.

use stanch_model::Diagnostic;

use crate::{core::STALE, people::FORBIDDEN};

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing by that name or id.
    #[error("{0}")]
    NotFound(String),
    /// The caller's request does not fit what is there.
    #[error("{0}")]
    Invalid(String),
    /// What somebody wrote cannot be executed as it is; all findings.
    #[error("it is refused: {}", first(.0))]
    Refused(Vec<Diagnostic>),
    /// The thing stands in another state, or somebody was faster.
    #[error("{0}")]
    Conflict(String),
    /// The thing is another one than the caller has seen.
    #[error("{0}")]
    Stale(String),
    /// The caller may not do that.
    #[error("{0}")]
    Forbidden(String),
    /// Too many wrong passwords lately.
    #[error("too many failed sign-ins: try again in {wait_s} s")]
    TooManyTries {
        /// How long to wait, in seconds.
        wait_s: u64,
    },
    /// The disk is full.
    #[error("the disk is full: nothing was taken; free space and send it again")]
    Full,
    /// The storage failed; the process ends and recovers on start.
    #[error("storage failed; restart to recover")]
    Poisoned,
    /// Another engine took the store's lease over; this one has to end.
    #[error("{0}; this process must not go on")]
    TakenOver(String),
    /// A store operation failed.
    #[error("store: {0}")]
    Store(#[source] stanch_store::Error),
    /// The intake log failed.
    #[error("intake log: {0}")]
    Log(#[source] stanch_archive::Error),
    /// Configuration or content that cannot be used.
    #[error("{0}")]
    Content(String),
}

impl From<stanch_store::Error> for Error {
    fn from(error: stanch_store::Error) -> Self {
        use stanch_store::Error as S;
        match error {
            S::NotFound { .. } => Self::NotFound(error.to_string()),
            S::Conflict(text) => match (text.strip_prefix(STALE), text.strip_prefix(FORBIDDEN)) {
                (Some(text), _) => Self::Stale(text.to_owned()),
                (_, Some(text)) => Self::Forbidden(text.to_owned()),
                (None, None) => Self::Conflict(text),
            },
            S::Full => Self::Full,
            S::Poisoned => Self::Poisoned,
            S::StaleLease { .. } => Self::TakenOver(error.to_string()),
            S::Address(text) => Self::Content(text),
            other => Self::Store(other),
        }
    }
}

impl From<stanch_archive::Error> for Error {
    fn from(error: stanch_archive::Error) -> Self {
        use stanch_archive::Error as A;
        match error {
            A::Full { .. } => Self::Full,
            A::Poisoned { .. } => Self::Poisoned,
            A::RecordTooLarge { .. } | A::BatchTooLarge { .. } | A::KeyLength { .. } => {
                Self::Invalid(error.to_string())
            }
            other => Self::Log(other),
        }
    }
}

/// The first finding that stops the load, and how many there are.
fn first(findings: &[Diagnostic]) -> String {
    let stops = findings.iter().find(|finding| finding.is_error()).or(findings.first());
    let first = stops.map(ToString::to_string).unwrap_or_default();
    match findings.len() {
        0 | 1 => first,
        n => format!("{first}, and {} more", n - 1),
    }
}
