//! The run: a state machine over a journal.
//!
//! [`Run::apply`] is total and deterministic: the same events give the same run, so a run can be
//! replayed after a crash, stepped through, and shown at any past moment. It never acts: it returns
//! [`Effect`]s, the driver carries them out and journals what came back as the next [`RunEvent`].
//!
//! ```text
//!  do (read)   Planning ─Planned─▶ Reading ─Read/Failed─▶ Succeeded | Failed
//!  do (act)    Planning ─Planned─▶ Authorising ─Decided(refuse)─▶ Refused
//!                                     │  ▲ └─Asked─▶ Asked ─Answered─┘ (approved, void) | Refused
//!                                     └─Intended─▶ Intended ─Accepted─▶ Accepted ─Verified─▶ Verified
//!                                                    │ Unsure ─▶ Probing ─Found─▶ Accepted, Probed─▶ act again
//!                                                    └─Unresolved─▶ Unknown ─Resolved─▶ Succeeded | Failed
//!  retry       Failed (certainly) ─▶ Retrying ─TimerFired─▶ Reading | Authorising
//!  call        Calling ─ChildStarted─▶ Calling(run) ─ChildEnded─▶ Succeeded | Failed | Refused
//!  plan, shadow: Simulated takes a step out of Reading or Authorising; whatever depends on it is parked.
//! ```
//!
//! A run stands in [`frame`]s: the run itself, and in it each branch, each turn of a loop, the body of each
//! `try`. A frame has one way through the graph, its own variables and its own outcomes; what it set is
//! seen by others once it is left, in the order of the text. So what a run comes to depends on what came
//! back, and never on which of two branches was quicker.

mod admit;
mod apply;
mod effect;
mod end;
mod event;
mod frame;
mod kinds;
mod outstanding;
mod planner;
mod scope;
mod step;
pub mod timer;
mod trouble;
mod view;
mod walk;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};
use stanch_model::{
    ApprovalId, Time,
    plan::{PlannedAction, StepKey},
    run::{RunState, StepState},
};

pub(crate) use self::planner::nobody;
pub use self::{
    effect::{Asked, Effect, ScriptJob},
    event::{Beginning, IllegalEvent, RunEvent},
    planner::{Called, Planner, PlannerStep, callable},
};
use self::{
    frame::Frame,
    step::{Status, StepRecord},
};
use crate::{
    ast::Approve,
    graph::{Graph, Node},
};

/// How often one intent is sent, the first time included, while the target says that it did not happen.
/// A process that died before it knew whether it had sent it costs none.
pub const ATTEMPTS_MAX: u32 = 4;

/// How many steps one run enters at the most.
pub const STEPS_MAX: usize = 1_000;

/// Bytes of what one step may return, as JSON; more fails the step.
pub const OUTPUT_BYTES_MAX: u64 = 256 * 1_024;

/// One execution of one version of a playbook.
#[derive(Clone, Debug)]
pub struct Run {
    graph: Arc<Graph>,
    /// When it began; nothing if it has not.
    began_at: Option<Time>,
    /// What expressions see of what started it: `alert`, `incident`, `inputs`, and what else there is.
    given: BTreeMap<String, Arc<Value>>,
    frames: Vec<Frame>,
    /// The steps that were reached, in order.
    steps: Vec<StepRecord>,
    index: BTreeMap<StepKey, usize>,
    /// Those of them that wait for something; no loop, branch or `try`, which only hold others.
    open: BTreeSet<usize>,
    /// Those that hold others, and are not done.
    groups: BTreeSet<usize>,
    /// Frames that were stopped, and go on once what is in flight in them has come back.
    draining: Vec<usize>,
    /// Fingerprints of the actions that people approved, and how many people did.
    approved: BTreeMap<String, u32>,
    /// Those of them that were approved with the plan of the run that called this one.
    inherited: Approved,
    /// Whether an act was only recorded; what is read after it is not read either.
    recorded_act: bool,
    /// Whether this is the copy of a run on which a plan is made.
    planning: bool,
    /// How the run will end once what is in flight has come back.
    ending: Option<(RunState, String)>,
    /// How it ends now that nothing is under way any more.
    due: Option<(RunState, String)>,
    ended: Option<(RunState, String)>,
    outputs: Map<String, Value>,
}

/// What people approved with a plan that goes through called playbooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// Fingerprints of acts, and how many people approved them.
    pub acts: BTreeMap<String, u32>,
    /// SHA-256 of the texts of the called playbooks that they saw, by name.
    pub versions: BTreeMap<String, String>,
}

impl Run {
    /// A run that has not started: its first event is [`RunEvent::Started`].
    #[must_use]
    pub fn new(graph: Arc<Graph>) -> Self {
        Self {
            graph,
            began_at: None,
            given: BTreeMap::new(),
            frames: vec![Frame::root(String::new())],
            steps: Vec::new(),
            index: BTreeMap::new(),
            open: BTreeSet::new(),
            groups: BTreeSet::new(),
            draining: Vec::new(),
            approved: BTreeMap::new(),
            inherited: Approved::default(),
            recorded_act: false,
            planning: false,
            ending: None,
            due: None,
            ended: None,
            outputs: Map::new(),
        }
    }

    /// The graph it walks.
    #[must_use]
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// How many people approved exactly this act in this run, or with the plan of the run that called it.
    #[must_use]
    pub fn approved_by(&self, action: &PlannedAction) -> u32 {
        self.approved.get(&action.fingerprint()).copied().unwrap_or(0)
    }

    /// The approvals that steps wait for.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<ApprovalId> {
        let asked = self.opened().filter_map(|step| match step.status {
            Status::Asked(approval) => Some(approval),
            _ => None,
        });
        asked.collect()
    }

    /// The `ask` steps that wait for an answer.
    #[must_use]
    pub fn questioned(&self) -> Vec<StepKey> {
        let open = self.opened().filter(|step| matches!(step.status, Status::Questioned(Some(_))));
        open.map(|step| step.key.clone()).collect()
    }

    /// The action that a step planned.
    #[must_use]
    pub fn action(&self, key: &StepKey) -> Option<&PlannedAction> {
        self.step(key)?.action.as_deref()
    }

    /// Where a step stands, if it was reached.
    #[must_use]
    pub fn step_state(&self, key: &StepKey) -> Option<StepState> {
        self.step(key).map(|step| step.status.shown())
    }

    /// Why it stands so, in plain words.
    #[must_use]
    pub fn step_note(&self, key: &StepKey) -> Option<&str> {
        self.step(key).map(|step| step.note.as_str())
    }

    /// The step of the graph that this one came of.
    #[must_use]
    pub fn node_of(&self, key: &StepKey) -> Option<&Node> {
        self.graph.nodes.get(self.step(key)?.node)
    }

    /// What approval the step asks for, beyond what the guard asks.
    #[must_use]
    pub fn approve(&self, key: &StepKey) -> Option<&Approve> {
        self.node_of(key)?.kind.approve()
    }

    /// Whether nobody answered when the step asked for approval, so that others are asked now.
    #[must_use]
    pub fn is_escalated(&self, key: &StepKey) -> bool {
        self.step(key).is_some_and(|step| step.escalated)
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<&(RunState, String)> {
        self.ended.as_ref()
    }

    /// What a caller reads, once it has ended well.
    #[must_use]
    pub fn outputs(&self) -> &Map<String, Value> {
        &self.outputs
    }

    /// Whether it has started.
    #[must_use]
    pub const fn started(&self) -> bool {
        self.began_at.is_some()
    }

    /// The moment at which it ends if it has not before; nothing before it started.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        Some(self.began_at?.plus(self.graph.timeout))
    }

    /// Whether the outcome of something in it is not known, because it was only recorded.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.frames.first().is_some_and(|root| root.uncertain) || self.parked().is_some()
    }

    fn step(&self, key: &StepKey) -> Option<&StepRecord> {
        self.steps.get(*self.index.get(key)?)
    }

    fn opened(&self) -> impl Iterator<Item = &StepRecord> {
        self.open.iter().filter_map(|index| self.steps.get(*index))
    }

    fn parked(&self) -> Option<&StepRecord> {
        // Only plan and shadow park, so only they pay for looking.
        let may = self.recorded_act || self.frames.iter().any(|frame| frame.uncertain);
        self.steps.iter().find(|step| may && step.status == Status::Parked)
    }
}

/// Bytes of a value, as JSON.
fn size(value: &impl serde::Serialize) -> u64 {
    let text = serde_json::to_string(value).unwrap_or_default();
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

/// Whether a value is more than what a step may return.
fn is_too_large(value: &impl serde::Serialize) -> bool {
    size(value) > OUTPUT_BYTES_MAX
}

fn too_large(what: &str) -> String {
    format!("{what} is larger than {} KiB", OUTPUT_BYTES_MAX / 1_024)
}

/// A value in a message to people, not longer than a line.
fn shown(value: &Value) -> String {
    const CHARS_MAX: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
