//! From YAML to the tree of [`crate::ast`]: all findings in one go, each at its place.
//!
//! [`stanch_yaml`] loads the text and keeps the place of everything, [`reader`] demands shapes and words,
//! [`playbook`], [`step`], [`schema`] and [`value`] follow the grammar on the page of [`crate::ast`].

mod playbook;
pub(crate) mod reader;
mod schema;
mod step;
mod trigger;
mod value;

#[cfg(test)]
mod tests;

use stanch_model::Diagnostic;
use stanch_yaml::{FaultKind, Limits, Yaml};

use crate::{ast::Playbook, check::codes};

pub(crate) mod place {
    //! Where values stand, under the name that tests of playbooks know.
    pub(crate) use stanch_yaml::Source;
}

/// Bytes of one playbook. The longest of our own has 2 KiB.
pub const BYTES_MAX: usize = 256 * 1024;

/// Steps of one playbook, all branches counted.
pub const STEPS_MAX: usize = 500;

/// Mappings and lists inside one another.
pub const DEPTH_MAX: usize = 32;

/// Reads a playbook.
///
/// The playbook is there if and only if no finding is an error; then everything in it is as it was
/// written. What it means is for [`crate::check::check`] to judge.
#[must_use]
pub fn parse(text: &str) -> (Option<Playbook>, Vec<Diagnostic>) {
    // Editors of another system put a byte order mark first; it is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut findings = Vec::new();
    let playbook = tree(text, &mut findings).and_then(|tree| {
        let mut reader = reader::Reader::new(text, &tree, std::mem::take(&mut findings));
        let playbook = playbook::read(&mut reader, &tree);
        findings = reader.findings;
        playbook
    });
    findings.sort_by_key(|finding| finding.span);
    let sound = !findings.iter().any(Diagnostic::is_error);
    (playbook.filter(|_| sound), findings)
}

/// The text as a tree; what is wrong with it is among the findings.
pub(crate) fn tree(text: &str, findings: &mut Vec<Diagnostic>) -> Option<Yaml> {
    let limits = Limits { what: "playbook", bytes: BYTES_MAX, depth: DEPTH_MAX };
    let (tree, faults) = stanch_yaml::load(text, limits);
    findings.extend(faults.into_iter().map(|fault| {
        let code = match fault.kind {
            FaultKind::Unreadable => codes::NOT_YAML,
            FaultKind::TooLarge => codes::TOO_LARGE,
            FaultKind::DuplicateKey => codes::DUPLICATE_KEY,
        };
        Diagnostic::error(code, fault.span, fault.message, fault.help).with_fix(fault.fix)
    }));
    tree
}
