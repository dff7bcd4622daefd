//! The test driver: fixtures answer, people say what the case says, and time jumps to the next timer.

use std::sync::Arc;

use serde_json::json;
use stanch_model::{
    ApprovalId, TenantId, Time,
    guard::{ApprovalState, ApprovalTerms, Decision, Mode},
    plan::{PlannedAction, StepKey},
};

use super::{
    case::{Act, Case},
    result::{Row, RowKind},
};
use crate::{
    agenda::{Agenda, Next},
    graph::Graph,
    run::{Beginning, Called, Effect, Planner, PlannerStep, RunEvent},
};

/// How long an approval stands that the step gives no time for; nobody waits for it here.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(3_600);

/// One case being run.
pub(super) struct Driver<'a> {
    pub(super) agenda: Agenda,
    pub(super) case: &'a Case,
    pub(super) mode: Mode,
    /// Approvals asked so far.
    approvals: u128,
    pub(super) rows: Vec<Row>,
    pub(super) acts: Vec<Act>,
    pub(super) reads: Vec<String>,
    pub(super) differences: Vec<String>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(graph: &Arc<Graph>, case: &'a Case, mode: Mode) -> Self {
        Self {
            agenda: Agenda::new(graph, Time::default()),
            case,
            mode,
            approvals: 0,
            rows: Vec::new(),
            acts: Vec::new(),
            reads: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// Runs the case to its end.
    pub(super) fn drive(&mut self) {
        let inputs = match self.agenda.run.graph().given(self.case.inputs.clone()) {
            Ok(inputs) => inputs,
            Err(why) => return self.differences.push(format!("inputs: {why}")),
        };
        let (alert, incident) = (self.case.alert.clone(), self.case.incident.clone());
        let cause = self.case.cause.clone();
        let with = Box::new(Beginning { cause, inputs, ..Beginning::default() });
        self.happened(&RunEvent::Started { alert, incident, with });
        while self.agenda.run.ended().is_none() {
            match self.agenda.next() {
                Some(Next::Effect(effect)) => self.carry_out(effect),
                Some(Next::Event(event)) => self.happened(&event),
                None => {
                    self.differences
                        .push("the run waits for something that never comes".to_owned());
                    return;
                }
            }
        }
    }

    pub(super) fn happened(&mut self, event: &RunEvent) {
        if let Err(illegal) = self.agenda.happened(event) {
            self.differences.push(illegal.to_string());
        }
    }

    pub(super) fn at(&mut self, due: Time, key: &StepKey, event: RunEvent) {
        self.agenda.at(due, key, Next::Event(event));
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Plan { key, action } => self.happened(&RunEvent::Planned { key, action }),
            Effect::Read { key, live_only: true, .. }
            | Effect::Script { key, live_only: true, .. }
                if self.mode == Mode::Shadow =>
            {
                self.happened(&RunEvent::Simulated { key });
            }
            Effect::Read { key, action, .. } => self.read(&key, &action),
            Effect::Script { key, job, .. } => self.script(&key, &job),
            Effect::Authorise { key, action } => self.authorise(key, &action),
            Effect::Act { key, action } => self.act(key, &action),
            Effect::Probe { key, .. } => self.happened(&RunEvent::Probed { key, present: true }),
            Effect::Verify { key, .. } => {
                self.came_of(&key, "verified");
                self.happened(&RunEvent::Verified { key });
            }
            Effect::Sleep { key, due_at } => self.sleep(key, due_at),
            Effect::Deadline { key, due_at } => self.agenda.deadline(due_at, key.as_ref()),
            Effect::Ask { key, question } => self.question(&key, *question),
            Effect::Listen { key, signal, due_at } => self.listen(&key, &signal, due_at),
            Effect::Call { key, playbook, .. } => self.called(key, &playbook),
            // Called playbooks answer at once here.
            Effect::CallOff { .. } => {}
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
        let asked = self.agenda.run.approve(&key).map(|approve| approve.count);
        let needed = asked.unwrap_or(0).max(u32::from(self.mode == Mode::Assist));
        if self.agenda.run.approved_by(action) < needed {
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
        let mut planner = Planner::new(&self.agenda.run, self.agenda.now, &Called::default());
        loop {
            match planner.advance() {
                PlannerStep::Read { key, action } => {
                    let answer = self.answer(&key, &action);
                    planner.answer(&key, &action.name, answer);
                }
                PlannerStep::Script { key, job } => {
                    let answer = self.wrote(&key);
                    planner.answer(&key, &job.action.name, answer);
                }
                PlannerStep::Done => break,
            }
        }
        let needed = planner.needs().values().map(|needs| needs.count).fold(needed, u32::max);
        let mut plan = planner.into_plan(TenantId::default());
        if !plan.actions.contains(action) {
            plan.actions.insert(0, action.clone());
        }
        self.approvals = self.approvals.saturating_add(1);
        let approval: ApprovalId = format!("apr_{:032x}", self.approvals)
            .parse()
            .expect("invariant: prefix and 32 hexadecimal digits are an id");
        let terms = ApprovalTerms { count: needed, within: WITHIN, ..ApprovalTerms::default() };
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
            people: if self.case.approve { needed } else { 0 },
            fingerprints: plan.actions.iter().map(PlannedAction::fingerprint).collect(),
        });
    }

    fn act(&mut self, key: StepKey, action: &PlannedAction) {
        let answer = match self.case.answer(&key, &action.name) {
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

    pub(super) fn row(
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

    pub(super) fn came_of(&mut self, key: &StepKey, outcome: &str) {
        let row = self.rows.iter_mut().rev().find(|row| row.step == key.0);
        if let Some(row) = row {
            outcome.clone_into(&mut row.outcome);
        }
    }
}
