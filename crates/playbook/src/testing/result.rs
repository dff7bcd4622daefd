//! Running a case, and what it came to.

use std::{collections::BTreeSet, sync::Arc};

use serde::Serialize;
use serde_json::Value;
use stanch_expression::{Scope, suggest};
use stanch_model::{Span, guard::Mode, run::RunState};

use super::{
    case::{Act, Case, STATES, id_of},
    driver::Driver,
};
use crate::{
    ast::{Playbook, TriggerKind},
    graph::{Graph, NodeKind, Pause},
};

/// What one case came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Where the case stands in the test file.
    pub span: Span,
    /// Whether everything is as expected.
    pub passed: bool,
    /// What is not, one sentence each; empty if it passed.
    pub differences: Vec<String>,
    /// How it ended; none if the trigger did not hold.
    pub state: Option<RunState>,
    /// What was done, in order.
    pub effects: Vec<Row>,
}

/// One thing that a run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The step's key.
    pub step: String,
    /// What kind of thing.
    pub kind: RowKind,
    /// The action's name; for an approval the names of the acts in the plan.
    pub name: String,
    /// The canonical value of its target; empty if it has none.
    pub target: String,
    /// What came of it.
    pub outcome: String,
}

/// Kinds of things that a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A target, or our own books, were asked or written to; nothing outside changed.
    Read,
    /// An act was sent.
    Act,
    /// People were asked about a plan.
    Approval,
    /// An `ask` step was answered.
    Ask,
    /// A script ran.
    Script,
    /// Another playbook was called.
    Call,
    /// Time passed, or a signal came.
    Wait,
}

/// Runs a case. `graph` is compiled from `playbook`.
#[must_use]
pub fn run(graph: &Arc<Graph>, playbook: &Playbook, case: &Case) -> CaseResult {
    let mode = case.mode.as_ref().map_or(Mode::Assist.min(playbook.max_mode), |mode| mode.value);
    let mut driver = Driver::new(graph, case, mode);
    driver.differences.extend(slips(graph, case));
    if mode > playbook.max_mode {
        let (mode, max) = (mode.word(), playbook.max_mode.word());
        driver.differences.push(format!("mode: {mode} is more than the playbook's max_mode {max}"));
    }
    match starts(graph, case) {
        Ok(true) => driver.drive(),
        Ok(false) => {}
        Err(why) => driver.differences.push(format!("the trigger cannot be evaluated: {why}")),
    }
    let ended = driver.agenda.run.ended().cloned();
    let state = match &ended {
        Some((state, _)) => Some(*state),
        None => driver.agenda.run.started().then_some(RunState::Waiting),
    };
    let mut differences = driver.differences;
    if state != case.expect.state {
        let note = ended.map(|(_, note)| note).filter(|note| !note.is_empty());
        let why = note.map(|note| format!(" ({note})")).unwrap_or_default();
        let (wanted, got) = (word(case.expect.state), word(state));
        differences.push(format!("state: expected {wanted}, got {got}{why}"));
    }
    let shown = |acts: &[Act]| acts.iter().map(ToString::to_string).collect::<Vec<_>>();
    compare("actions", &shown(&case.expect.actions), &shown(&driver.acts), &mut differences);
    if let Some(reads) = &case.expect.reads {
        compare("reads", reads, &driver.reads, &mut differences);
    }
    CaseResult {
        name: case.name.clone(),
        span: case.span,
        passed: differences.is_empty(),
        differences,
        state,
        effects: driver.rows,
    }
}

/// Whether what the case gives starts a run. A playbook without a trigger is started by hand or called.
fn starts(graph: &Graph, case: &Case) -> Result<bool, String> {
    let Some(on) = &graph.on else { return Ok(true) };
    let Some(condition) = on.kind.condition() else { return Ok(true) };
    let mut scope = Scope::new();
    match (&on.kind, &case.cause) {
        (TriggerKind::Alert(_), _) => scope.set("alert", case.alert.clone()),
        (TriggerKind::Incident(_), _) => scope.set("incident", case.incident.clone()),
        (_, Some((name, value))) if name == on.kind.word() => scope.set(name, value.clone()),
        _ => return Err(format!("the case gives no `{}`", on.kind.word())),
    }
    match condition.value.evaluate(&scope) {
        Ok(Value::Bool(holds)) => Ok(holds),
        Ok(other) => Err(format!("it gave {other}, not true or false")),
        Err(error) => Err(error.to_string()),
    }
}

/// Answers for something that the playbook has no step of: slips of the pen.
fn slips(graph: &Graph, case: &Case) -> Vec<String> {
    let mut names = BTreeSet::new();
    for node in &graph.nodes {
        match &node.kind {
            NodeKind::Do { call, .. } => names.extend([node.id.as_str(), call.name.as_str()]),
            NodeKind::Ask { .. }
            | NodeKind::Script { .. }
            | NodeKind::Call { .. }
            | NodeKind::Wait { pause: Pause::Signal { .. }, .. } => {
                names.insert(node.id.as_str());
            }
            _ => {}
        }
    }
    let is_known = |key: &str| {
        names.contains(key) || (graph.node_of(key).is_some() && names.contains(id_of(key)))
    };
    let unknown = case.answers.iter().filter(|(key, _)| !is_known(&key.value));
    let said = |key: &str, line: u32| {
        let help = suggest::help(key, names.iter().copied());
        format!("answers: line {line}: the playbook has no step `{key}`; {help}")
    };
    unknown.map(|(key, _)| said(&key.value, key.span.line)).collect()
}

fn word(state: Option<RunState>) -> &'static str {
    let known = STATES.iter().find(|(_, known)| *known == state);
    known.map_or("a run that does not end", |(word, _)| word)
}

fn compare(what: &str, wanted: &[String], got: &[String], differences: &mut Vec<String>) {
    if wanted != got {
        let shown = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        let (wanted, got) = (shown(wanted), shown(got));
        differences.push(format!("{what}: expected {wanted}; got {got}"));
    }
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        match &self.target {
            Some(target) => write!(f, " on {target}"),
            None => Ok(()),
        }
    }
}
