//! The flat fields of an event: built under limits, read by the mapping to common fields.
//!
//! Names are dotted (`alert.signature_id`). Scalars keep their JSON type. A list of scalars stays
//! a list; a list of objects becomes one list per field (`dns.answers.rdata`), in which Sigma
//! looks for any member. Two values for one name become a list, so that neither hides the other.

mod build;
mod look;

pub(crate) use build::Fields;
pub(crate) use look::bare_account;
