//! From the tree to the graph.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use stanch_model::{
    canonical,
    manifest::{Catalog, Manifest, ResolveError, Resolved},
};

use super::{
    AskCall, CallCall, DoCall, ForEachLoop, Form, Given, Graph, Next, Node, NodeKind, Pause,
    Question, ScriptCall, Shape, WhileLoop, defaults,
};
use crate::{
    ast::{self, Arg, AskKind, Playbook, Spanned, Step, StepKind, Wait},
    check::Context,
};

/// A playbook that is well formed but cannot run here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("playbook `{playbook}` cannot run here: {}", list(.missing))]
pub struct CompileError {
    /// The playbook.
    pub playbook: String,
    /// What did not resolve.
    pub missing: Vec<ResolveError>,
}

fn list(missing: &[ResolveError]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Compiles a playbook that [`crate::check::check`] found nothing wrong with.
///
/// # Errors
/// Names that the catalog does not resolve.
pub fn compile(playbook: &Playbook, catalog: &Catalog) -> Result<Graph, CompileError> {
    compile_in(playbook, &Context::new(catalog))
}

/// The same where it is known what the playbooks that it calls give back.
///
/// # Errors
/// Names that the catalog does not resolve.
pub fn compile_in(playbook: &Playbook, context: &Context<'_>) -> Result<Graph, CompileError> {
    let (nodes, missing) = (Vec::new(), Vec::new());
    let mut compiler = Compiler { context, nodes, missing, depth: 0, digests: BTreeMap::new() };
    let entry = compiler.chain(&playbook.steps, Next::End);
    let Compiler { nodes, missing, .. } = compiler;
    if !missing.is_empty() {
        return Err(CompileError { playbook: playbook.name.value.clone(), missing });
    }
    let inputs = playbook.inputs.iter().map(|input| {
        let default = input.default.as_ref().map(|default| default.value.clone());
        Given::new(input.field.name.value.clone(), input.field.schema.value.clone(), default)
    });
    let ids = nodes.iter().enumerate().map(|(index, node)| (node.id.clone(), index));
    Ok(Graph {
        playbook: playbook.name.value.clone(),
        title: playbook.title.clone(),
        digest: playbook.digest.clone(),
        max_mode: playbook.max_mode,
        timeout: playbook.time_limit(),
        on: playbook.on.clone(),
        inputs: inputs.collect(),
        outputs: named(&playbook.outputs),
        entry,
        ids: ids.collect(),
        nodes,
    })
}

fn named(values: &[(Spanned<String>, Arg)]) -> Vec<(String, Arg)> {
    values.iter().map(|(name, arg)| (name.value.clone(), arg.clone())).collect()
}

/// How many nodes a step becomes: itself, and what is inside.
fn size(step: &Step) -> usize {
    let inside = step.kind.blocks().into_iter().flatten().map(size);
    inside.fold(1, usize::saturating_add)
}

struct Compiler<'a> {
    context: &'a Context<'a>,
    nodes: Vec<Node>,
    missing: Vec<ResolveError>,
    /// In how many loops the next node stands.
    depth: usize,
    /// Digests of manifests, by connector: a digest is of the whole manifest.
    digests: BTreeMap<String, String>,
}

impl Compiler<'_> {
    fn digest(&mut self, manifest: &Manifest) -> String {
        let digest = self.digests.entry(manifest.connector.clone());
        digest.or_insert_with(|| manifest.digest()).clone()
    }

    /// Compiles `steps` so that the last goes to `after`, and says where they begin.
    ///
    /// Nodes are numbered in the order of the text, so that a step begins where the one before it ends.
    fn chain(&mut self, steps: &[Step], after: Next) -> Next {
        let first = self.nodes.len();
        for (number, step) in (1_usize..).zip(steps) {
            let is_last = number == steps.len();
            let next = self.nodes.len().saturating_add(size(step));
            self.step(step, if is_last { after } else { Next::Node(next) });
        }
        if steps.is_empty() { after } else { Next::Node(first) }
    }

    fn step(&mut self, step: &Step, next: Next) -> usize {
        let index = self.nodes.len();
        let number = index.saturating_add(1);
        self.nodes.push(Node {
            id: step.id.as_ref().map_or_else(|| format!("s{number}"), |id| id.value.clone()),
            named: step.id.is_some(),
            title: String::new(),
            line: step.span.line,
            depth: self.depth,
            kind: NodeKind::End { succeeded: true, note: None },
            default: Arc::default(),
        });
        let (title, kind) = self.kind(index, step, next);
        let output = match &kind {
            NodeKind::Do { call, .. } => Some(&call.manifest.output),
            NodeKind::Script { script, .. } => Some(&script.output),
            _ => None,
        };
        let called = match &kind {
            NodeKind::Call { call, .. } => {
                self.context.playbooks.and_then(|folder| folder.get(&call.playbook))
            }
            _ => None,
        };
        let default = Arc::new(defaults::of(&step.kind, output, called));
        if let Some(node) = self.nodes.get_mut(index) {
            node.title = title;
            node.kind = kind;
            node.default = default;
        }
        index
    }

    fn kind(&mut self, index: usize, step: &Step, next: Next) -> (String, NodeKind) {
        match &step.kind {
            StepKind::Do(call) => self.call(call, next),
            StepKind::Script(script) => script_call(script, next),
            StepKind::If(branch) => {
                let condition = branch.condition.value.clone();
                let title = format!("if {}", condition.text());
                let then = self.chain(&branch.then, next);
                let otherwise = self.chain(&branch.otherwise, next);
                (title, NodeKind::If { condition, then, otherwise })
            }
            StepKind::Switch(switch) => self.switch(switch, next),
            StepKind::Parallel(parallel) => {
                let branches = &parallel.branches;
                let title = format!("{} at once", branches.len());
                let branches: Vec<usize> =
                    branches.iter().map(|branch| self.step(branch, Next::Leave(index))).collect();
                (title, NodeKind::Parallel { branches, until: parallel.until, next })
            }
            StepKind::ForEach(each) => self.for_each(index, each, next),
            StepKind::While(repeat) => {
                let title = format!("while {}", repeat.condition.value.text());
                let body = self.turn(index, &repeat.steps);
                let repeat = WhileLoop {
                    condition: repeat.condition.value.clone(),
                    turns: count(repeat.turns.value),
                    body,
                    on_error: repeat.on_error,
                };
                (title, NodeKind::While { repeat: Box::new(repeat), next })
            }
            StepKind::Call(call) => {
                let title = format!("call {}", call.playbook.value);
                let call = CallCall {
                    playbook: call.playbook.value.clone(),
                    with: named(&call.with),
                    on_error: call.on_error,
                };
                (title, NodeKind::Call { call: Box::new(call), next })
            }
            StepKind::Wait(wait) => pause(wait, next),
            StepKind::Ask(ask) => question(ask, next),
            StepKind::Set(values) => {
                let names: Vec<&str> = values.iter().map(|(name, _)| name.value.as_str()).collect();
                let title = format!("set {}", names.join(", "));
                (title, NodeKind::Set { values: named(values), next })
            }
            StepKind::Try(step) => {
                let body = self.chain(&step.steps, Next::Leave(index));
                let handler = self.chain(&step.on_error, Next::Leave(index));
                ("try".to_owned(), NodeKind::Try { body, handler, next })
            }
            StepKind::End(end) => (
                if end.succeeded { "end" } else { "end as failed" }.to_owned(),
                NodeKind::End {
                    succeeded: end.succeeded,
                    note: end.note.as_ref().map(|note| note.value.clone()),
                },
            ),
        }
    }

    fn switch(&mut self, switch: &ast::Switch, next: Next) -> (String, NodeKind) {
        let cases = switch.cases.iter().map(|case| {
            let values = case.values.iter().map(|value| value.value.clone()).collect();
            (values, self.chain(&case.then, next))
        });
        let cases: Vec<(Vec<Value>, Next)> = cases.collect();
        let otherwise = switch.otherwise.as_ref().map(|steps| self.chain(steps, next));
        let subject = switch.subject.value.clone();
        let title = format!("switch {}", subject.text());
        (title, NodeKind::Switch { subject, cases, otherwise })
    }

    fn for_each(&mut self, index: usize, each: &ast::ForEach, next: Next) -> (String, NodeKind) {
        let list = each.list.value.clone();
        let name = each.name.value.clone();
        let title = format!("for each {name} in {}", list.text());
        let body = self.turn(index, &each.steps);
        let depth = self.depth.saturating_add(1);
        let inside = self.nodes.iter().enumerate().skip(index.saturating_add(1));
        let inside = inside.filter(|(_, node)| node.named && node.depth == depth);
        let each = ForEachLoop {
            list,
            name,
            width: count(each.width).max(1),
            limit: count(each.limit),
            body,
            inside: inside.map(|(index, _)| index).collect(),
            on_error: each.on_error,
        };
        (title, NodeKind::ForEach { each: Box::new(each), next })
    }

    /// What a loop does in one turn.
    fn turn(&mut self, index: usize, steps: &[Step]) -> Next {
        self.depth = self.depth.saturating_add(1);
        let body = self.chain(steps, Next::Leave(index));
        self.depth = self.depth.saturating_sub(1);
        body
    }

    fn call(&mut self, call: &ast::Do, next: Next) -> (String, NodeKind) {
        let Resolved { instance, manifest, name, action } =
            match self.context.catalog.resolve(&call.name.value) {
                Ok(resolved) => resolved,
                Err(error) => {
                    self.missing.push(error);
                    return (String::new(), NodeKind::End { succeeded: false, note: None });
                }
            };
        let call = DoCall {
            name: call.name.value.clone(),
            instance: instance.to_owned(),
            connector: manifest.connector.clone(),
            action: name.to_owned(),
            manifest: action.clone(),
            practice: manifest.practice,
            digest: self.digest(manifest),
            with: named(&call.with),
            retry: call.retry,
            timeout: call.timeout.as_ref().map(|timeout| timeout.value),
            expires: call.expires.as_ref().map(|e| e.value),
            approve: call.approve.clone(),
            on_error: call.on_error,
            input: Shape::new(&action.input),
        };
        (action.title.clone(), NodeKind::Do { call: Box::new(call), next })
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn script_call(script: &ast::Script, next: Next) -> (String, NodeKind) {
    let interpreter = script.interpreter.value;
    let output = ast::object_schema(&script.output);
    let network: Vec<String> = script.network.iter().map(|peer| peer.value.clone()).collect();
    let timeout = script.timeout.as_ref().map_or(ast::SCRIPT_TIMEOUT, |timeout| timeout.value);
    let is = json!({
        "interpreter": interpreter.word(), "code": script.code.value, "output": output,
        "network": network, "effect": script.effect,
    });
    let call = ScriptCall {
        interpreter,
        code: script.code.value.clone(),
        digest: canonical::sha256(&is).expect("invariant: JSON has a canonical form"),
        with: named(&script.with),
        shape: Shape::new(&output),
        output,
        effect: script.effect,
        target: script.target.as_ref().map(|target| (target.kind, target.value.value.clone())),
        network,
        retry: script.retry,
        timeout,
        approve: script.approve.clone(),
        on_error: script.on_error,
    };
    let title = format!("run a {} script", interpreter.word());
    (title, NodeKind::Script { script: Box::new(call), next })
}

fn pause(wait: &Wait, next: Next) -> (String, NodeKind) {
    let (title, pause) = match wait {
        Wait::For(duration) => {
            let shown = stanch_model::duration::format(duration.value);
            (format!("wait {shown}"), Pause::For(duration.value))
        }
        Wait::Until(moment) => {
            let title = format!("wait until {}", moment.value.text());
            (title, Pause::Until(moment.value.clone()))
        }
        Wait::Signal { name, within } => {
            let (name, within) = (name.value.clone(), within.value);
            (format!("wait for signal {name}"), Pause::Signal { name, within })
        }
    };
    (title, NodeKind::Wait { pause, next })
}

fn question(ask: &ast::Ask, next: Next) -> (String, NodeKind) {
    let question = match &ask.kind {
        AskKind::Decision { options, otherwise } => Question::Decision {
            options: options.iter().map(|option| option.value.clone()).collect(),
            otherwise: otherwise.value.clone(),
        },
        AskKind::Form(fields) => {
            let schema = ast::object_schema(fields);
            Question::Form(Form { shape: Shape::new(&schema), schema })
        }
    };
    let call = AskCall {
        text: ask.text.value.clone(),
        question,
        within: ask.within.value,
        by: ask.by.as_ref().map(|group| group.value.clone()),
    };
    (ask.text.value.text().to_owned(), NodeKind::Ask { ask: Box::new(call), next })
}
