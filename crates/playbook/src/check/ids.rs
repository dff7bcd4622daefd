//! What steps are called, and which are seen from outside.

use std::collections::BTreeSet;

use stanch_yaml::edit::replace;

use super::{codes, flow::Checker};
use crate::ast::{Step, StepKind};

impl Checker<'_> {
    /// Ids that are taken, by another step or by the machine.
    pub(super) fn ids(&mut self) {
        let mut seen: Vec<(&str, u32)> = Vec::new();
        let all = all(&self.playbook.steps);
        let taken: BTreeSet<&str> =
            all.iter().filter_map(|step| Some(step.id.as_ref()?.value.as_str())).collect();
        for step in all {
            let Some(id) = &step.id else { continue };
            let name = id.value.as_str();
            if let Some((_, line)) = seen.iter().find(|(earlier, _)| *earlier == name) {
                let free =
                    (2..).map(|n| format!("{name}_{n}")).find(|n| !taken.contains(n.as_str()));
                self.error_with(
                    codes::TAKEN_ID,
                    id.span,
                    format!("id `{name}` is given twice"),
                    format!("choose another; the first stands on line {line}"),
                    |_| Some(replace(id.span, free?)),
                );
            } else if is_reserved(name) {
                self.error_with(
                    codes::BAD_NAME,
                    id.span,
                    format!("id `{name}` is reserved"),
                    "choose another: `start` and `s` with a number name steps without an id",
                    |_| Some(replace(id.span, format!("step_{name}"))),
                );
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
pub(super) fn all(steps: &[Step]) -> Vec<&Step> {
    let mut found = Vec::new();
    collect(steps, true, &mut found);
    found
}

/// The steps whose outcomes are seen outside of `steps`: not those in loops.
pub(super) fn outside(steps: &[Step]) -> Vec<&Step> {
    let mut found = Vec::new();
    collect(steps, false, &mut found);
    found
}

/// The ids of these.
pub(super) fn outside_ids(steps: &[Step]) -> Vec<String> {
    let ids = outside(steps).into_iter().filter_map(|step| step.id.as_ref());
    ids.map(|id| id.value.clone()).collect()
}

fn collect<'a>(steps: &'a [Step], loops: bool, found: &mut Vec<&'a Step>) {
    for step in steps {
        found.push(step);
        let is_loop = matches!(step.kind, StepKind::ForEach(_) | StepKind::While(_));
        if loops || !is_loop {
            for block in step.kind.blocks() {
                collect(block, loops, found);
            }
        }
    }
}
