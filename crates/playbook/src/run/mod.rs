//! The run: a state machine over a journal.
//!
//! [`Run::apply`] is total and deterministic: the same events give the same run, so a run can be
//! replayed after a crash, stepped through, and shown at any past moment. It never acts: it returns
//! [`Effect`]s, the driver carries them out and journals what came back as the next [`RunEvent`].
//!
//! ```text
//!  do (read)   Planning ─Planned─▶ Reading ─Answered/Failed─▶ Succeeded | Failed
//!  do (act)    Planning ─Planned─▶ Authorising ─Decided(refuse)─▶ Refused
//!                                     │  ▲ └─Asked─▶ Asked ─Decision─┘ (approved, void) | Refused
//!                                     └─Intended─▶ Intended ─Accepted─▶ Accepted ─Verified─▶ Verified
//!                                                    │ Unsure ─▶ Probing ─Probed─▶ Accepted | Intended, act again
//!                                                    └─Unresolved─▶ Unknown ─Resolved─▶ Succeeded | Failed
//!  plan, shadow: Simulated takes a step out of Reading or Authorising; whatever depends on it is parked.
//! ```

mod admit;
mod apply;
mod event;
mod planner;
mod scope;
mod view;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value};
use stanch_model::{
    ApprovalId, Time,
    guard::Reason,
    plan::{PlannedAction, StepKey},
    run::RunState,
};

pub use self::{
    event::{Effect, IllegalEvent, RunEvent},
    planner::{Planner, PlannerStep},
};
use crate::graph::{Graph, Next};

/// How often one intent is sent, the first time included, while the target says that it did not happen.
/// A process that died before it knew whether it had sent it costs none.
pub const ATTEMPTS_MAX: u32 = 4;

/// How many steps one run enters at the most.
pub const STEPS_MAX: usize = 1_000;

/// One execution of one version of a playbook.
#[derive(Clone, Debug)]
pub struct Run {
    graph: Arc<Graph>,
    started: bool,
    alert: Value,
    incident: Value,
    vars: Map<String, Value>,
    outputs: Map<String, Value>,
    steps: BTreeMap<StepKey, StepRecord>,
    order: Vec<StepKey>,
    /// Branches still open, by parallel node.
    joins: BTreeMap<usize, usize>,
    /// Steps whose outcome is not known, because the act was only recorded.
    unknown: BTreeSet<String>,
    /// Fingerprints of the actions that people approved, and how many people did.
    approved: BTreeMap<String, u32>,
    /// Whether an act was only recorded; what is read after it is not read either.
    recorded_act: bool,
    /// How the run will end once what is in flight has come back.
    ending: Option<(RunState, String)>,
    ended: Option<(RunState, String)>,
}

/// What is known of one step.
#[derive(Clone, Debug)]
pub(crate) struct StepRecord {
    node: usize,
    status: Status,
    action: Option<PlannedAction>,
    input: Value,
    output: Value,
    attempts: u32,
    entered_at: Time,
    ended_at: Option<Time>,
    note: String,
    reasons: Vec<Reason>,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Reached; the driver has not journaled the plan yet.
    Planning,
    /// A read is out.
    Reading,
    /// The guard is asked.
    Authorising,
    /// People are asked.
    Asked(ApprovalId),
    /// The intent is on disk; the outcome is not known yet.
    Intended,
    /// The outcome is not known, and the target is asked.
    Probing,
    /// The target accepted.
    Accepted,
    /// Time passes; the timer is set if there is a moment.
    Sleeping(Option<Time>),
    /// A question is out; it is on record if there is a moment.
    Questioned(Option<Time>),
    /// Seen.
    Verified,
    /// Done.
    Succeeded,
    /// Recorded only.
    Simulated,
    /// Depends on the outcome of an act that was only recorded.
    Parked,
    /// Did not work.
    Failed,
    /// The guard or a person said no, or the run ended first.
    Refused,
    /// Work for a person.
    Unknown,
}

impl Status {
    /// Whether nothing more will come of it without a person.
    const fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Verified
                | Self::Succeeded
                | Self::Simulated
                | Self::Parked
                | Self::Failed
                | Self::Refused
        )
    }

    /// Whether something is out that cannot be called back.
    const fn in_flight(&self) -> bool {
        matches!(
            self,
            Self::Reading | Self::Intended | Self::Probing | Self::Accepted | Self::Unknown
        )
    }
}

impl Run {
    /// A run that has not started: its first event is [`RunEvent::Started`].
    #[must_use]
    pub fn new(graph: Arc<Graph>) -> Self {
        let outputs = graph.defaults.clone();
        Self {
            graph,
            started: false,
            alert: Value::Null,
            incident: Value::Null,
            vars: Map::new(),
            outputs,
            steps: BTreeMap::new(),
            order: Vec::new(),
            joins: BTreeMap::new(),
            unknown: BTreeSet::new(),
            approved: BTreeMap::new(),
            recorded_act: false,
            ending: None,
            ended: None,
        }
    }

    /// The graph it walks.
    #[must_use]
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// How many people approved exactly this act in this run.
    #[must_use]
    pub fn approved_by(&self, action: &PlannedAction) -> u32 {
        self.approved.get(&action.fingerprint()).copied().unwrap_or(0)
    }

    /// The approvals that steps wait for.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<ApprovalId> {
        let asked = self.steps.values().filter_map(|step| match step.status {
            Status::Asked(approval) => Some(approval),
            _ => None,
        });
        asked.collect()
    }

    /// The `ask` steps that wait for an answer.
    #[must_use]
    pub fn questioned(&self) -> Vec<StepKey> {
        let open = |step: &StepRecord| matches!(step.status, Status::Questioned(Some(_)));
        self.steps.iter().filter(|(_, step)| open(step)).map(|(key, _)| key.clone()).collect()
    }

    /// The action that a step planned.
    #[must_use]
    pub fn action(&self, key: &StepKey) -> Option<&PlannedAction> {
        self.steps.get(key)?.action.as_ref()
    }

    /// What approval the step asks for, beyond what the guard asks: (people, how long).
    #[must_use]
    pub fn approve(&self, key: &StepKey) -> Option<&crate::ast::Approve> {
        let node = self.graph.nodes.get(self.steps.get(key)?.node)?;
        match &node.kind {
            crate::graph::NodeKind::Do { call, .. } => call.approve.as_ref(),
            _ => None,
        }
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<&(RunState, String)> {
        self.ended.as_ref()
    }

    /// Whether it has started.
    #[must_use]
    pub const fn started(&self) -> bool {
        self.started
    }
}

/// Nodes still to be entered within one [`Run::apply`].
type Queue = VecDeque<Next>;
