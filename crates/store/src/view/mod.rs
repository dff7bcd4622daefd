//! Queries: one file per noun, all methods of [`View`].

mod alert;
mod books;
mod containment;
mod explanation;
mod inbox;
mod incident;
mod lease;
mod notice;
mod people;
mod playbook;
mod proposal;
mod quota;
mod reconcile;
mod repeated;
mod run;
mod secret;
mod team;
mod version;

use serde::de::DeserializeOwned;

pub use self::{
    alert::AlertPlace,
    books::{DeadLetter, KillSwitch, SourceStatus},
    inbox::{Child, InboxEntry, UnknownOutcome},
    lease::Lease,
    playbook::PlaybookVersion,
    proposal::PolicyVersion,
    repeated::Repeated,
    run::{Question, QuestionState, Timer},
    secret::SealedSecret,
};
pub(crate) use self::{incident::word, run::checksum_of};
use crate::{
    Error,
    sql::{Connection, FromCell, Next, Params, Row},
};

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
    pub(crate) fn rows<'p, T>(
        &self,
        sql: &str,
        params: impl Params<'p>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        self.connection.query(sql, params.cells(), &mut |row| {
            found.push(read(row)?);
            Ok(Next::Row)
        })?;
        Ok(found)
    }

    /// The first row of `sql`, read by `read`.
    pub(crate) fn first<'p, T>(
        &self,
        sql: &str,
        params: impl Params<'p>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut found = None;
        self.connection.query(sql, params.cells(), &mut |row| {
            found = Some(read(row)?);
            Ok(Next::Enough)
        })?;
        Ok(found)
    }

    /// The documents in the first column of all rows of `sql`.
    pub(crate) fn documents<'p, T: DeserializeOwned>(
        &self,
        sql: &str,
        params: impl Params<'p>,
    ) -> Result<Vec<T>, Error> {
        self.rows(sql, params, |row| document(row, 0))
    }

    /// The document in the first column of the first row of `sql`.
    pub(crate) fn document<'p, T: DeserializeOwned>(
        &self,
        sql: &str,
        params: impl Params<'p>,
    ) -> Result<Option<T>, Error> {
        self.first(sql, params, |row| document(row, 0))
    }

    /// The value in the first column of the first row of `sql`.
    pub(crate) fn one<'p, T: FromCell>(
        &self,
        sql: &str,
        params: impl Params<'p>,
    ) -> Result<Option<T>, Error> {
        self.first(sql, params, |row| row.get(0))
    }

    /// A page of documents: `sql` selects `number, document` and is bounded by the caller.
    pub(crate) fn page<'p, T: DeserializeOwned>(
        &self,
        sql: &str,
        params: impl Params<'p>,
        limit: u32,
    ) -> Result<(Vec<T>, Option<i64>), Error> {
        let mut found =
            self.rows(sql, params, |row| Ok((row.get::<_, i64>(0)?, document::<T>(row, 1)?)))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().map(|(number, _)| *number) } else { None };
        Ok((found.into_iter().map(|(_, document)| document).collect(), next))
    }
}

pub(crate) fn document<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Error> {
    Ok(serde_json::from_str(row.text(column)?)?)
}
