//! Scripts in the sandbox: JSON in, a JSON object out.
//!
//! A script gets one JSON document on standard input and writes one JSON object to standard output. Nothing
//! is ever filled into its text. What it may do is what the sandbox lets it: read the system's programs and
//! libraries, write to a folder of its own, and reach whom it was granted, through a proxy that checks it.
//!
//! *Timeout, failure, bad output*: a script that may have begun and did not end with status 0 and a JSON
//! object is unclear, so that an act which it may have done is unknown. A script can say for certain that it
//! has done nothing: status 75 (`EX_TEMPFAIL`) for now, 77 (`EX_NOPERM`) for good, as in sysexits(3).
//! *Repeat*: the idempotency key is among what it reads. *Undo*: a script of its own.

mod codes;
mod error;
mod grant;
mod interpreters;
mod proxy;
mod scripts;
mod status;

pub use codes::{CODES, Code};
pub use error::ScriptError;
pub use grant::{GRANTS_MAX, Grant};
pub use interpreters::Interpreters;
pub use scripts::{Options, Script, Scripts};
pub use stanch_sandbox::{Launcher, Layer, Layers, Limits, Refusal, enter};
pub use status::Status;
