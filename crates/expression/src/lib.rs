//! Expressions: CEL with a budget, references, types, and `${{ }}` templates.
//!
//! The `cel` crate reads the text; everything after that is ours, because it neither checks
//! types nor bounds cost. A text is scanned and capped before the parser sees it ([`limits`]), its
//! tree is capped again, [`Expression::check`] resolves every name and type against JSON Schemas,
//! and [`Expression::evaluate`] works directly on JSON values and pays for every step and every
//! copy from a fixed budget. There are no host objects: data in, data out.
//!
//! Where this is not CEL: values are JSON, so there are no unsigned, bytes, timestamp and protobuf
//! values, map keys are strings, and whole numbers and fractions mix in arithmetic, as JSON does
//! not tell `1` from `1.0`. Added are `SEVERITY`, `cidr_contains(net, ip)`, `lowerAscii()` and
//! `join(separator)`.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod check;
mod error;
mod eval;
mod expression;
pub mod limits;
mod references;
mod scope;
pub mod suggest;
mod syntax;
mod template;
mod types;

pub use check::TypeEnv;
pub use error::{CompileError, EvalError, EvalErrorKind, FindingKind, TypeFinding};
pub use expression::Expression;
pub use references::Reference;
pub use scope::Scope;
pub use template::{Template, ValueTemplate, render_value};
pub use types::{ObjectType, Type};

#[cfg(test)]
mod tests;
