//! A mailbox: messages that can be quarantined and restored.

mod messages;
mod routes;

pub(crate) use messages::Mailbox;
pub(crate) use routes::routes;
