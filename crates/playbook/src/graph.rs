//! The graph that a run walks: the playbook's steps, each with where it goes next.
//!
//! Compiling needs the catalog, because a graph holds what every `do` resolved to. It is kept by
//! the run's playbook digest; what a running step planned stands in the journal, so a later change
//! of a manifest cannot change a run behind an approval.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use stanch_expression::{Expression, Template, Type};
use stanch_model::{
    guard::Mode,
    manifest::{ActionManifest, Catalog, ResolveError, Resolved},
    run::{EdgeView, GraphView, NodeView, StepState},
};

use crate::ast::{Approve, Arg, OnError, Playbook, Step, StepKind};

/// A compiled playbook.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The playbook's name.
    pub playbook: String,
    /// In plain words.
    pub title: String,
    /// SHA-256 of the playbook's text.
    pub digest: String,
    /// How far it may ever be trusted.
    pub max_mode: Mode,
    /// What starts it.
    pub on: Option<Expression>,
    /// The steps.
    pub nodes: Vec<Node>,
    /// The first step.
    pub entry: Next,
    /// What `steps.ID` reads as before the step ran.
    pub defaults: Map<String, Value>,
}

/// Where a step goes when it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To that node.
    Node(usize),
    /// A branch of that parallel node is done.
    Join(usize),
    /// The run is done.
    End,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Node {
    /// The step's id, or `s` and its number in the text.
    pub id: String,
    /// In plain words.
    pub title: String,
    /// Line in the playbook, from 1.
    pub line: u32,
    /// What it does.
    pub kind: NodeKind,
}

/// What a step does, with everything resolved.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Calls an action.
    Do {
        /// The action.
        call: Box<DoCall>,
        /// Then.
        next: Next,
    },
    /// Takes one of two ways.
    If {
        /// Must be bool.
        condition: Expression,
        /// If true.
        then: Next,
        /// If false.
        otherwise: Next,
    },
    /// Goes several ways at once.
    Parallel {
        /// The branches' first steps.
        branches: Vec<usize>,
        /// When all are done.
        next: Next,
    },
    /// Asks people.
    Ask {
        /// The question.
        text: Template,
        /// The answers.
        options: Vec<String>,
        /// How long it stands.
        within: Duration,
        /// The answer if nobody answers.
        otherwise: String,
        /// Then.
        next: Next,
    },
    /// Lets time pass.
    Wait {
        /// How long.
        duration: Duration,
        /// Then.
        next: Next,
    },
    /// Gives names to values.
    Set {
        /// In order.
        values: Vec<(String, Arg)>,
        /// Then.
        next: Next,
    },
    /// Ends the run.
    End {
        /// How.
        succeeded: bool,
        /// Why.
        note: Option<Template>,
    },
}

impl NodeKind {
    /// The key that names this kind in the text.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Do { .. } => "do",
            Self::If { .. } => "if",
            Self::Parallel { .. } => "parallel",
            Self::Ask { .. } => "ask",
            Self::Wait { .. } => "wait",
            Self::Set { .. } => "set",
            Self::End { .. } => "end",
        }
    }
}

/// An action call, resolved against the catalog.
#[derive(Clone, Debug)]
pub struct DoCall {
    /// What the playbook calls it.
    pub name: String,
    /// The instance that acts.
    pub instance: String,
    /// The connector behind it.
    pub connector: String,
    /// The action's name in the manifest.
    pub action: String,
    /// The action.
    pub manifest: ActionManifest,
    /// True where the target is the practice target.
    pub practice: bool,
    /// Digest of the manifest.
    pub digest: String,
    /// Input.
    pub with: Vec<(String, Arg)>,
    /// How long the act stays.
    pub expires: Option<Duration>,
    /// What approval it needs at least.
    pub approve: Option<Approve>,
    /// What happens if it fails.
    pub on_error: OnError,
    /// The manifest's input schema, ready for use: making it costs more than a whole event.
    pub(crate) input: InputCheck,
}

/// A schema that was compiled once, or why it cannot be.
#[derive(Clone, Debug)]
pub(crate) struct InputCheck(Arc<Result<jsonschema::Validator, String>>);

impl InputCheck {
    fn new(schema: &Value) -> Self {
        let built = jsonschema::options().should_validate_formats(true).build(schema);
        Self(Arc::new(built.map_err(|error| error.to_string())))
    }

    /// Why `input` does not fit, if it does not.
    pub(crate) fn misfit(&self, input: &Value) -> Option<String> {
        let validator = match self.0.as_ref() {
            Ok(validator) => validator,
            Err(why) => return Some(format!("the manifest's input schema is broken: {why}")),
        };
        let wrong: Vec<String> = validator
            .iter_errors(input)
            .take(3)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }
}

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
    let mut compiler = Compiler { catalog, nodes: Vec::new(), missing: Vec::new() };
    let entry = compiler.chain(&playbook.steps, Next::End);
    let Compiler { nodes, missing, .. } = compiler;
    if !missing.is_empty() {
        return Err(CompileError { playbook: playbook.name.value.clone(), missing });
    }
    let defaults = nodes.iter().map(|node| (node.id.clone(), default_of(node))).collect();
    Ok(Graph {
        playbook: playbook.name.value.clone(),
        title: playbook.title.clone(),
        digest: playbook.digest.clone(),
        max_mode: playbook.max_mode,
        on: playbook.on.as_ref().map(|on| on.alert.value.clone()),
        nodes,
        entry,
        defaults,
    })
}

struct Compiler<'a> {
    catalog: &'a Catalog,
    nodes: Vec<Node>,
    missing: Vec<ResolveError>,
}

impl Compiler<'_> {
    /// Compiles `steps` so that the last goes to `after`, and says where they begin.
    fn chain(&mut self, steps: &[Step], after: Next) -> Next {
        let first = self.nodes.len();
        let mut pending: Option<usize> = None;
        for step in steps {
            let index = self.step(step, after);
            if let Some(previous) = pending {
                set_next(&mut self.nodes, previous, after, Next::Node(index));
            }
            pending = Some(index);
        }
        if steps.is_empty() { after } else { Next::Node(first) }
    }

    fn step(&mut self, step: &Step, after: Next) -> usize {
        let index = self.nodes.len();
        let id = step.id.as_ref().map_or_else(|| format!("s{}", index + 1), |id| id.value.clone());
        self.nodes.push(Node {
            id,
            title: String::new(),
            line: step.span.line,
            kind: NodeKind::End { succeeded: true, note: None },
        });
        let (title, kind) = self.kind(index, step, after);
        if let Some(node) = self.nodes.get_mut(index) {
            node.title = title;
            node.kind = kind;
        }
        index
    }

    fn kind(&mut self, index: usize, step: &Step, next: Next) -> (String, NodeKind) {
        match &step.kind {
            StepKind::Do(call) => self.call(call, next),
            StepKind::If(branch) => {
                let condition = branch.condition.value.clone();
                let title = format!("if {}", condition.text());
                let then = self.chain(&branch.then, next);
                let otherwise = self.chain(&branch.otherwise, next);
                (title, NodeKind::If { condition, then, otherwise })
            }
            StepKind::Parallel(branches) => {
                let branches: Vec<usize> =
                    branches.iter().map(|branch| self.step(branch, Next::Join(index))).collect();
                (format!("{} at once", branches.len()), NodeKind::Parallel { branches, next })
            }
            StepKind::Ask(ask) => (
                ask.text.value.text().to_owned(),
                NodeKind::Ask {
                    text: ask.text.value.clone(),
                    options: ask.options.iter().map(|o| o.value.clone()).collect(),
                    within: ask.within.value,
                    otherwise: ask.otherwise.value.clone(),
                    next,
                },
            ),
            StepKind::Wait(duration) => (
                format!("wait {}", stanch_model::duration::format(duration.value)),
                NodeKind::Wait { duration: duration.value, next },
            ),
            StepKind::Set(values) => {
                let names: Vec<&str> = values.iter().map(|(name, _)| name.value.as_str()).collect();
                let title = format!("set {}", names.join(", "));
                let values = values.iter().map(|(n, v)| (n.value.clone(), v.clone())).collect();
                (title, NodeKind::Set { values, next })
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

    fn call(&mut self, call: &crate::ast::Do, next: Next) -> (String, NodeKind) {
        let Resolved { instance, manifest, name, action } =
            match self.catalog.resolve(&call.name.value) {
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
            digest: manifest.digest(),
            with: call.with.iter().map(|(n, v)| (n.value.clone(), v.clone())).collect(),
            expires: call.expires.as_ref().map(|e| e.value),
            approve: call.approve.clone(),
            on_error: call.on_error,
            input: InputCheck::new(&action.input),
        };
        (action.title.clone(), NodeKind::Do { call: Box::new(call), next })
    }
}

/// Turns every way of node `from` (and of what is nested in it) that leads to `old` into `new`.
///
/// Nodes are numbered in the order of the text, so what is nested in `from` stands after it.
fn set_next(nodes: &mut [Node], from: usize, old: Next, new: Next) {
    let end = match new {
        Next::Node(index) => index,
        Next::Join(_) | Next::End => nodes.len(),
    };
    for node in nodes.iter_mut().take(end).skip(from) {
        for next in node.kind.ways_mut() {
            if *next == old {
                *next = new;
            }
        }
    }
}

impl NodeKind {
    fn ways_mut(&mut self) -> Vec<&mut Next> {
        match self {
            Self::Do { next, .. }
            | Self::Parallel { next, .. }
            | Self::Ask { next, .. }
            | Self::Wait { next, .. }
            | Self::Set { next, .. } => vec![next],
            Self::If { then, otherwise, .. } => vec![then, otherwise],
            Self::End { .. } => Vec::new(),
        }
    }

    /// Where this step may go, with the label of the way.
    fn ways(&self) -> Vec<(Next, &'static str)> {
        match self {
            Self::Do { next, .. }
            | Self::Ask { next, .. }
            | Self::Wait { next, .. }
            | Self::Set { next, .. } => vec![(*next, "")],
            Self::Parallel { branches, .. } => {
                branches.iter().map(|branch| (Next::Node(*branch), "")).collect()
            }
            Self::If { then, otherwise, .. } => vec![(*then, "yes"), (*otherwise, "no")],
            Self::End { .. } => Vec::new(),
        }
    }
}

/// What `steps.ID` reads as before the step ran: the empty value of every declared output.
fn default_of(node: &Node) -> Value {
    let mut value = Map::new();
    match &node.kind {
        NodeKind::Do { call, .. } => {
            if let Value::Object(outputs) = empty(&Type::from_schema(&call.manifest.output)) {
                value = outputs;
            }
        }
        NodeKind::Ask { .. } => {
            value.insert("answer".to_owned(), json!(""));
        }
        NodeKind::If { .. }
        | NodeKind::Parallel { .. }
        | NodeKind::Wait { .. }
        | NodeKind::Set { .. }
        | NodeKind::End { .. } => {}
    }
    value.insert("ok".to_owned(), json!(false));
    Value::Object(value)
}

/// The empty value of a type, as the checker takes it to be: one of some texts is the empty text.
pub(crate) fn empty(of: &Type) -> Value {
    match of {
        Type::String | Type::Choice(_) => json!(""),
        Type::Int => json!(0),
        Type::Number => json!(0.0),
        Type::Bool => json!(false),
        Type::List(_) => json!([]),
        Type::Object(object) => {
            let inner = object.properties.iter().map(|(name, of)| (name.clone(), empty(of)));
            Value::Object(inner.collect())
        }
        Type::Any | Type::Null => Value::Null,
    }
}

impl Graph {
    /// The node with that id.
    #[must_use]
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    /// The picture; `state` says where each node stands.
    #[must_use]
    pub fn view(&self, state: impl Fn(&Node) -> (StepState, String)) -> GraphView {
        let mut view = GraphView::default();
        view.nodes.push(NodeView {
            id: "start".to_owned(),
            kind: "start".to_owned(),
            title: self.title.clone(),
            line: 1,
            state: StepState::Succeeded,
            note: String::new(),
        });
        for node in &self.nodes {
            let (state, note) = state(node);
            view.nodes.push(NodeView {
                id: node.id.clone(),
                kind: node.kind.word().to_owned(),
                title: node.title.clone(),
                line: node.line,
                state,
                note,
            });
        }
        let mut edges = Vec::new();
        self.edge("start", self.entry, "", &mut edges);
        for node in &self.nodes {
            for (next, label) in node.kind.ways() {
                self.edge(&node.id, next, label, &mut edges);
            }
        }
        view.edges = edges;
        view
    }

    fn edge(&self, from: &str, to: Next, label: &str, edges: &mut Vec<EdgeView>) {
        let to = match to {
            Next::Node(index) => self.nodes.get(index),
            Next::Join(parallel) => match self.nodes.get(parallel).map(|node| &node.kind) {
                Some(NodeKind::Parallel { next, .. }) => {
                    return self.edge(from, *next, label, edges);
                }
                _ => None,
            },
            Next::End => None,
        };
        if let Some(to) = to {
            edges.push(EdgeView {
                from: from.to_owned(),
                to: to.id.clone(),
                label: label.to_owned(),
            });
        }
    }

    /// The names of all `do` steps, for shows.
    #[must_use]
    pub fn actions(&self) -> BTreeMap<String, &DoCall> {
        let calls = self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Do { call, .. } => Some((node.id.clone(), &**call)),
            _ => None,
        });
        calls.collect()
    }
}
