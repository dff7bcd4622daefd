//! `call` steps: which playbook, with what, and where that leads.

use stanch_expression::suggest;

use super::{
    codes,
    flow::Checker,
    folder::{CALLS_MAX, Signature},
    inputs::Given,
    known::Known,
    schemas,
};
use crate::ast::Call;

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &Call, known: &Known, id: Option<&str>) {
        for (_, arg) in &call.with {
            self.arg(arg, known, id);
        }
        let name = call.playbook.value.as_str();
        let span = call.playbook.span;
        if name == self.playbook.name.value {
            let message = format!("playbook `{name}` calls itself");
            let help = "remove the call, or write a `while`";
            return self.error_with(codes::CALL_CYCLE, span, message, help, |edit| {
                edit.remove_item(edit.parent_of(span)?)
            });
        }
        let Some(folder) = self.context.playbooks else { return };
        let Some(signature) = folder.get(name) else {
            let names = || folder.names().filter(|other| *other != self.playbook.name.value);
            let message = format!("there is no playbook `{name}`");
            let help = suggest::help(name, names());
            let near = suggest::nearest(name, names());
            return self.error_with(codes::NO_PLAYBOOK, span, message, help, |edit| {
                edit.rewrite(span, near?)
            });
        };
        if let Some(way) = folder.way(name, &self.playbook.name.value) {
            let message = format!("the call comes back here: {}", way.join(" → "));
            let help = "remove one of the calls";
            self.error_with(codes::CALL_CYCLE, span, message, help, |edit| {
                edit.remove_item(edit.parent_of(span)?)
            });
        } else if folder.depth(name) >= CALLS_MAX {
            let message = format!("calls go more than {CALLS_MAX} deep from here");
            let help = "let this playbook call the inner ones itself";
            self.error(codes::CALL_DEPTH, span, message, help);
        }
        self.call_context(call, signature);
        let given = Given { owner: name, place: span, with: &call.with, target: None };
        self.given(given, &signature.inputs, known);
    }

    /// What the other playbook sees of what started the run has to be there.
    fn call_context(&mut self, call: &Call, signature: &Signature) {
        let has = schemas::causes(self.playbook);
        let lacking: Vec<String> = signature
            .reads
            .iter()
            .filter(|cause| !has.contains(&cause.as_str()))
            .map(|cause| format!("`{cause}`"))
            .collect();
        if lacking.is_empty() {
            return;
        }
        let message = format!(
            "playbook `{}` reads {}, which this run does not have",
            call.playbook.value,
            lacking.join(" and ")
        );
        let help = "give it what it needs as `inputs`";
        self.error(codes::CALL_CONTEXT, call.playbook.span, message, help);
    }
}
