//! A consistent copy of the books while they are in use.

use std::path::Path;

use rusqlite::params;

use crate::{Error, Store, sql::Place};

impl Store {
    /// Writes the books as they stand into the new file `to`; changes go on meanwhile. Blocks for as
    /// long as that takes.
    ///
    /// # Errors
    /// SQLite's; a file that is there already and not empty; [`Error::Conflict`] where the books are in
    /// PostgreSQL, which has means of its own.
    pub fn snapshot(&self, to: &Path) -> Result<(), Error> {
        let Place::Sqlite(path) = self.place() else {
            return Err(Error::Conflict(
                "the books are in PostgreSQL: copy them with pg_dump, and the data folder's intake log with it"
                    .to_owned(),
            ));
        };
        let connection = rusqlite::Connection::open(path)?;
        connection.execute("VACUUM INTO ?1", params![to.to_string_lossy()])?;
        let file = std::fs::File::open(to).and_then(|file| file.sync_all());
        file.map_err(|source| Error::Io { doing: format!("sync {}", to.display()), source })
    }
}
