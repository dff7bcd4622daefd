//! What is outside of a run and survives its crash: a target that counts what arrives, people, timers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Value, json};
use stanch_model::{
    ApprovalId,
    guard::{ApprovalState, Mode},
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::{
    Called, Graph, RunEvent,
    graph::{Node, NodeKind},
    run::ScriptJob,
    testing::{Answer, Case},
};

use crate::load::{Loaded, node_of};

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
    /// The run's time is over when the step is reached.
    OutOfTime,
    /// The step's time is over while it is under way.
    TimedOut,
    /// The kill switch is engaged between intent and act.
    Stopped,
    /// The act happens, and returns more than is kept.
    Overflowed,
}

impl Fault {
    pub(crate) const ALL: [Self; 17] = [
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
        Self::OutOfTime,
        Self::TimedOut,
        Self::Stopped,
        Self::Overflowed,
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
    /// The run that asks.
    pub(crate) run: usize,
    /// The step that was first to ask.
    pub(crate) by: StepKey,
    pub(crate) fingerprints: Vec<String>,
    pub(crate) state: ApprovalState,
    pub(crate) people: u32,
}

#[derive(Clone)]
pub(crate) struct World<'a> {
    pub(crate) graph: &'a Arc<Graph>,
    pub(crate) called: &'a Called,
    pub(crate) case: &'a Case,
    pub(crate) mode: Mode,
    pub(crate) fault: Option<(StepKey, Fault)>,
    /// Whether a fault that strikes once has struck.
    pub(crate) struck: bool,
    /// Acts by `run/step`.
    pub(crate) acts: BTreeMap<StepKey, Remembered>,
    pub(crate) approvals: BTreeMap<ApprovalId, Question>,
    /// What was said to a run and is not taken yet.
    pub(crate) said: Vec<(usize, RunEvent)>,
    /// Steps whose time is being counted.
    pub(crate) deadlines: BTreeSet<StepKey>,
    /// Where a person had to find out what happened.
    pub(crate) unresolved: BTreeSet<StepKey>,
    /// Where the target was found to have acted, and what it returned is not known.
    pub(crate) found: BTreeSet<StepKey>,
    pub(crate) violations: Vec<String>,
}

impl<'a> World<'a> {
    pub(crate) fn new(loaded: &'a Loaded, case: &'a Case, fault: Option<(StepKey, Fault)>) -> Self {
        let Loaded { graph, called, .. } = loaded;
        let mode = case.mode.as_ref().map_or(Mode::Assist.min(graph.max_mode), |mode| mode.value);
        Self {
            graph,
            called,
            case,
            mode,
            fault,
            struck: false,
            acts: BTreeMap::new(),
            approvals: BTreeMap::new(),
            said: Vec::new(),
            deadlines: BTreeSet::new(),
            unresolved: BTreeSet::new(),
            found: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    pub(crate) fn fault_at(&self, key: &StepKey) -> Option<Fault> {
        self.fault.as_ref().filter(|(at, _)| at == key).map(|(_, fault)| *fault)
    }

    pub(crate) fn node(&self, key: &StepKey) -> &'a Node {
        node_of(self.graph, self.called, &key.0).unwrap_or_else(|| panic!("{key} is no step"))
    }

    fn is_own_books(&self, key: &StepKey) -> bool {
        matches!(&self.node(key).kind, NodeKind::Do { call, .. } if call.manifest.own_books)
    }

    /// What a read comes to.
    pub(crate) fn read(&self, key: &StepKey, action: &PlannedAction) -> Result<Value, String> {
        if self.fault_at(key) == Some(Fault::Failed) {
            return Err("the fault".to_owned());
        }
        match self.case.answer(key, &action.name) {
            Some(Answer::Output(output)) => Ok(output.clone()),
            Some(Answer::Error(why)) => Err(why.clone()),
            Some(Answer::Word(word)) => panic!("{key} is answered {word}"),
            None if self.is_own_books(key) => Ok(json!({})),
            None => Err("no answer".to_owned()),
        }
    }

    /// What a script that only reads writes.
    pub(crate) fn wrote(&self, key: &StepKey) -> Result<Value, String> {
        if self.fault_at(key) == Some(Fault::Failed) {
            return Err("the fault".to_owned());
        }
        self.said(key).unwrap_or_else(|| Err("no answer".to_owned()))
    }

    /// What the case says to a script, a form, a signal.
    pub(crate) fn said(&self, key: &StepKey) -> Option<Result<Value, String>> {
        match self.case.answer(key, &key.0)? {
            Answer::Output(output) => Some(Ok(output.clone())),
            Answer::Error(why) => Some(Err(why.clone())),
            Answer::Word(word) => panic!("{key} is answered {word}"),
        }
    }

    /// What running a script comes to.
    pub(crate) fn script(&mut self, key: &StepKey, job: &ScriptJob) -> RunEvent {
        let key = key.clone();
        if job.action.effect != stanch_model::manifest::EffectClass::Read {
            return self.send(&key, &job.action);
        }
        match self.wrote(&key) {
            Ok(output) => RunEvent::Read { key, output },
            Err(why) => RunEvent::Failed { key, why },
        }
    }

    /// What a send comes to.
    pub(crate) fn send(&mut self, key: &StepKey, action: &PlannedAction) -> RunEvent {
        let fault = self.fault_at(key);
        let answer = self.case.answer(key, &action.name);
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
        // What certainly did not happen may be sent again.
        if fault == Some(Fault::Stopped) {
            known.unasked = false;
            return RunEvent::Stopped { key, why };
        }
        if let Some(Answer::Error(why)) = answer {
            known.unasked = false;
            return RunEvent::Failed { key, why: why.clone() };
        }
        match fault {
            Some(Fault::Failed) => {
                known.unasked = false;
                return RunEvent::Failed { key, why };
            }
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
            Some(Fault::Overflowed) => RunEvent::Overflowed { key, bytes: 300_000 },
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
        let kind = &self.node(&key).kind;
        let probes = matches!(kind, NodeKind::Do { call, .. } if call.manifest.probe.is_some());
        let lost = matches!(self.fault_at(&key), Some(Fault::Unresolved | Fault::UnresolvedLost));
        if !probes || lost {
            self.unresolved.insert(key.clone());
            return RunEvent::Unresolved { key, why };
        }
        if let Some(known) = self.acts.get_mut(&key) {
            known.unasked = false;
        }
        let present = self.happened(&key);
        if present {
            self.found.insert(key.clone());
            return RunEvent::Found { key, output: json!({}) };
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
