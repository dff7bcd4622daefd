//! Changes: one file per noun, all methods of [`Tx`]. A change sees its own writes.

mod approval;
mod books;
mod containment;
mod notice;
mod people;
mod proposal;
mod repeated;
mod run;
mod team;
mod triage;
mod version;

use std::ops::Deref;

use rusqlite::Connection;

use crate::view::View;

/// One change, committed as a whole or not at all.
#[derive(Debug)]
pub struct Tx<'a> {
    view: View<'a>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self { view: View::new(connection) }
    }

    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, crate::Error> {
        Ok(self.connection().prepare_cached(sql)?.execute(params)?)
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;
    fn deref(&self) -> &View<'a> {
        &self.view
    }
}
