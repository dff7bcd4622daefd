//! Policies: mode, kill switch, protected assets, shared infrastructure, budgets, approvals.
//!
//! [`decide`] answers `allow`, `ask` or `refuse` for one planned action, from a [`Policy`] that
//! people wrote and [`Facts`] that the engine holds; never from what a playbook claims. Every rule of
//! [`RULES`] is asked, the strictest answer wins, and every reason is kept. An approval turns
//! `ask` into `allow` and never touches a `refuse`. The guard is asked twice: for the plan, and again at
//! the act, when [`counters`] names the budgets that the intent has to fit into in the same
//! transaction.
//!
//! What is not here: a clock (the store counts over windows), names looked up (the engine brings
//! aliases along), and any way for a playbook to switch a rule off.
#![warn(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod budget;
mod decide;
mod facts;
pub mod policy;
pub mod rules;
mod subject;

#[cfg(test)]
mod tests;

pub use budget::{class, counters};
pub use decide::{decide, decide_with};
pub use facts::{Counted, Facts};
pub use policy::Policy;
pub use rules::{RULES, Rule};
