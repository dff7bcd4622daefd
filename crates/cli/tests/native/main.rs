//! The whole way through the product to real servers that are not HTTP: alert, plan, yes, act, verified, undo;
//! and the same with a server of ours that dies between its intent and the act, or between the act and the
//! answer.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod dovecot;
mod mail;
mod openldap;
mod refused;
mod samba;
#[path = "../../../connector/tests/servers/mod.rs"]
mod servers;
mod stage;
#[path = "../support/mod.rs"]
mod support;
