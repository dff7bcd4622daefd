//! What is outside of a run and survives its crash: a target that counts what arrives, people, timers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stanch_model::{
    ApprovalId,
    guard::{ApprovalState, Mode},
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::{
    Graph, RunEvent,
    graph::{DoCall, NodeKind},
    testing::{Answer, Case},
};

/// What goes wrong, at one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A read or an act fails; it certainly did not happen.
    Failed,
    /// The first send is lost on the way, and nobody knows.
    LostOnce,
    /// Every send is lost on the way, and nobody knows.
    LostAlways,
    /// The act happens, the answer is lost.
    AnswerLost,
    /// The act happens, the answer is lost, and the target cannot be asked.
    Unresolved,
    /// The send is lost, and the target cannot be asked.
    UnresolvedLost,
    /// The target accepts, and the effect is never seen.
    Unverified,
    /// People say no.
    Denied,
    /// Nobody answers in time.
    Expired,
    /// The question is void once, and has to be asked again.
    Void,
    /// The guard refuses.
    Refused,
    /// The guard cannot decide.
    Undecided,
    /// A person stops the run when the step is reached.
    Cancelled,
}

impl Fault {
    pub(crate) const ALL: [Self; 13] = [
        Self::Failed,
        Self::LostOnce,
        Self::LostAlways,
        Self::AnswerLost,
        Self::Unresolved,
        Self::UnresolvedLost,
        Self::Unverified,
        Self::Denied,
        Self::Expired,
        Self::Void,
        Self::Refused,
        Self::Undecided,
        Self::Cancelled,
    ];
}

/// An act as the target knows it, by its idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Remembered {
    pub(crate) action: PlannedAction,
    /// How often it arrived.
    pub(crate) effects: u32,
    /// Sent since the target was last asked.
    unasked: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// The step that was first to ask.
    pub(crate) by: StepKey,
    pub(crate) fingerprints: Vec<String>,
    pub(crate) state: ApprovalState,
    pub(crate) people: u32,
}

#[derive(Clone)]
pub(crate) struct World<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) case: &'a Case,
    pub(crate) mode: Mode,
    pub(crate) fault: Option<(StepKey, Fault)>,
    /// Whether a fault that strikes once has struck.
    pub(crate) struck: bool,
    /// Acts by `run/step`.
    pub(crate) acts: BTreeMap<StepKey, Remembered>,
    pub(crate) approvals: BTreeMap<ApprovalId, Question>,
    /// Where a person had to find out what happened.
    pub(crate) unresolved: BTreeSet<StepKey>,
    /// Where the target was found to have acted, and what it returned is not known.
    pub(crate) found: BTreeSet<StepKey>,
    pub(crate) violations: Vec<String>,
}

impl<'a> World<'a> {
    pub(crate) fn new(graph: &'a Graph, case: &'a Case, fault: Option<(StepKey, Fault)>) -> Self {
        let mode = case.mode.as_ref().map_or(Mode::Assist.min(graph.max_mode), |mode| mode.value);
        Self {
            graph,
            case,
            mode,
            fault,
            struck: false,
            acts: BTreeMap::new(),
            approvals: BTreeMap::new(),
            unresolved: BTreeSet::new(),
            found: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    pub(crate) fn fault_at(&self, key: &StepKey) -> Option<Fault> {
        self.fault.as_ref().filter(|(at, _)| at == key).map(|(_, fault)| *fault)
    }

    pub(crate) fn call(&self, key: &StepKey) -> &'a DoCall {
        match &self.graph.nodes[self.graph.index_of(&key.0).unwrap()].kind {
            NodeKind::Do { call, .. } => call,
            other => panic!("{key} is {}", other.word()),
        }
    }

    /// What a read comes to.
    pub(crate) fn read(&self, key: &StepKey, action: &PlannedAction) -> Result<Value, String> {
        if self.fault_at(key) == Some(Fault::Failed) {
            return Err("the fault".to_owned());
        }
        match self.case.answer(&key.0, &action.name) {
            Some(Answer::Output(output)) => Ok(output.clone()),
            Some(Answer::Error(why)) => Err(why.clone()),
            Some(Answer::Word(word)) => panic!("{key} is answered {word}"),
            None if self.call(key).manifest.own_books => Ok(json!({})),
            None => Err("no answer".to_owned()),
        }
    }

    /// What a send comes to.
    pub(crate) fn send(&mut self, key: &StepKey, action: &PlannedAction) -> RunEvent {
        let fault = self.fault_at(key);
        let answer = self.case.answer(&key.0, &action.name);
        let known = self.acts.entry(key.clone()).or_insert_with(|| Remembered {
            action: action.clone(),
            effects: 0,
            unasked: false,
        });
        if known.unasked {
            self.violations.push(format!("{key} was sent again before the target was asked"));
        }
        known.unasked = true;
        let (key, why) = (key.clone(), "the fault".to_owned());
        if known.action != *action {
            self.violations.push(format!("{key} was sent with another action"));
        }
        if let Some(Answer::Error(why)) = answer {
            return RunEvent::Failed { key, why: why.clone() };
        }
        match fault {
            Some(Fault::Failed) => return RunEvent::Failed { key, why },
            Some(Fault::LostOnce) if !self.struck => {
                self.struck = true;
                return RunEvent::Unsure { key, why };
            }
            Some(Fault::LostAlways | Fault::UnresolvedLost) => {
                return RunEvent::Unsure { key, why };
            }
            _ => {}
        }
        known.effects += 1;
        match fault {
            Some(Fault::AnswerLost | Fault::Unresolved) => RunEvent::Unsure { key, why },
            _ => {
                let output = match answer {
                    Some(Answer::Output(output)) => output.clone(),
                    _ => json!({}),
                };
                RunEvent::Accepted { key, output }
            }
        }
    }

    /// What the target says of an act.
    pub(crate) fn probe(&mut self, key: &StepKey) -> RunEvent {
        let (why, key) = ("the fault".to_owned(), key.clone());
        let call = self.call(&key);
        let lost = matches!(self.fault_at(&key), Some(Fault::Unresolved | Fault::UnresolvedLost));
        if call.manifest.probe.is_none() || lost {
            self.unresolved.insert(key.clone());
            return RunEvent::Unresolved { key, why };
        }
        if let Some(known) = self.acts.get_mut(&key) {
            known.unasked = false;
        }
        let present = self.happened(&key);
        if present {
            self.found.insert(key.clone());
        }
        RunEvent::Probed { key, present }
    }

    pub(crate) fn happened(&self, key: &StepKey) -> bool {
        self.acts.get(key).is_some_and(|known| known.effects > 0)
    }

    pub(crate) fn verify(&self, key: &StepKey) -> RunEvent {
        let key = key.clone();
        if self.fault_at(&key) == Some(Fault::Unverified) {
            return RunEvent::Unverified { key, why: "the fault".to_owned() };
        }
        RunEvent::Verified { key }
    }

    /// What people say to a question.
    pub(crate) fn say(&mut self, approval: ApprovalId) {
        let fault = self.fault_at(&self.approvals[&approval].by);
        let case = if self.case.approve { ApprovalState::Approved } else { ApprovalState::Denied };
        let state = match fault {
            Some(Fault::Denied) => ApprovalState::Denied,
            Some(Fault::Expired) => ApprovalState::Expired,
            Some(Fault::Void) if !self.struck => {
                self.struck = true;
                ApprovalState::Void
            }
            _ => case,
        };
        let question = self.approvals.get_mut(&approval).unwrap();
        question.state = state;
    }

    /// The acts that arrived, in no order.
    pub(crate) fn effects(&self) -> BTreeMap<StepKey, PlannedAction> {
        let arrived = self.acts.iter().filter(|(_, known)| known.effects > 0);
        arrived.map(|(key, known)| (key.clone(), known.action.clone())).collect()
    }
}
