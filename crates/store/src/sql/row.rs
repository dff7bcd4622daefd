//! One row that a query found.

use rusqlite::types::ValueRef;

use super::{Cell, FromCell};
use crate::Error;

/// One row that a query found.
pub(crate) enum Row<'a> {
    /// Of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
}

/// The place of a column, from 0.
pub(crate) trait Place {
    /// It as a number.
    fn place(self) -> usize;
}

impl Place for usize {
    fn place(self) -> usize {
        self
    }
}

impl Row<'_> {
    /// The value in a column.
    ///
    /// # Errors
    /// [`Error::Column`] if the column holds something of another type.
    pub(crate) fn get<I: Place, T: FromCell>(&self, column: I) -> Result<T, Error> {
        let column = column.place();
        T::read(self.cell(column)?, column)
    }

    /// The text in a column, without copying it.
    ///
    /// # Errors
    /// [`Error::Column`] if the column holds no text.
    pub(crate) fn text(&self, column: usize) -> Result<&str, Error> {
        match self.cell(column)? {
            Cell::Text(text) => Ok(text),
            other => String::read(other, column).map(|_text| ""),
        }
    }

    fn cell(&self, column: usize) -> Result<Cell<'_>, Error> {
        match self {
            Self::Sqlite(row) => Ok(match row.get_ref(column)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Integer(number),
                ValueRef::Real(number) => Cell::Real(number),
                ValueRef::Text(text) => Cell::Text(
                    std::str::from_utf8(text)
                        .map_err(|error| rusqlite::Error::Utf8Error(column, error))?,
                ),
                ValueRef::Blob(bytes) => Cell::Blob(bytes),
            }),
        }
    }
}
