//! The time that goes on the wire where a protocol wants one. Nothing is decided by it.

use jiff::Timestamp;

/// Now, by this machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a mail's date and a log line's time are of the moment they are sent; no decision reads them"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
