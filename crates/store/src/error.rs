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
    /// PostgreSQL refused a statement.
    #[error("PostgreSQL refused ({code}): {text}")]
    Database {
        /// Its SQLSTATE.
        code: String,
        /// What it said.
        text: String,
    },
    /// PostgreSQL is gone, or can no longer be trusted.
    #[error("the connection to PostgreSQL was lost: {0}")]
    Lost(String),
    /// PostgreSQL cannot be opened.
    #[error("could not open {address}: {source}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why not.
        source: Box<Error>,
    },
    /// An address of a store that cannot be used; the text says how to mend it.
    #[error("{0}")]
    Address(String),
    /// Somebody else holds the lease.
    #[error("{holder} holds the lease `{name}`, until {until} unless it is renewed")]
    Held {
        /// The lease.
        name: String,
        /// Who holds it.
        holder: String,
        /// Until when.
        until: stanch_model::Time,
    },
    /// Somebody else took the lease over: what was done under the old one is refused.
    #[error("{holder} took the lease `{name}` over: epoch {epoch} is over")]
    StaleLease {
        /// The lease.
        name: String,
        /// Who holds it now.
        holder: String,
        /// The epoch that is over.
        epoch: u64,
    },
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
            Self::Io { .. } | Self::Poisoned | Self::Lost(_) => true,
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

impl From<tokio_postgres::Error> for Error {
    /// Tells a refused statement from a full disk, and both from a server that cannot be trusted any
    /// more. What the server says in detail is left out: it quotes rows.
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            return Self::Lost(told(&error));
        };
        let (code, text) = (refusal.code().code(), refusal.message());
        match code {
            "53100" => Self::Full,
            // Shut down, I/O error, damage, a transaction that idled too long.
            _ if ["57P", "58", "XX"].iter().any(|class| code.starts_with(class))
                || code == "25P03" =>
            {
                Self::Lost(text.to_owned())
            }
            _ => Self::Database { code: code.to_owned(), text: text.to_owned() },
        }
    }
}

/// An error with what caused it, on one line.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
