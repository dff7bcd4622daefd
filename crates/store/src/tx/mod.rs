//! Changes: one file per noun, all methods of [`Tx`]. A change sees its own writes.

mod books;
mod containment;
mod people;
mod run;
mod triage;

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
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what `params!` makes is a reference already"
    )]
    pub(crate) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Error> {
        self.connection().execute(sql, params.cells())
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;
    fn deref(&self) -> &View<'a> {
        &self.view
    }
}
