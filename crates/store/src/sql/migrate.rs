//! The migrations: one line a file, each run once, in the order of their numbers.

use rusqlite::Connection;

use crate::Error;

/// A change of a SQLite file.
type Change = fn(&Connection) -> Result<(), Error>;

/// One step of the schema.
struct Migration {
    /// Its number; a data folder's version is the number of the last one that it has seen.
    number: i64,
    /// What it changes, in SQLite's dialect.
    sql: &'static str,
    /// What SQL alone cannot do to a SQLite file, before `sql`.
    sqlite: Option<Change>,
}

const fn sql(number: i64, sql: &'static str) -> Migration {
    Migration { number, sql, sqlite: None }
}

/// All of them. A new file is one more line.
const MIGRATIONS: &[Migration] = &[
    sql(1, include_str!("../../migrations/0001.sql")),
    Migration {
        number: 6,
        sql: include_str!("../../migrations/0006.sql"),
        sqlite: Some(number_rows),
    },
    sql(7, include_str!("../../migrations/0007.sql")),
    sql(8, include_str!("../../migrations/0008.sql")),
    sql(9, include_str!("../../migrations/0009.sql")),
    sql(11, include_str!("../../migrations/0011.sql")),
];

/// The steps after `found`, with their numbers.
///
/// # Errors
/// [`Error::Version`] if `found` is of a newer build.
pub(super) fn missing(found: i64) -> Result<impl Iterator<Item = (i64, &'static str)>, Error> {
    Ok(steps(found)?.map(|migration| (migration.number, migration.sql)))
}

fn steps(found: i64) -> Result<impl Iterator<Item = &'static Migration>, Error> {
    let known = MIGRATIONS.last().map_or(0, |last| last.number);
    if found > known {
        return Err(Error::Version { found, known });
    }
    Ok(MIGRATIONS.iter().filter(move |migration| migration.number > found))
}

/// Makes the schema of a SQLite file current.
///
/// # Errors
/// SQLite's; [`Error::Version`] if the file was written by a newer build.
pub(super) fn sqlite(connection: &mut Connection) -> Result<(), Error> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for migration in steps(found)? {
        let tx = connection.transaction()?;
        if let Some(change) = migration.sqlite {
            change(&tx)?;
        }
        tx.execute_batch(migration.sql)?;
        tx.pragma_update(None, "user_version", migration.number)?;
        tx.commit()?;
    }
    Ok(())
}

/// Tables that were made without a column for the order in which their rows came, with their key and
/// what says that order instead.
const UNNUMBERED: &[(&str, &str, &str)] = &[
    ("alert", "(tenant, id)", "rowid"),
    ("incident", "(tenant, id)", "rowid"),
    ("run", "(tenant, id)", "rowid"),
    ("approval", "(tenant, id)", "rowid"),
    ("question", "(tenant, id)", "rowid"),
    ("containment", "(tenant, id)", "rowid"),
    ("journal", "(run, sequence)", "at, run, sequence"),
];

/// Gives `number` to the tables of a file that was made when 0001.sql did not have it yet. SQLite cannot
/// add a primary key, so the table is made anew, with the columns and indexes that it has by now.
fn number_rows(connection: &Connection) -> Result<(), Error> {
    for (table, key, order) in UNNUMBERED {
        let columns = names(connection, "SELECT name FROM pragma_table_info(?1)", table)?;
        if columns.iter().any(|column| column == "number") {
            continue;
        }
        let made = names(connection, "SELECT sql FROM sqlite_schema WHERE name = ?1", table)?;
        let indexes = names(
            connection,
            "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL",
            table,
        )?;
        let made = made
            .concat()
            .replacen('(', "(number INTEGER PRIMARY KEY, ", 1)
            .replacen(&format!("PRIMARY KEY {key}"), &format!("UNIQUE {key}"), 1)
            .replacen(", WITHOUT ROWID", "", 1);
        let columns = columns.join(", ");
        connection.execute_batch(&format!(
            "ALTER TABLE {table} RENAME TO unnumbered;
             {made};
             INSERT INTO {table} ({columns}) SELECT {columns} FROM unnumbered ORDER BY {order};
             DROP TABLE unnumbered;
             {}",
            indexes.join(";\n")
        ))?;
    }
    Ok(())
}

fn names(connection: &Connection, sql: &str, table: &str) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([table], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}
