//! What can go wrong with the store.

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An I/O error happened before; nothing is acknowledged after it. Restart to recover.
    #[error("the store is poisoned by an earlier I/O error; restart to recover")]
    Poisoned,
    /// The disk is full; nothing was written.
    #[error("the disk is full: nothing was written")]
    Full,
    /// What the decision rested on changed before it was committed.
    #[error("the guard's facts changed (epoch {found}, decided at {decided}): decide again")]
    StaleEpoch {
        /// The epoch at the decision.
        decided: u64,
        /// The epoch now.
        found: u64,
    },
    /// An intent that does not fit a budget any more.
    #[error("budget `{class}` is used up: {count} of {limit}")]
    OverBudget {
        /// The counter.
        class: String,
        /// How many there are.
        count: u32,
        /// How many fit.
        limit: u32,
    },
    /// Somebody else changed it first, or it stands in another state.
    #[error("{0}")]
    Conflict(String),
    /// Nothing by that id.
    #[error("no {what} `{id}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A record that does not give its checksum: the file was changed or damaged.
    #[error("journal of {run}, record {sequence}: damaged (checksum differs)")]
    Damaged {
        /// The run.
        run: String,
        /// The record.
        sequence: u64,
    },
    /// The data folder is of another version.
    #[error("the data folder has schema version {found}, this build knows {known}")]
    Version {
        /// In the folder.
        found: i64,
        /// In this build.
        known: i64,
    },
    /// The database would not be as durable as promised.
    #[error("the database refuses {setting} = {wanted}: it says {found}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What is needed.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// A column that holds something else than the query expects.
    #[error("column {column} of a row in the store holds {found}, not {wanted}")]
    Column {
        /// Its place, from 0.
        column: usize,
        /// What is needed.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A document in the store that cannot be read.
    #[error("a document in the store cannot be read")]
    Json(#[from] serde_json::Error),
    /// SQLite refused.
    #[error("SQLite refused")]
    Sqlite(#[source] rusqlite::Error),
    /// A file operation failed.
    #[error("could not {doing}")]
    Io {
        /// What was attempted.
        doing: String,
        /// Why not.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the storage itself failed, so that nothing after it can be trusted.
    pub(crate) fn is_io(&self) -> bool {
        use rusqlite::ErrorCode as C;
        match self {
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    C::SystemIoFailure
                        | C::DatabaseCorrupt
                        | C::NotADatabase
                        | C::CannotOpen
                        | C::FileLockingProtocolFailed
                )
            ),
            Self::Io { .. } | Self::Poisoned => true,
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for Error {
    /// A full disk is told apart, wherever it shows.
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}
