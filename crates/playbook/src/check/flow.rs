//! The steps in the order in which a run takes them: what is known at each, and which are reached.

use std::collections::{BTreeMap, BTreeSet};

use stanch_expression::{Type, TypeEnv};
use stanch_model::{Diagnostic, Span, manifest::Catalog};

use super::{codes, ids, schemas};
use crate::{
    ast::{Playbook, Step, StepKind},
    parse::place::Source,
};

pub(super) struct Checker<'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) catalog: &'a Catalog,
    pub(super) source: Source<'a>,
    pub(super) findings: Vec<Diagnostic>,
    /// Every step with an id, and where it stands.
    pub(super) places: BTreeMap<&'a str, Span>,
    /// What steps see of alert, incident and steps.
    base: TypeEnv,
}

/// What is known where a step begins.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// Steps that have run, on some way that leads here.
    pub(super) steps: BTreeSet<String>,
    /// Variables that are set on every way that leads here.
    pub(super) vars: BTreeMap<String, Type>,
    /// Variables that are set on some way that leads here.
    pub(super) maybe: BTreeSet<String>,
}

impl Known {
    /// After two ways of which one was taken.
    fn either(self, other: Self) -> Self {
        let mut vars = BTreeMap::new();
        for (name, of) in self.vars {
            if let Some(theirs) = other.vars.get(&name) {
                let same = *theirs == of;
                vars.insert(name, if same { of } else { Type::Any });
            }
        }
        let steps = self.steps.into_iter().chain(other.steps).collect();
        let maybe = self.maybe.into_iter().chain(other.maybe).collect();
        Self { steps, vars, maybe }
    }

    /// After several ways that were all taken.
    fn add(&mut self, other: Self) {
        self.steps.extend(other.steps);
        self.maybe.extend(other.maybe);
        for (name, of) in other.vars {
            let differs = self.vars.get(&name).is_some_and(|mine| *mine != of);
            self.vars.insert(name, if differs { Type::Any } else { of });
        }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(playbook: &'a Playbook, catalog: &'a Catalog) -> Self {
        let steps = ids::all(&playbook.steps);
        let named = || steps.iter().filter_map(|step| Some((step.id.as_ref()?, step)));
        let places = named().map(|(id, step)| (id.value.as_str(), step.span)).collect();
        let types = named()
            .map(|(id, step)| (id.value.clone(), schemas::step_type(step, catalog)))
            .collect();
        let mut base = schemas::step_env();
        base.declare_type("steps", schemas::open_object(types));
        let source = Source::new(&playbook.text);
        Self { playbook, catalog, source, findings: Vec::new(), places, base }
    }

    pub(super) fn error(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Diagnostic::error(code, span, message, help));
    }

    /// What an expression of a step sees.
    pub(super) fn env(&self, known: &Known) -> TypeEnv {
        let mut env = self.base.clone();
        env.declare_type("vars", schemas::open_object(known.vars.clone()));
        env
    }

    pub(super) fn trigger(&mut self) {
        if let Some(trigger) = &self.playbook.on {
            self.condition(&trigger.alert, &schemas::trigger_env(), None, "the trigger");
        }
    }

    pub(super) fn steps(&mut self) {
        self.sequence(&self.playbook.steps, Known::default());
    }

    /// What is known after `steps`; nothing if the run surely ends in them.
    fn sequence(&mut self, steps: &'a [Step], mut known: Known) -> Option<Known> {
        let mut ended: Option<u32> = None;
        let mut said = false;
        for step in steps {
            if let Some(line) = ended
                && !said
            {
                said = true;
                let message = "this step is never reached";
                let help = format!("the run has ended before, on line {line}; remove one of both");
                self.error(codes::UNREACHED, step.span, message, help);
            }
            if self.step(step, &mut known) {
                ended = ended.or(Some(step.span.line));
            }
        }
        ended.is_none().then_some(known)
    }

    /// Checks a step and adds what is known after it; says whether the run surely ends in it.
    fn step(&mut self, step: &'a Step, known: &mut Known) -> bool {
        let id = step.id.as_ref().map(|id| id.value.as_str());
        let ended = match &step.kind {
            StepKind::Do(call) => {
                self.call(call, known, id);
                false
            }
            StepKind::If(branch) => {
                let env = self.env(known);
                self.condition(&branch.condition, &env, Some((known, id)), "`if`");
                let then = self.sequence(&branch.then, known.clone());
                let otherwise = self.sequence(&branch.otherwise, known.clone());
                match (then, otherwise) {
                    (None, None) => true,
                    (Some(one), None) | (None, Some(one)) => {
                        *known = one;
                        false
                    }
                    (Some(one), Some(other)) => {
                        *known = one.either(other);
                        false
                    }
                }
            }
            StepKind::Parallel(branches) => self.parallel(branches, known),
            StepKind::Ask(ask) => {
                self.template(&ask.text, known, id);
                self.in_text(&ask.text, known);
                false
            }
            StepKind::Wait(_) => false,
            StepKind::Set(values) => {
                for (name, arg) in values {
                    self.arg(arg, known, id);
                    let of = self.infer(arg, known);
                    known.vars.insert(name.value.clone(), of);
                    known.maybe.insert(name.value.clone());
                }
                false
            }
            StepKind::End(end) => {
                if let Some(note) = &end.note {
                    self.template(note, known, id);
                    self.in_text(note, known);
                }
                true
            }
        };
        known.steps.extend(id.map(str::to_owned));
        ended
    }

    /// No branch sees what another does; after all of them everything is known.
    fn parallel(&mut self, branches: &'a [Step], known: &mut Known) -> bool {
        let before = known.clone();
        let mut ended = false;
        for branch in branches {
            let mut after = before.clone();
            ended |= self.step(branch, &mut after);
            known.add(after);
        }
        ended
    }
}
