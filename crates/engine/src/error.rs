//! What can go wrong in the engine, by who can mend it.

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing by that name or id.
    #[error("{0}")]
    NotFound(String),
    /// The caller's request does not fit what is there.
    #[error("{0}")]
    Invalid(String),
    /// The thing stands in another state, or somebody was faster.
    #[error("{0}")]
    Conflict(String),
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
            S::Conflict(text) => Self::Conflict(text),
            S::Full => Self::Full,
            S::Poisoned => Self::Poisoned,
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
