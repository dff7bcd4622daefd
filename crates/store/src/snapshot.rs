//! A consistent copy of the books while they are in use.

use std::path::Path;

use rusqlite::params;

use crate::{Error, Store};

impl Store {
    /// Writes the books as they stand into the new file `to`; changes go on meanwhile. Blocks for as
    /// long as that takes.
    ///
    /// # Errors
    /// SQLite's; a file that is there already and not empty.
    pub fn snapshot(&self, to: &Path) -> Result<(), Error> {
        let connection = rusqlite::Connection::open(self.path())?;
        connection.execute("VACUUM INTO ?1", params![to.to_string_lossy()])?;
        let file = std::fs::File::open(to).and_then(|file| file.sync_all());
        file.map_err(|source| Error::Io { doing: format!("sync {}", to.display()), source })
    }
}
