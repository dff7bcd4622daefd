//! Changes: one file per noun, all methods of [`Tx`]. A change sees its own writes.

mod approval;
mod books;
mod containment;
mod explanation;
mod inbox;
mod lease;
mod notice;
mod people;
mod proposal;
mod quota;
mod repeated;
mod run;
mod secret;
mod team;
mod triage;
mod version;

use std::ops::Deref;

use crate::{
    Error,
    sql::{Connection, Params},
    view::View,
};

/// One change, committed as a whole or not at all.
#[derive(Debug)]
pub struct Tx<'a> {
    view: View<'a>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self { view: View::new(connection) }
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn execute<'p>(&self, sql: &str, params: impl Params<'p>) -> Result<usize, Error> {
        self.connection().execute(sql, params.cells())
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;
    fn deref(&self) -> &View<'a> {
        &self.view
    }
}
