//! A firewall: blocked addresses with an expiry of its own.
//!
//! Like a real one it blocks whatever it is told, its own gateway and 0.0.0.0/0 included: what
//! may be blocked is for the guard to know, and here it can be seen whether the guard did.

mod blocks;
mod routes;

pub(crate) use blocks::Firewall;
pub(crate) use routes::routes;
