//! Queries: one file per noun, all methods of [`View`].

mod alert;
mod books;
mod containment;
mod incident;
mod notice;
mod people;
mod playbook;
mod proposal;
mod repeated;
mod run;
mod team;
mod version;

use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::de::DeserializeOwned;

pub use self::{
    books::{DeadLetter, KillSwitch, SourceStatus},
    playbook::PlaybookVersion,
    proposal::PolicyVersion,
    repeated::Repeated,
    run::{Question, QuestionState, Timer},
};
pub(crate) use self::{incident::word, run::checksum_of};
use crate::Error;

/// A consistent look at the store.
#[derive(Debug)]
pub struct View<'a> {
    connection: &'a Connection,
}

impl<'a> View<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    pub(crate) fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// All rows of `sql`, read by `read`.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// The documents in the first column of all rows of `sql`.
    pub(crate) fn documents<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<T>, Error> {
        self.rows(sql, params, |row| document(row, 0))
    }

    /// The document in the first column of the first row of `sql`.
    pub(crate) fn document<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Option<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let text: Option<String> = statement.query_row(params, |row| row.get(0)).optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    pub(crate) fn one<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Option<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params, |row| row.get(0)).optional()?)
    }

    /// A page of documents: `sql` selects `rowid, document` and is bounded by the caller.
    pub(crate) fn page<T: DeserializeOwned>(
        &self,
        sql: &str,
        params: impl Params,
        limit: u32,
    ) -> Result<(Vec<T>, Option<i64>), Error> {
        let mut found =
            self.rows(sql, params, |row| Ok((row.get::<_, i64>(0)?, document::<T>(row, 1)?)))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().map(|(rowid, _)| *rowid) } else { None };
        Ok((found.into_iter().map(|(_, document)| document).collect(), next))
    }
}

pub(crate) fn document<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Error> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(serde_json::from_str(text)?)
}
