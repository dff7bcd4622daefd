//! Whether a playbook can run as it is written: names, order, types, effects.
//!
//! [`flow`] walks the steps in the order in which a run takes them and holds at each what is [`known`];
//! [`branches`], [`loops`], [`waits`], [`actions`], [`scripts`] and [`calls`] check what is peculiar to a kind of
//! step, [`expressions`] and [`inputs`] what is written there, [`trigger`] what starts it, [`ids`] what steps
//! are called. [`context`] is what a check knows of its surroundings, [`folder`] the playbooks that may be
//! called, [`codes`] the one table of all findings.

mod actions;
mod branches;
mod calls;
pub mod codes;
mod context;
mod expressions;
mod flow;
mod folder;
mod ids;
mod inputs;
mod known;
mod loops;
mod schemas;
mod scripts;
mod trigger;
mod visit;
mod waits;

#[cfg(test)]
pub(crate) mod tests;

use stanch_model::{Diagnostic, manifest::Catalog};

pub use self::{
    context::Context,
    folder::{CALLS_MAX, Folder, Signature, input_schema},
    loops::LOOPS_MAX,
};
use crate::{ast::Playbook, parse};

/// Checks a playbook against what this installation can do.
///
/// Without an error it runs as written, as far as can be known before. A warning says that it
/// loads but cannot run here, or that something is most likely not meant.
#[must_use]
pub fn check(playbook: &Playbook, context: &Context<'_>) -> Vec<Diagnostic> {
    let mut checker = flow::Checker::new(playbook, context);
    checker.ids();
    checker.trigger();
    checker.input_defaults();
    checker.steps();
    checker.outputs();
    let mut findings = checker.findings;
    findings.sort_by(|a, b| (a.span, &a.code, &a.message).cmp(&(b.span, &b.code, &b.message)));
    findings.dedup();
    findings
}

/// Reads and checks a playbook, knowing the catalog alone.
#[must_use]
pub fn load(text: &str, catalog: &Catalog) -> (Option<Playbook>, Vec<Diagnostic>) {
    load_in(text, &Context::new(catalog))
}

/// Reads and checks a playbook. The playbook is there if and only if no finding is an error.
#[must_use]
pub fn load_in(text: &str, context: &Context<'_>) -> (Option<Playbook>, Vec<Diagnostic>) {
    let (playbook, mut findings) = parse::parse(text);
    if let Some(playbook) = &playbook {
        findings.extend(check(playbook, context));
        findings.sort_by_key(|finding| finding.span);
    }
    let sound = !findings.iter().any(Diagnostic::is_error);
    (playbook.filter(|_| sound), findings)
}
