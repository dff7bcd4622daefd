//! The steps in the order in which a run takes them: what is known at each, and which are reached.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use stanch_expression::{Type, TypeEnv};
use stanch_model::{Diagnostic, Fix, Span};
use stanch_yaml::{Editor, Source, Yaml};

use super::{codes, context::Context, ids, known::Known, schemas};
use crate::{
    ast::{Playbook, Spanned, Step, StepKind},
    parse,
};

pub(super) struct Checker<'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) context: &'a Context<'a>,
    pub(super) source: Source<'a>,
    tree: OnceCell<Option<Yaml>>,
    pub(super) findings: Vec<Diagnostic>,
    /// Every step with an id, and where it stands.
    pub(super) places: BTreeMap<&'a str, Span>,
    /// What each step with an id gives when it succeeds; without those of which nothing is known here.
    types: BTreeMap<&'a str, Type>,
    /// The loop that a step with an id is in, if any, by its id or else its word.
    pub(super) inside: BTreeMap<&'a str, &'a str>,
    /// What steps see of what started the run, and of the inputs.
    base: TypeEnv,
    /// The step that is looked at.
    pub(super) here: Span,
    /// Loops around it.
    pub(super) loops: usize,
    /// What is known where the run ends well.
    ends: Vec<Known>,
    /// Variables that were set, and to what.
    pub(super) sets: Vec<(String, Type)>,
}

/// Findings beyond so many get no fix: looking for it costs a walk through the text.
const FIXES_MAX: usize = 200;

impl<'a> Checker<'a> {
    pub(super) fn new(playbook: &'a Playbook, context: &'a Context<'a>) -> Self {
        let steps = ids::all(&playbook.steps);
        let named =
            || steps.iter().filter_map(|step| Some((step.id.as_ref()?.value.as_str(), *step)));
        let places = named().map(|(id, step)| (id, step.span)).collect();
        let typed = |(id, step)| Some((id, schemas::step_type(step, context)?));
        let types = named().filter_map(typed).collect();
        let mut inside = BTreeMap::new();
        for step in &steps {
            if let StepKind::ForEach(_) | StepKind::While(_) = step.kind {
                let name = step.id.as_ref().map_or(step.kind.word(), |id| id.value.as_str());
                let inner = step.kind.blocks().into_iter().flat_map(ids::all);
                inside.extend(
                    inner.filter_map(|step| Some((step.id.as_ref()?.value.as_str(), name))),
                );
            }
        }
        Self {
            playbook,
            context,
            source: Source::new(&playbook.text),
            tree: OnceCell::new(),
            findings: Vec::new(),
            places,
            types,
            inside,
            base: schemas::step_env(playbook),
            here: Span::default(),
            loops: 0,
            ends: Vec::new(),
            sets: Vec::new(),
        }
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

    /// A finding with a change that mends it.
    pub(super) fn error_with(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
        fix: impl FnOnce(Editor<'_>) -> Option<Fix>,
    ) {
        let fix = self.fix(fix);
        self.findings.push(Diagnostic::error(code, span, message, help).with_fix(fix));
    }

    /// Something that is read, but most likely not meant.
    pub(super) fn warn_with(
        &mut self,
        code: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
        fix: impl FnOnce(Editor<'_>) -> Option<Fix>,
    ) {
        let fix = self.fix(fix);
        self.findings.push(Diagnostic::warning(code, span, message, help).with_fix(fix));
    }

    fn fix(&self, fix: impl FnOnce(Editor<'_>) -> Option<Fix>) -> Option<Fix> {
        if self.findings.len() >= FIXES_MAX {
            return None;
        }
        fix(self.editor()?)
    }

    pub(super) fn editor(&self) -> Option<Editor<'_>> {
        let load = || parse::tree(&self.playbook.text, &mut Vec::new());
        let tree = self.tree.get_or_init(load).as_ref()?;
        Some(Editor { source: &self.source, tree })
    }

    /// What an expression of a step sees.
    pub(super) fn env(&self, known: &Known) -> TypeEnv {
        let mut env = self.base.clone();
        let mut steps = BTreeMap::new();
        for (id, surely) in &known.steps {
            if let Some(of) = self.types.get(id.as_str()) {
                let of = if *surely { of.clone() } else { schemas::with_empty(of) };
                steps.insert(id.clone(), of);
            }
        }
        env.declare_open("steps", open_object(steps));
        env.declare_open("vars", open_object(known.vars.clone()));
        for (name, of) in &known.names {
            env.declare_type(name.clone(), of.clone());
        }
        env.assume(&known.present);
        env
    }

    /// Whether nothing is known here of what a step gives, because of what it names; that is said there.
    pub(super) fn is_loose(&self, id: &str) -> bool {
        self.places.contains_key(id) && !self.types.contains_key(id)
    }

    pub(super) fn steps(&mut self) {
        if let Some(known) = self.sequence(&self.playbook.steps, Known::default()) {
            self.ends.push(known);
        }
    }

    pub(super) fn end_count(&self) -> usize {
        self.ends.len()
    }

    /// Forgets ends that were met on a way that is only tried.
    pub(super) fn forget_ends(&mut self, count: usize) {
        self.ends.truncate(count);
    }

    /// What is known wherever the run ends well.
    pub(super) fn end(&self) -> Known {
        let visible: BTreeSet<String> =
            ids::outside_ids(&self.playbook.steps).into_iter().collect();
        let known = Known::any_of(self.ends.iter().cloned().map(Some)).unwrap_or_default();
        let mut end = Known { names: BTreeMap::new(), ..known };
        end.steps.retain(|id, _| visible.contains(id));
        for id in visible {
            end.steps.entry(id).or_insert(false);
        }
        end
    }

    /// The outputs, where the run has ended.
    pub(super) fn outputs(&mut self) {
        let end = self.end();
        for (_, arg) in &self.playbook.outputs {
            self.arg(arg, &end, None);
        }
    }

    /// The types of the outputs.
    pub(super) fn output_types(mut self) -> BTreeMap<String, Type> {
        self.steps();
        let end = self.end();
        let outputs = self.playbook.outputs.iter();
        // A call that failed reads as the empty value of each.
        outputs.map(|(name, arg)| (name.value.clone(), self.infer(arg, &end))).collect()
    }

    /// What is known after `steps`; nothing if the run surely ends in them.
    pub(super) fn sequence(&mut self, steps: &'a [Step], mut known: Known) -> Option<Known> {
        let mut ended: Option<u32> = None;
        let mut said = false;
        for step in steps {
            if let Some(line) = ended
                && !said
            {
                said = true;
                let message = "this step is never reached";
                let help = format!("the run has ended before, on line {line}; remove one of both");
                self.error_with(codes::UNREACHED, step.span, message, help, |edit| {
                    edit.remove_item(step.span)
                });
            }
            if self.step(step, &mut known) {
                ended = ended.or(Some(step.span.line));
            }
        }
        ended.is_none().then_some(known)
    }

    /// Checks a step and adds what is known after it; says whether the run surely ends in it.
    pub(super) fn step(&mut self, step: &'a Step, known: &mut Known) -> bool {
        let outer = std::mem::replace(&mut self.here, step.span);
        let id = step.id.as_ref().map(|id| id.value.as_str());
        let mut surely = true;
        let ended = match &step.kind {
            StepKind::Do(call) => {
                self.action(call, known, id);
                surely = call.on_error == crate::ast::OnError::Fail;
                false
            }
            StepKind::Script(script) => {
                self.script(script, known, id);
                surely = script.on_error == crate::ast::OnError::Fail;
                false
            }
            StepKind::Call(call) => {
                self.call(call, known, id);
                surely = call.on_error == crate::ast::OnError::Fail;
                false
            }
            StepKind::If(branch) => self.branch(branch, known, id),
            StepKind::Switch(switch) => self.switch(switch, known, id),
            StepKind::Parallel(parallel) => self.parallel(parallel, known),
            StepKind::Try(attempt) => self.attempt(attempt, known),
            StepKind::ForEach(each) => {
                self.for_each(each, known, id);
                surely = false;
                false
            }
            StepKind::While(turns) => {
                self.turns(turns, known, id);
                surely = false;
                false
            }
            StepKind::Ask(ask) => {
                surely = matches!(ask.kind, crate::ast::AskKind::Decision { .. });
                self.ask(ask, known, id);
                false
            }
            StepKind::Wait(wait) => {
                self.wait(wait, known, id);
                surely = false;
                false
            }
            StepKind::Set(values) => {
                self.set(values, known, id);
                false
            }
            StepKind::End(end) => {
                if let Some(note) = &end.note {
                    self.template(note, known, id);
                    self.in_text(note, known);
                }
                if end.succeeded {
                    self.ends.push(known.clone());
                }
                true
            }
        };
        if let Some(id) = id {
            known.ran(id, surely);
        }
        self.here = outer;
        ended
    }

    fn set(
        &mut self,
        values: &'a [(Spanned<String>, crate::ast::Arg)],
        known: &mut Known,
        id: Option<&str>,
    ) {
        for (name, arg) in values {
            self.arg(arg, known, id);
            let of = self.infer(arg, known);
            self.sets.push((name.value.clone(), of.clone()));
            known.set(&name.value, of);
        }
    }
}

/// An object with these properties. Whether others are there is asked elsewhere.
fn open_object(properties: BTreeMap<String, Type>) -> Type {
    let rest = Some(Type::Any);
    Type::Object(std::sync::Arc::new(stanch_expression::ObjectType { properties, rest }))
}
