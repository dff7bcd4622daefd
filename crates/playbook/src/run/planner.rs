//! The plan driver: the same machine, with acts recorded instead of made.

use std::collections::VecDeque;

use serde_json::Value;
use stanch_model::{
    TenantId, Time,
    plan::{Evidence, Plan, PlannedAction, StepKey},
};

use super::{Effect, Run, RunEvent};

/// Walks a copy of a run to the next point that depends on the outcome of an act or an answer.
#[derive(Clone, Debug)]
pub struct Planner {
    run: Run,
    at: Time,
    queue: VecDeque<Effect>,
    actions: Vec<PlannedAction>,
    evidence: Vec<Evidence>,
    stops_at: Option<String>,
}

/// What the planner needs next.
#[derive(Clone, Debug, PartialEq)]
pub enum PlannerStep {
    /// A read that changes nothing and discloses nothing: make it and give the answer to
    /// [`Planner::answer`].
    Read {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Nothing: call [`Planner::into_plan`].
    Done,
}

impl Planner {
    /// Plans on from where `run` stands. `at` is only for shows.
    #[must_use]
    pub fn new(run: &Run, at: Time) -> Self {
        let mut planner = Self {
            queue: run.outstanding().into(),
            run: run.clone(),
            at,
            actions: Vec::new(),
            evidence: run.evidence(),
            stops_at: None,
        };
        // Time passes, whether or not its timer is set already.
        for key in run.sleeping() {
            planner.take(&RunEvent::TimerFired { key });
        }
        planner
    }

    /// Goes on until a read is needed or the plan is done.
    pub fn advance(&mut self) -> PlannerStep {
        while let Some(effect) = self.next_effect() {
            // A read that failed may have ended the plan, and called back what was not out yet.
            if !self.run.still_wants(&effect) {
                continue;
            }
            match effect {
                Effect::Plan { key, action } => self.take(&RunEvent::Planned { key, action }),
                Effect::Read { key, live_only: true, .. } => {
                    self.take(&RunEvent::Simulated { key })
                }
                Effect::Read { key, action, live_only: false } => {
                    return PlannerStep::Read { key, action };
                }
                Effect::Authorise { key, action } => {
                    if self.run.approved_by(&action) == 0 {
                        self.actions.push(*action);
                    }
                    self.take(&RunEvent::Simulated { key });
                }
                Effect::Sleep { key, .. } => self.take(&RunEvent::TimerFired { key }),
                Effect::Ask { text, .. } => {
                    self.stops_at.get_or_insert(format!("a person answers: {text}"));
                }
                // What is in flight already has an outcome to wait for; the end needs no plan.
                Effect::Act { .. }
                | Effect::Probe { .. }
                | Effect::Verify { .. }
                | Effect::End { .. } => {}
            }
        }
        PlannerStep::Done
    }

    /// Acts come last, so that every read that stands before one is made before it is recorded.
    fn next_effect(&mut self) -> Option<Effect> {
        let is_act = |effect: &Effect| matches!(effect, Effect::Authorise { .. });
        let other = self.queue.iter().position(|effect| !is_act(effect));
        self.queue.remove(other.unwrap_or(0))
    }

    /// Gives the answer to a read.
    pub fn answer(&mut self, key: &StepKey, name: &str, answer: Result<Value, String>) {
        let key = key.clone();
        match answer {
            Ok(output) => {
                let evidence =
                    Evidence { key: key.clone(), name: name.to_owned(), output: output.clone() };
                self.evidence.push(evidence);
                self.take(&RunEvent::Read { key, output });
            }
            Err(why) => self.take(&RunEvent::Failed { key, why }),
        }
    }

    /// The plan so far.
    #[must_use]
    pub fn into_plan(self, tenant: TenantId) -> Plan {
        let open = self.run.parked_note().or_else(|| self.run.open_note());
        Plan {
            tenant,
            playbook: self.run.graph.playbook.clone(),
            playbook_digest: self.run.graph.digest.clone(),
            actions: self.actions,
            evidence: self.evidence,
            stops_at: self.stops_at.or(open),
        }
    }

    /// The run as the plan left it, for shows.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    fn take(&mut self, event: &RunEvent) {
        let effects = self.run.apply(self.at, event);
        self.queue.extend(effects.expect("invariant: the planner answers what the run asked"));
    }
}
