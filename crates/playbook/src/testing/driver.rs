//! The test driver: fixtures answer, people say what the case says, and time jumps to the next timer.
//!
//! What can be done at one moment is done in the order of the text, so that a case always runs the same
//! way; timers come after everything that needs no time, the earliest first.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use stanch_model::{
    ApprovalId, TenantId, Time, duration,
    guard::{ApprovalState, ApprovalTerms, Decision, Mode},
    plan::{PlannedAction, StepKey},
};

use super::{
    case::{Act, Case},
    result::{Row, RowKind},
};
use crate::{
    graph::Graph,
    run::{Effect, Planner, PlannerStep, Run, RunEvent},
};

/// How long an approval stands that the step gives no time for; nobody waits for it here.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(3_600);

/// One case being run.
pub(super) struct Driver<'a> {
    pub(super) run: Run,
    pub(super) case: &'a Case,
    mode: Mode,
    now: Time,
    /// Approvals asked so far.
    approvals: u128,
    /// To be done now, by place in the text and order of arrival.
    soon: BTreeMap<(usize, u64), Effect>,
    /// To happen later, likewise.
    later: BTreeMap<(Time, usize), RunEvent>,
    arrived: u64,
    pub(super) rows: Vec<Row>,
    pub(super) acts: Vec<Act>,
    pub(super) reads: Vec<String>,
    pub(super) differences: Vec<String>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(graph: &Arc<Graph>, case: &'a Case, mode: Mode) -> Self {
        Self {
            run: Run::new(Arc::clone(graph)),
            case,
            mode,
            now: Time::default(),
            approvals: 0,
            soon: BTreeMap::new(),
            later: BTreeMap::new(),
            arrived: 0,
            rows: Vec::new(),
            acts: Vec::new(),
            reads: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// Runs the case to its end.
    pub(super) fn drive(&mut self) {
        let alert = self.case.alert.clone();
        self.happened(&RunEvent::Started { alert, incident: self.case.incident.clone() });
        while self.run.ended().is_none() {
            if let Some((_, effect)) = self.soon.pop_first() {
                if self.run.still_wants(&effect) {
                    self.carry_out(effect);
                }
            } else if let Some(((due, _), event)) = self.later.pop_first() {
                // The run's end may have called the step back.
                if self.waits(&event) {
                    self.now = self.now.max(due);
                    self.happened(&event);
                }
            } else {
                self.differences.push("the run waits for something that never comes".to_owned());
                return;
            }
        }
    }

    fn happened(&mut self, event: &RunEvent) {
        match self.run.apply(self.now, event) {
            Ok(effects) => {
                for effect in effects {
                    let place = effect.key().map_or(usize::MAX, |key| self.place(key));
                    self.soon.insert((place, self.arrived), effect);
                    self.arrived = self.arrived.saturating_add(1);
                }
            }
            Err(illegal) => self.differences.push(illegal.to_string()),
        }
    }

    fn waits(&self, event: &RunEvent) -> bool {
        match event {
            RunEvent::TimerFired { key } => self.run.sleeping().contains(key),
            RunEvent::QuestionAnswered { key, .. } => self.run.questioned().contains(key),
            _ => true,
        }
    }

    pub(super) fn place(&self, key: &StepKey) -> usize {
        self.run.graph().index_of(&key.0).unwrap_or(usize::MAX)
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Plan { key, action } => self.happened(&RunEvent::Planned { key, action }),
            Effect::Read { key, live_only: true, .. } if self.mode == Mode::Shadow => {
                self.happened(&RunEvent::Simulated { key });
            }
            Effect::Read { key, action, .. } => self.read(&key, &action),
            Effect::Authorise { key, action } => self.authorise(key, &action),
            Effect::Act { key, action } => self.act(key, &action),
            Effect::Probe { key, .. } => self.happened(&RunEvent::Probed { key, present: true }),
            Effect::Verify { key, .. } => {
                self.came_of(&key, "verified");
                self.happened(&RunEvent::Verified { key });
            }
            Effect::Sleep { key, duration } => {
                let (due_at, place) = (self.now.plus(duration), self.place(&key));
                self.row(&key, RowKind::Wait, "wait", None, duration::format(duration));
                self.happened(&RunEvent::TimerSet { key: key.clone(), due_at });
                self.later.insert((due_at, place), RunEvent::TimerFired { key });
            }
            Effect::Ask { key, options, within, otherwise, .. } => {
                let (due_at, place) = (self.now.plus(within), self.place(&key));
                self.happened(&RunEvent::QuestionAsked { key: key.clone(), due_at });
                let (answer, by) = match self.option(&key, &options) {
                    Some(answer) => (answer, "a person"),
                    None => (otherwise, "expiry"),
                };
                self.row(&key, RowKind::Ask, "ask", None, format!("{answer}, said {by}"));
                let at = if by == "expiry" { due_at } else { self.now };
                let by = by.to_owned();
                self.later.insert((at, place), RunEvent::QuestionAnswered { key, answer, by });
            }
            Effect::End { state, note } => self.happened(&RunEvent::Ended { state, note }),
        }
    }

    fn read(&mut self, key: &StepKey, action: &PlannedAction) {
        self.reads.push(action.name.clone());
        let event = match self.answer(key, action) {
            Ok(output) => RunEvent::Read { key: key.clone(), output },
            Err(why) => RunEvent::Failed { key: key.clone(), why },
        };
        let outcome = match &event {
            RunEvent::Failed { why, .. } => format!("failed: {why}"),
            _ => "answered".to_owned(),
        };
        self.row(key, RowKind::Read, &action.name, action.target.as_ref(), outcome);
        self.happened(&event);
    }

    fn authorise(&mut self, key: StepKey, action: &PlannedAction) {
        if self.mode == Mode::Shadow {
            let outcome = "recorded only".to_owned();
            self.row(&key, RowKind::Act, &action.name, action.target.as_ref(), outcome);
            return self.happened(&RunEvent::Simulated { key });
        }
        let asked = self.run.approve(&key).map(|approve| approve.count);
        let needed = asked.unwrap_or(0).max(u32::from(self.mode == Mode::Assist));
        if self.run.approved_by(action) < needed {
            return self.ask(key, action, needed);
        }
        let decision = Decision::Allow { reasons: Vec::new() };
        self.happened(&RunEvent::Decided { key: key.clone(), decision });
        self.acts.push(Act {
            name: action.name.clone(),
            target: action.target.as_ref().map(|target| target.value.clone()),
        });
        let sent = "sent".to_owned();
        self.row(&key, RowKind::Act, &action.name, action.target.as_ref(), sent);
        self.happened(&RunEvent::Intended { key });
    }

    /// Asks about the plan from here on, as many people as any act in it wants, and hears what the case
    /// says.
    fn ask(&mut self, key: StepKey, action: &PlannedAction, needed: u32) {
        let mut planner = Planner::new(&self.run, self.now);
        while let PlannerStep::Read { key, action } = planner.advance() {
            let answer = self.answer(&key, &action);
            planner.answer(&key, &action.name, answer);
        }
        let mut plan = planner.into_plan(TenantId::default());
        if !plan.actions.contains(action) {
            plan.actions.insert(0, action.clone());
        }
        let wanted = |act: &PlannedAction| Some(self.call(&act.key)?.approve.as_ref()?.count);
        let people = plan.actions.iter().filter_map(wanted).fold(needed, u32::max);
        self.approvals = self.approvals.saturating_add(1);
        let approval: ApprovalId = format!("apr_{:032x}", self.approvals)
            .parse()
            .expect("invariant: prefix and 32 hexadecimal digits are an id");
        let terms = ApprovalTerms { count: people, not_requester: false, within: WITHIN };
        let decision = Decision::Ask { terms, reasons: Vec::new() };
        self.happened(&RunEvent::Decided { key: key.clone(), decision });
        let plan_hash = plan.hash();
        let (state, word) = match self.case.approve {
            true => (ApprovalState::Approved, "approved"),
            false => (ApprovalState::Denied, "denied"),
        };
        let acts: Vec<&str> = plan.actions.iter().map(|act| act.name.as_str()).collect();
        self.row(&key, RowKind::Approval, &acts.join(", "), None, word.to_owned());
        self.happened(&RunEvent::Asked { key, approval, plan_hash });
        self.happened(&RunEvent::Answered {
            approval,
            state,
            by: "a person".to_owned(),
            people: if self.case.approve { people } else { 0 },
            fingerprints: plan.actions.iter().map(PlannedAction::fingerprint).collect(),
        });
    }

    fn act(&mut self, key: StepKey, action: &PlannedAction) {
        let answer = match self.case.answer(&key.0, &action.name) {
            Some(answer) => self.output(&key, action, answer),
            None => Ok(json!({})),
        };
        match answer {
            Ok(output) => self.happened(&RunEvent::Accepted { key, output }),
            Err(why) => {
                self.came_of(&key, &format!("failed: {why}"));
                self.happened(&RunEvent::Failed { key, why });
            }
        }
    }

    fn row(
        &mut self,
        key: &StepKey,
        kind: RowKind,
        name: &str,
        target: Option<&stanch_model::Observable>,
        outcome: String,
    ) {
        let target = target.map(|target| target.value.clone()).unwrap_or_default();
        self.rows.push(Row { step: key.0.clone(), kind, name: name.to_owned(), target, outcome });
    }

    fn came_of(&mut self, key: &StepKey, outcome: &str) {
        let row = self.rows.iter_mut().rev().find(|row| row.step == key.0);
        if let Some(row) = row {
            outcome.clone_into(&mut row.outcome);
        }
    }
}
