//! SQL as both databases run it: one connection, values and rows of our own.
//!
//! Statements are written once, with `?1` for parameters and in the part of SQL that both databases
//! know: conflict targets are named, changed columns are named with their table, times and flags are
//! 64-bit integers, text is compared byte by byte.

mod connection;
mod migrate;
mod row;
mod sqlite;
mod value;

pub(crate) use self::{
    connection::{Connection, Next},
    row::Row,
    sqlite::Sqlite,
    value::{Cell, FromCell, Params, ToCell, params},
};
