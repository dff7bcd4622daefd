//! Policies: who may do what to which target, when, how often, and who is asked; what a change of them loosens.
//!
//! [`decide`] answers `allow`, `hold`, `ask` or `refuse` for one planned action, from a [`Policy`] that
//! people wrote and [`Facts`] that the engine holds; never from what a playbook claims. Every rule of
//! [`RULES`] is asked, the strictest answer wins, and every reason is kept; [`explain`] says what each rule made
//! of it, also those that were silent. An approval answers an `ask` and never touches a `refuse` or a `hold`. The guard is
//! asked twice: for the plan, and again at the act, when [`counters`] names what the intent has to fit into in the same
//! transaction.
//!
//! Beside the decision stand four functions about what the guard rests on: [`file::load`] reads a policy with all that is
//! wrong with it, [`compare()`] says which way a change of it goes, [`loosening::gate`] what that takes, and
//! [`promotion`] whether a playbook has earned a mode or lost it.
//!
//! What is not here: a clock (`now` is a fact), names looked up (the engine brings aliases and the inventory's
//! record along), memory (a breaker's standing is computed from what became of the acts), and any way for a playbook
//! to switch a rule off.
//!
//! # What the engine must supply
//!
//! **Facts.** All fields of [`Facts`], read in one consistent view of the store. What cannot be read goes into
//! `unreadable` in plain words; do not put an empty value in its place. In this order, because the later ones rest on the
//! earlier:
//!
//! 1. `class` by [`class`]; `now` from the clock that never goes backwards; `run` the run's id.
//! 2. `asset`: the inventory's record of the target and of everything it is also known as, tags and groups united.
//!    [`facts::AssetRecord::NotListed`] only after the inventory was asked. `fleet`: how many hosts it lists, and how many of them have the
//!    same `site` as the target (hosts without one are a site of their own).
//! 3. `breakers`: for each key of [`breaker_keys`] the last acts counted under it, at most [`breaker::ACTS_MAX`], the newest
//!    ones. The key is also the class of one of [`counters`], so these are the rows of `intent` with that class, each with what
//!    became of it (ledger or journal), when that was known, and when a *person* took it back. `reset_at` is when people last
//!    closed the breaker by hand, which is a loosening.
//! 4. `canary`: this run's other acts of the class that have an intent, each once however often it was tried; `again`:
//!    whether this one has an intent as well.
//! 5. `counts`: for each of [`counters`] how many intents its class has with `at > now − window`. No upper end: an
//!    intent that lies ahead, by another process's clock, counts. (The model check breaks within eight steps without that.)
//! 6. `parties`: who published the version, who started the run, and each person whose yes covers exactly this plan, with role and groups
//!    as they are *now*. Where a policy limits people, a yes without a name does not count, so `approvers` has
//!    to have everybody that `approved_by` counts.
//!
//! **The commit.** `commit_intent` in one transaction: the epoch is that of the decision, every one of [`counters`] is below its
//! limit, the run's lease is still held, and the step has no intent yet; then one row per counter. On any of these failing, decide
//! again. Intents are kept for 366 days, the longest window.
//!
//! **The epoch** rises with the kill switch, a mode, a role, a policy, an inventory import, a breaker that people reset, and a
//! breaker that trips: an outcome that arrives between decision and commit would else let one act more through.
//!
//! **A hold** is journaled when its reasons are new, and the guard is asked again at `until`, or sooner when an act of the
//! run settles. Nothing else about the run changes; a cancelled run is not taken up again. Before an approval is asked for,
//! hold and ask may both be true: then it is an `ask`, and the hold comes after the yes.
//!
//! **Votes**: [`rights::may`] says whether somebody's yes would count, before it is given. An approver without the right is told so.
//!
//! **Changes.** A new policy, mode or administrator goes through [`compare()`] (or [`compare::mode_change`],
//! [`compare::role_change`]) and [`loosening::gate`] with the policy *in force*; [`loosening::standing`] says when it is
//! there. Keep the file's text, not the parsed policy: the lines of rights come from it. `alone` in the gate asks
//! for an audit entry that nobody overlooks.
//!
//! **Trust.** [`promotion::promotion`] before a mode is raised, [`promotion::demotion`] after every outcome, undo and label of a
//! playbook in `auto`; both with [`promotion::Evidence`] counted per playbook version, and the Wilson bound from `measure`.
//!
//! **An explanation** of a past decision needs the facts of then: store [`Facts`], or what [`explain`] made of them, with the
//! decision.
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
