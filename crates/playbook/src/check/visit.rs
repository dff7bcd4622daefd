//! Everything in a playbook that is worked out: its expressions and templates.

use std::collections::BTreeSet;

use stanch_expression::{Expression, Reference, Template};
use stanch_model::Span;

use super::{ids, schemas::CAUSES};
use crate::ast::{Arg, AskKind, Playbook, Spanned, Step, StepKind, Wait};

/// Something that is worked out.
#[derive(Clone, Copy)]
pub(super) enum Worked<'a> {
    Expression(&'a Spanned<Expression>),
    Template(&'a Spanned<Template>),
}

impl Worked<'_> {
    pub(super) fn references(&self) -> Vec<Reference> {
        match self {
            Self::Expression(expression) => expression.value.references(),
            Self::Template(template) => template.value.references(),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Expression(expression) => expression.value.text(),
            Self::Template(template) => template.value.text(),
        }
    }

    pub(super) const fn span(&self) -> Span {
        match self {
            Self::Expression(expression) => expression.span,
            Self::Template(template) => template.span,
        }
    }
}

fn args<'a>(with: &'a [(Spanned<String>, Arg)], found: &mut Vec<Worked<'a>>) {
    let mut templates = Vec::new();
    for (_, arg) in with {
        arg.templates(&mut templates);
    }
    found.extend(templates.into_iter().map(Worked::Template));
}

/// What one step works out itself; what is inside of it is not looked at.
pub(super) fn own(step: &Step) -> Vec<Worked<'_>> {
    let mut found = Vec::new();
    match &step.kind {
        StepKind::Do(call) => args(&call.with, &mut found),
        StepKind::Script(script) => {
            args(&script.with, &mut found);
            found.extend(script.target.iter().map(|target| Worked::Template(&target.value)));
        }
        StepKind::If(step) => found.push(Worked::Expression(&step.condition)),
        StepKind::Switch(step) => found.push(Worked::Expression(&step.subject)),
        StepKind::ForEach(step) => found.push(Worked::Expression(&step.list)),
        StepKind::While(step) => found.push(Worked::Expression(&step.condition)),
        StepKind::Call(call) => args(&call.with, &mut found),
        StepKind::Wait(Wait::Until(moment)) => found.push(Worked::Expression(moment)),
        StepKind::Ask(ask) => {
            found.push(Worked::Template(&ask.text));
            match &ask.kind {
                AskKind::Decision { .. } | AskKind::Form(_) => {}
            }
        }
        StepKind::Set(values) => args(values, &mut found),
        StepKind::End(end) => found.extend(end.note.iter().map(Worked::Template)),
        StepKind::Parallel(_) | StepKind::Try(_) | StepKind::Wait(_) => {}
    }
    found
}

/// What of what started the run a playbook sees.
pub(super) fn causes(playbook: &Playbook) -> BTreeSet<String> {
    let mut found: Vec<Worked<'_>> = ids::all(&playbook.steps).into_iter().flat_map(own).collect();
    args(&playbook.outputs, &mut found);
    let roots = found.iter().flat_map(Worked::references);
    let roots = roots.filter_map(|reference| reference.path.into_iter().next());
    roots.filter(|root| CAUSES.contains(&root.as_str())).collect()
}

/// The variables that steps set, at any depth, in the order of the text.
pub(super) fn sets(steps: &[Step]) -> Vec<&Spanned<String>> {
    let all = ids::all(steps).into_iter();
    all.filter_map(|step| match &step.kind {
        StepKind::Set(values) => Some(values.iter().map(|(name, _)| name)),
        _ => None,
    })
    .flatten()
    .collect()
}
