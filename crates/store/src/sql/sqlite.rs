//! The embedded database: pragmas that are read back, a folder that is synced.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{
    ToSql,
    types::{ToSqlOutput, Value, ValueRef},
};

use super::{Cell, Next, Row, migrate};
use crate::Error;

/// How long a reader waits for the writer's checkpoint.
const BUSY: Duration = Duration::from_secs(5);

/// How many compiled statements a connection keeps: more than there are.
const STATEMENTS_MAX: usize = 256;

/// A connection to the embedded database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
}

impl Sqlite {
    /// Opens the writer's connection, makes the schema current and syncs the folder.
    ///
    /// # Errors
    /// SQLite's; a file system on which it does not accept WAL with `synchronous=FULL`; a schema of a
    /// newer build.
    pub(crate) fn writer(path: &Path) -> Result<Self, Error> {
        let mut connection = rusqlite::Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        demand(&connection, "journal_mode", "WAL", "wal")?;
        demand(&connection, "synchronous", "FULL", "2")?;
        demand(&connection, "foreign_keys", "ON", "1")?;
        migrate::sqlite(&mut connection)?;
        sync_folder(path)?;
        Ok(Self { connection })
    }

    /// Opens a connection that only reads.
    ///
    /// # Errors
    /// SQLite's.
    pub(crate) fn reader(path: &Path) -> Result<Self, Error> {
        let connection = rusqlite::Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        demand(&connection, "query_only", "ON", "1")?;
        Ok(Self { connection })
    }

    pub(crate) fn execute(&self, sql: &str, params: &[Cell<'_>]) -> Result<usize, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.execute(rusqlite::params_from_iter(params))?)
    }

    pub(crate) fn query(
        &self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<Next, Error>,
    ) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            if each(&Row::Sqlite(row))? == Next::Enough {
                break;
            }
        }
        Ok(())
    }

    /// Runs a statement that has neither parameters nor rows.
    pub(crate) fn run(&self, sql: &str) -> Result<(), Error> {
        self.execute(sql, &[]).map(|_none| ())
    }

    pub(crate) fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.run("ROLLBACK")
        {
            tracing::warn!(error = ?error, "SQLite could not roll back");
        }
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Real(number) => ValueRef::Real(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Sets a pragma and reads it back: under injected I/O errors SQLite has been seen to answer a
/// `journal_mode=WAL` with success and stay in another mode.
fn demand(
    connection: &rusqlite::Connection,
    pragma: &'static str,
    value: &'static str,
    wanted: &'static str,
) -> Result<(), Error> {
    connection.pragma_update(None, pragma, value)?;
    let found: String = connection.pragma_query_value(None, pragma, |row| {
        Ok(match row.get::<_, Value>(0)? {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        })
    })?;
    if found == wanted { Ok(()) } else { Err(Error::Setting { setting: pragma, wanted, found }) }
}

/// A file that was made is only there after a power loss if its folder was synced as well.
fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| Error::Io { doing: format!("sync {}", folder.display()), source })
}
