//! From YAML to the tree of [`crate::ast`]: all findings in one go, each at its place.
//!
//! [`yaml`] loads the text within limits and keeps the place of every key and value, [`place`] knows
//! where each character of a value stands in the text, [`reader`] demands shapes and words,
//! [`playbook`], [`step`] and [`value`] follow the grammar on the page of [`crate::ast`].

pub(crate) mod place;
mod playbook;
mod reader;
mod step;
mod value;
mod yaml;

#[cfg(test)]
mod tests;

use stanch_model::Diagnostic;

use crate::ast::Playbook;

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
    let tree = yaml::load(text, &mut findings);
    let mut reader = reader::Reader::new(text, findings);
    let playbook = tree.and_then(|tree| playbook::read(&mut reader, &tree));
    let mut findings = reader.findings;
    findings.sort_by_key(|finding| finding.span);
    let sound = !findings.iter().any(Diagnostic::is_error);
    (playbook.filter(|_| sound), findings)
}
