//! An EDR: hosts by name and address, isolation that is accepted first and effective later,
//! triage packages.

mod fleet;
mod host;
mod routes;
mod triage;

pub(crate) use fleet::{Enrolment, Fleet, Wanted};
pub(crate) use routes::routes;
