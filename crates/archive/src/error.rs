//! What can go wrong, and whether trying again can help.

use std::{io, path::PathBuf, sync::Arc};

use stanch_model::EventId;

/// Why the log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A record over [`crate::RECORD_BYTES_MAX`].
    #[error("record {index} of the batch has {bytes} bytes; at most {max} are taken", max = crate::RECORD_BYTES_MAX)]
    RecordTooLarge {
        /// Which one, from 0.
        index: usize,
        /// Its size.
        bytes: usize,
    },
    /// A batch over [`crate::BATCH_BYTES_MAX`].
    #[error("the batch has {bytes} bytes; at most {max} are taken, send it in parts", max = crate::BATCH_BYTES_MAX)]
    BatchTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A deduplication key over [`crate::KEY_BYTES_MAX`], or an empty one.
    #[error("the deduplication key has {bytes} bytes; 1 to {max} are taken", max = crate::KEY_BYTES_MAX)]
    KeyLength {
        /// Its size.
        bytes: usize,
    },
    /// No space, or over quota. Nothing of the batch was kept; the log goes on.
    #[error("no space left for {path}: free some, then send again", path = path.display())]
    Full {
        /// The segment that could not grow.
        path: PathBuf,
    },
    /// An earlier I/O error left it unknown what is on disk; nothing is acknowledged any more.
    #[error("the intake log stopped after an I/O error ({cause}): restart to recover")]
    Poisoned {
        /// The first error, with what was attempted.
        cause: Arc<str>,
    },
    /// A file operation failed while opening or reading.
    #[error("could not {attempt} {path}", path = path.display())]
    Io {
        /// What was attempted.
        attempt: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Acknowledged bytes are damaged. Nothing was changed.
    #[error("{path} is damaged at byte {offset}: {why}; restore the file from a backup", path = path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The first bad byte's frame.
        offset: u64,
        /// What is wrong there.
        why: &'static str,
    },
    /// A segment between two others is not there. Nothing was changed.
    #[error("{path} is missing, though later segments exist; restore it from a backup", path = path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Another process, or another handle of this one, has the log open.
    #[error("the intake log in {dir} is open already; stop the other process first", dir = dir.display())]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// A consumer remembers a record that the log does not hold: it lost its end, or is another log.
    #[error("asked to go on after {after}, but the log ends at {end}; was an older copy restored?",
        end = last.map_or_else(|| "its start".to_owned(), |id| id.to_string()))]
    Ahead {
        /// What the consumer remembers.
        after: EventId,
        /// The last record there is.
        last: Option<EventId>,
    },
    /// The log was closed.
    #[error("the intake log is closed")]
    Closed,
}

impl Error {
    /// Whether the same batch may succeed later, without a restart.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Full { .. })
    }

    pub(crate) fn io(attempt: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { attempt, path: path.into(), source }
    }
}
