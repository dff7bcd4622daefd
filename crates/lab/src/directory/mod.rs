//! A directory: accounts that can be disabled and enabled.

mod accounts;
mod routes;

pub(crate) use accounts::Directory;
pub(crate) use routes::routes;
