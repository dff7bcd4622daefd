//! One connection, to whichever database.

use std::path::PathBuf;

use super::{Address, Cell, Postgres, Row, Sqlite};
use crate::Error;

/// Where a database is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// A PostgreSQL database, and the intake log whose places this process keeps.
    Postgres(Box<Address>, String),
}

impl Place {
    /// Opens the connection that writes, and makes the schema current.
    ///
    /// # Errors
    /// The database's; a database that is less durable than promised.
    pub(crate) fn writer(&self) -> Result<Connection, Error> {
        Ok(match self {
            Self::Sqlite(path) => Connection::Sqlite(Sqlite::writer(path)?),
            Self::Postgres(address, log) => {
                Connection::Postgres(Box::new(Postgres::writer(address, log)?))
            }
        })
    }

    /// Opens a connection that reads.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn reader(&self) -> Result<Connection, Error> {
        Ok(match self {
            Self::Sqlite(path) => Connection::Sqlite(Sqlite::reader(path)?),
            Self::Postgres(address, log) => {
                Connection::Postgres(Box::new(Postgres::reader(address, log)?))
            }
        })
    }
}

/// One connection, to whichever database.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To the embedded store.
    Sqlite(Sqlite),
    /// To PostgreSQL.
    Postgres(Box<Postgres>),
}

impl Connection {
    /// Runs a statement that answers with no rows; how many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn execute(&self, sql: &str, params: &[Cell<'_>]) -> Result<usize, Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(sql, params),
            Self::Postgres(postgres) => postgres.execute(sql, params),
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
            Self::Postgres(postgres) => postgres.query(sql, params, each),
        }
    }

    /// Begins a transaction: of a group of changes, or, on a connection that reads, of a look at one
    /// moment.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin(),
            Self::Postgres(postgres) => {
                postgres.begin();
                Ok(())
            }
        }
    }

    /// Commits; when this returns, all of it is on disk.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn commit(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run("COMMIT"),
            Self::Postgres(postgres) => postgres.commit(),
        }
    }

    /// Takes back what was done since [`Self::begin`]. Nothing is reported: what cannot be rolled back
    /// was not committed either.
    pub(crate) fn roll_back(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.roll_back(),
            Self::Postgres(postgres) => postgres.roll_back(),
        }
    }

    /// Begins one change within a group.
    pub(crate) fn begin_change(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin_change(),
            Self::Postgres(postgres) => postgres.begin_change(),
        }
    }

    /// Keeps a change.
    ///
    /// # Errors
    /// The database's; [`Error::Conflict`] if it was taken back instead, since a statement of it had
    /// failed.
    pub(crate) fn keep_change(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.keep_change(),
            Self::Postgres(postgres) => postgres.keep_change(),
        }
    }

    /// Takes a change back; the others of its group stay.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn refuse_change(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sqlite) => sqlite.refuse_change(),
            Self::Postgres(postgres) => postgres.refuse_change(),
        }
    }

    /// Whether it has to be opened anew.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(postgres) => postgres.is_lost(),
        }
    }

    /// The intake log whose places this process keeps; empty where there is only one.
    pub(crate) fn log(&self) -> &str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(postgres) => postgres.log(),
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
