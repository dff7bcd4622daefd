//! Opening the database: migrations, pragmas that are read back, directories that are synced.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::Connection;

use crate::Error;

/// The migrations, in order; a data folder's version is how many of them it has seen.
const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/0001.sql"), include_str!("../migrations/0002.sql")];

/// How long a reader waits for the writer's checkpoint.
const BUSY: Duration = Duration::from_secs(5);

/// Opens the writer's connection, makes the schema current and syncs the folder.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, Error> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    demand(&connection, "journal_mode", "WAL", "wal")?;
    demand(&connection, "synchronous", "FULL", "2")?;
    demand(&connection, "foreign_keys", "ON", "1")?;
    migrate(&mut connection)?;
    sync_folder(path)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    demand(&connection, "query_only", "ON", "1")?;
    Ok(connection)
}

/// Sets a pragma and reads it back: under injected I/O errors SQLite has been seen to answer a
/// `journal_mode=WAL` with success and stay in another mode.
fn demand(
    connection: &Connection,
    pragma: &'static str,
    value: &'static str,
    wanted: &'static str,
) -> Result<(), Error> {
    connection.pragma_update(None, pragma, value)?;
    let found: String = connection.pragma_query_value(None, pragma, |row| {
        let value: rusqlite::types::Value = row.get(0)?;
        Ok(match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        })
    })?;
    if found == wanted { Ok(()) } else { Err(Error::Pragma { pragma, wanted, found }) }
}

fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::Version { found, known });
    }
    for (number, sql) in (1_i64..).zip(MIGRATIONS) {
        if number > found {
            let tx = connection.transaction()?;
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", number)?;
            tx.commit()?;
        }
    }
    Ok(())
}

/// A file that was made is only there after a power loss if its folder was synced as well.
fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| Error::Io { doing: format!("sync {}", folder.display()), source })
}
