//! The syslog envelope: RFC 3164 and RFC 5424 lines, taken apart for every source that comes
//! in one.
//!
//! The grammar is `syslog_loose`'s. What it leaves to its caller is done here: the year of
//! RFC 3164 stamps follows from the time of receipt, stamps without an offset are UTC, ISO 8601
//! stamps that RFC 3339 would not allow are read by [`crate::moment`].

mod carried;
mod envelope;
mod plain;
mod stamp;

pub(crate) use carried::{Carried, carried};
pub(crate) use envelope::Envelope;
pub(crate) use plain::{no_header, plain};
