//! One connection, to whichever database.

use super::{Cell, Row, Sqlite};
use crate::Error;

/// One connection, to whichever database.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To the embedded store.
    Sqlite(Sqlite),
}

impl Connection {
    /// Runs a statement that answers with no rows; how many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn execute(&self, sql: &str, params: &[Cell<'_>]) -> Result<usize, Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(sql, params),
        }
    }

    /// Runs a query, and `each` for every row until it says that it has enough.
    ///
    /// # Errors
    /// The database's, and those of `each`.
    pub(crate) fn query(
        &self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<Next, Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.query(sql, params, each),
        }
    }

    /// Begins the transaction of a group of changes.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run("BEGIN IMMEDIATE"),
        }
    }

    /// Begins a look at one moment, for several queries.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn begin_reading(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run("BEGIN DEFERRED"),
        }
    }

    /// Commits; when this returns, all of it is on disk.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn commit(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run("COMMIT"),
        }
    }

    /// Takes back what was done since [`Self::begin`]. Nothing is reported: what cannot be rolled back
    /// was not committed either.
    pub(crate) fn roll_back(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.roll_back(),
        }
    }

    /// Begins one change within a group.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn begin_change(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run("SAVEPOINT change"),
        }
    }

    /// Keeps a change.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn keep_change(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run("RELEASE change"),
        }
    }

    /// Takes a change back; the others of its group stay.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn refuse_change(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => {
                sqlite.run("ROLLBACK TO change")?;
                sqlite.run("RELEASE change")
            }
        }
    }
}

/// Whether a query goes on to its next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There may be more that is wanted.
    Row,
    /// That was all.
    Enough,
}
