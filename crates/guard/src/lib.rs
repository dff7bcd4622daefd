//! Policies: mode, kill switch, protected assets, shared infrastructure, budgets, approvals.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod breaker;
mod budget;
pub mod compare;
mod decide;
pub mod facts;
pub mod file;
mod freeze;
pub mod loosening;
mod named;
pub mod policy;
pub mod promotion;
pub mod rights;
pub mod rules;
mod subject;

#[cfg(test)]
mod tests;

pub use budget::{breaker_keys, class, counters};
pub use compare::compare;
pub use decide::{decide, decide_with, explain};
pub use facts::{BreakerFacts, Counted, Facts};
pub use named::names;
pub use policy::Policy;
pub use rules::{RULES, Rule};
