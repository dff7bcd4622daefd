//! Whether a playbook can run as it is written: names, order, types, effects.
//!
//! [`flow`] walks the steps in the order in which a run takes them and knows at each what has run
//! before; [`expressions`] and [`inputs`] check what is written there, [`actions`] what is called,
//! [`ids`] what steps are called. [`codes`] is the one table of all findings.

mod actions;
pub mod codes;
mod expressions;
mod flow;
mod ids;
mod inputs;
mod schemas;

#[cfg(test)]
pub(crate) mod tests;

use stanch_model::{Diagnostic, manifest::Catalog};

use crate::{ast::Playbook, parse};

/// Checks a playbook against what this installation can do.
///
/// Without an error it runs as written, as far as can be known before. A warning says that it
/// loads but cannot run here: a capability is bound to no instance.
#[must_use]
pub fn check(playbook: &Playbook, catalog: &Catalog) -> Vec<Diagnostic> {
    let mut checker = flow::Checker::new(playbook, catalog);
    checker.ids();
    checker.trigger();
    checker.steps();
    let mut findings = checker.findings;
    findings.sort_by(|a, b| (a.span, &a.code, &a.message).cmp(&(b.span, &b.code, &b.message)));
    findings.dedup();
    findings
}

/// Reads and checks a playbook. The playbook is there if and only if no finding is an error.
#[must_use]
pub fn load(text: &str, catalog: &Catalog) -> (Option<Playbook>, Vec<Diagnostic>) {
    let (playbook, mut findings) = parse::parse(text);
    if let Some(playbook) = &playbook {
        findings.extend(check(playbook, catalog));
        findings.sort_by_key(|finding| finding.span);
    }
    let sound = !findings.iter().any(Diagnostic::is_error);
    (playbook.filter(|_| sound), findings)
}
