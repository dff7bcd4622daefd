//! What steps are called.

use stanch_model::Diagnostic;

use super::{codes, flow::Checker};

impl Checker<'_> {
    /// Ids that are taken, by another step or by the machine.
    pub(super) fn ids(&mut self) {
        let mut seen: Vec<(&str, u32)> = Vec::new();
        for step in all(&self.playbook.steps) {
            let Some(id) = &step.id else { continue };
            let name = id.value.as_str();
            if let Some((_, line)) = seen.iter().find(|(earlier, _)| *earlier == name) {
                self.findings.push(Diagnostic::error(
                    codes::TAKEN_ID,
                    id.span,
                    format!("id `{name}` is given twice"),
                    format!("choose another; the first stands on line {line}"),
                ));
            } else if is_reserved(name) {
                self.findings.push(Diagnostic::error(
                    codes::BAD_NAME,
                    id.span,
                    format!("id `{name}` is reserved"),
                    "choose another: `start` and `s` with a number name steps without an id",
                ));
            }
            seen.push((name, id.span.line));
        }
    }
}

fn is_reserved(name: &str) -> bool {
    let number = name.strip_prefix('s').filter(|rest| !rest.is_empty());
    name == "start" || number.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// All steps, in the order of the text.
pub(super) fn all(steps: &[crate::ast::Step]) -> Vec<&crate::ast::Step> {
    use crate::ast::StepKind;
    let mut found = Vec::new();
    for step in steps {
        found.push(step);
        match &step.kind {
            StepKind::If(branch) => {
                found.extend(all(&branch.then));
                found.extend(all(&branch.otherwise));
            }
            StepKind::Parallel(branches) => found.extend(all(branches)),
            StepKind::Do(_)
            | StepKind::Ask(_)
            | StepKind::Wait(_)
            | StepKind::Set(_)
            | StepKind::End(_) => {}
        }
    }
    found
}
