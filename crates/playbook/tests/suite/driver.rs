//! A driver that can die at any moment: what it journaled and what it did to the world are kept apart.

use std::{collections::VecDeque, sync::Arc};

use stanch_model::{
    ApprovalId, Time,
    guard::{ApprovalState, ApprovalTerms, Decision, Mode, Reason},
    plan::{PlannedAction, StepKey},
    run::{RunState, StepState},
};
use stanch_playbook::{
    Effect, Graph, Planner, PlannerStep, Run, RunEvent, graph::NodeKind, testing::Answer,
};

use crate::world::{Fault, Question, World};

/// In what order things come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// One after another, as they were asked for.
    Queue,
    /// Everything is under way at once and comes back in an order that the number chooses.
    Shuffled(u64),
}

/// Where the driver may die: what is journaled, and the world right after the last record or right
/// before the next.
#[derive(Clone)]
pub(crate) struct Moment<'a> {
    pub(crate) journaled: usize,
    pub(crate) world: World<'a>,
}

pub(crate) struct Driver<'a> {
    pub(crate) run: Run,
    pub(crate) world: World<'a>,
    pub(crate) journal: Vec<(Time, RunEvent)>,
    pub(crate) moments: Vec<Moment<'a>>,
    keep: bool,
    effects: VecDeque<Effect>,
    /// What came back and is not journaled yet.
    inbox: VecDeque<RunEvent>,
    schedule: Schedule,
    random: u64,
}

/// How a run came out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) state: RunState,
    pub(crate) acts: Vec<(String, PlannedAction)>,
}

impl<'a> Driver<'a> {
    /// A run from its beginning; every moment is kept if `keep`.
    pub(crate) fn start(
        graph: &Arc<Graph>,
        world: World<'a>,
        schedule: Schedule,
        keep: bool,
    ) -> Self {
        let mut driver = Self::new(Run::new(Arc::clone(graph)), world, schedule, keep);
        let case = driver.world.case;
        let (alert, incident) = (case.alert.clone(), case.incident.clone());
        driver.happened(RunEvent::Started { alert, incident });
        driver.go_on();
        driver
    }

    /// The run as the journal tells it, and the world as it was left; then on to the end.
    pub(crate) fn resume(
        graph: &Arc<Graph>,
        world: World<'a>,
        journal: &[(Time, RunEvent)],
    ) -> Self {
        let run = replay(graph, journal);
        let mut driver = Self::new(run, world, Schedule::Queue, false);
        driver.journal = journal.to_vec();
        driver.effects = driver.run.outstanding().into();
        for approval in driver.run.asked() {
            let event = driver.answered(approval);
            driver.inbox.push_back(event);
        }
        driver.go_on();
        driver
    }

    fn new(run: Run, world: World<'a>, schedule: Schedule, keep: bool) -> Self {
        let random = match schedule {
            Schedule::Queue => 0,
            Schedule::Shuffled(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        };
        Self {
            run,
            world,
            journal: Vec::new(),
            moments: Vec::new(),
            keep,
            effects: VecDeque::new(),
            inbox: VecDeque::new(),
            schedule,
            random,
        }
    }

    /// xorshift: small, and the same everywhere.
    fn dice(&mut self, sides: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % u64::try_from(sides).unwrap()).unwrap()
    }

    fn go_on(&mut self) {
        for _ in 0..10_000 {
            if self.run.ended().is_some() {
                return;
            }
            let deliver = match self.schedule {
                Schedule::Queue => !self.inbox.is_empty(),
                Schedule::Shuffled(_) => {
                    !self.inbox.is_empty() && (self.effects.is_empty() || self.dice(3) == 0)
                }
            };
            if deliver {
                let at = match self.schedule {
                    Schedule::Queue => 0,
                    Schedule::Shuffled(_) => self.dice(self.inbox.len()),
                };
                let event = self.inbox.remove(at).unwrap();
                self.deliver(event);
            } else if let Some(effect) = self.next_effect() {
                if self.run.still_wants(&effect) {
                    self.carry_out(effect);
                }
            } else if !self.idle() {
                panic!("the run hangs: {:#?}", self.run.step_views());
            }
        }
        panic!("the run never ends: {:#?}", self.run.step_views());
    }

    fn next_effect(&mut self) -> Option<Effect> {
        if self.schedule == Schedule::Queue || self.effects.is_empty() {
            return self.effects.pop_front();
        }
        let at = self.dice(self.effects.len());
        self.effects.remove(at)
    }

    /// People and time are late where the run ended or went on meanwhile; targets never are.
    fn deliver(&mut self, event: RunEvent) {
        let late = match &event {
            RunEvent::Answered { approval, .. } => !self.run.asked().contains(approval),
            RunEvent::TimerFired { key } => !self.run.sleeping().contains(key),
            RunEvent::QuestionAnswered { key, .. } => !self.run.questioned().contains(key),
            _ => false,
        };
        if !late {
            self.happened(event);
        }
    }

    /// Nothing is under way: time passes, or a person finds something out. False if nobody can help.
    fn idle(&mut self) -> bool {
        assert!(self.run.outstanding().is_empty() && self.run.is_waiting());
        if let Some(key) = self.run.sleeping().into_iter().next() {
            self.happened(RunEvent::TimerFired { key });
            return true;
        }
        if let Some(key) = self.run.questioned().into_iter().next() {
            let NodeKind::Ask { otherwise, .. } =
                &self.world.graph.nodes[self.world.graph.index_of(&key.0).unwrap()].kind
            else {
                panic!("{key} asks nothing");
            };
            let answer = match self.world.case.answer(&key.0, &key.0) {
                Some(Answer::Word(word)) => word.clone(),
                _ => otherwise.clone(),
            };
            self.happened(RunEvent::QuestionAnswered { key, answer, by: "ann".to_owned() });
            return true;
        }
        let views = self.run.step_views();
        let Some(unknown) = views.iter().find(|step| step.state == StepState::Unknown) else {
            return false;
        };
        let key = StepKey(unknown.key.clone());
        let happened = self.world.happened(&key);
        self.happened(RunEvent::Resolved { key, happened, by: "ann".to_owned() });
        true
    }

    /// One record, and what is written with it.
    fn happened(&mut self, event: RunEvent) {
        let at = Time::from_micros(i64::try_from(self.journal.len()).unwrap());
        self.keep_moment();
        let effects = self.run.apply(at, &event).unwrap_or_else(|illegal| panic!("{illegal}"));
        self.journal.push((at, event));
        self.effects.extend(effects);
        self.keep_moment();
        let alive = self.run.ended().is_some()
            || !self.run.outstanding().is_empty()
            || self.run.is_waiting();
        assert!(alive, "nothing is left to do, and it has not ended: {:#?}", self.run.step_views());
    }

    fn keep_moment(&mut self) {
        let known = self.moments.last();
        let same = known.is_some_and(|m| {
            m.journaled == self.journal.len()
                && m.world.acts == self.world.acts
                && m.world.approvals == self.world.approvals
        });
        if self.keep && !same {
            let journaled = self.journal.len();
            self.moments.push(Moment { journaled, world: self.world.clone() });
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        if let Some(key) = effect.key()
            && self.world.fault_at(key) == Some(Fault::Cancelled)
            && !self.world.struck
        {
            self.world.struck = true;
            let (by, reason) = ("ann".to_owned(), "the fault".to_owned());
            self.happened(RunEvent::Cancelled { by, reason });
            if !self.run.still_wants(&effect) {
                return;
            }
        }
        match effect {
            Effect::Plan { key, action } => self.happened(RunEvent::Planned { key, action }),
            Effect::Read { key, live_only: true, .. } if self.world.mode == Mode::Shadow => {
                self.happened(RunEvent::Simulated { key });
            }
            Effect::Read { key, action, .. } => {
                self.inbox.push_back(match self.world.read(&key, &action) {
                    Ok(output) => RunEvent::Read { key, output },
                    Err(why) => RunEvent::Failed { key, why },
                });
            }
            Effect::Authorise { key, action } => self.authorise(key, &action),
            Effect::Act { key, action } => {
                let event = self.world.send(&key, &action);
                self.inbox.push_back(event);
            }
            Effect::Probe { key, .. } => {
                let event = self.world.probe(&key);
                self.inbox.push_back(event);
            }
            Effect::Verify { key, .. } => self.inbox.push_back(self.world.verify(&key)),
            Effect::Sleep { key, duration } => {
                let due_at = Time::default().plus(duration);
                self.happened(RunEvent::TimerSet { key, due_at });
            }
            Effect::Ask { key, within, .. } => {
                let due_at = Time::default().plus(within);
                self.happened(RunEvent::QuestionAsked { key, due_at });
            }
            Effect::End { state, note } => self.happened(RunEvent::Ended { state, note }),
        }
    }

    fn authorise(&mut self, key: StepKey, action: &PlannedAction) {
        if self.world.mode == Mode::Shadow {
            return self.happened(RunEvent::Simulated { key });
        }
        let reason = |text: &str| vec![Reason { rule: "test".to_owned(), text: text.to_owned() }];
        match self.world.fault_at(&key) {
            Some(Fault::Refused) => {
                let decision = Decision::Refuse { reasons: reason("the fault") };
                return self.happened(RunEvent::Decided { key, decision });
            }
            Some(Fault::Undecided) => {
                let why = "the fault".to_owned();
                return self.happened(RunEvent::Failed { key, why });
            }
            _ => {}
        }
        let wanted = self.run.approve(&key).map_or(0, |approve| approve.count);
        let needed = wanted.max(u32::from(self.world.mode == Mode::Assist));
        if self.run.approved_by(action) < needed {
            return self.ask(key, action, needed);
        }
        let decision = Decision::Allow { reasons: reason("allowed") };
        self.happened(RunEvent::Decided { key: key.clone(), decision });
        self.happened(RunEvent::Intended { key });
    }

    /// Asks about the plan from here on, or joins a question that covers the act.
    fn ask(&mut self, key: StepKey, action: &PlannedAction, people: u32) {
        let print = action.fingerprint();
        let open = self.world.approvals.iter().find(|(_, question)| {
            question.state == ApprovalState::Waiting && question.fingerprints.contains(&print)
        });
        let open = open.map(|(id, _)| *id);
        let (mut fingerprints, wanted) =
            if open.is_none() { self.plan() } else { Default::default() };
        let people = people.max(wanted);
        let number = self.world.approvals.len() + 1;
        let approval = open.unwrap_or_else(|| format!("apr_{number:032x}").parse().unwrap());
        let terms = ApprovalTerms {
            count: people,
            not_requester: false,
            within: std::time::Duration::from_secs(60),
        };
        let decision = Decision::Ask { terms, reasons: Vec::new() };
        self.happened(RunEvent::Decided { key: key.clone(), decision });
        if open.is_none() {
            // The plan may end before the act: what is asked about is in it all the same.
            if !fingerprints.contains(&print) {
                fingerprints.push(print);
            }
            let state = ApprovalState::Waiting;
            self.world
                .approvals
                .insert(approval, Question { by: key.clone(), fingerprints, state, people });
        }
        self.happened(RunEvent::Asked { key, approval, plan_hash: "hash".to_owned() });
        let event = self.answered(approval);
        self.inbox.push_back(event);
    }

    /// The acts of the plan from here on, and how many people they want.
    fn plan(&self) -> (Vec<String>, u32) {
        let mut planner = Planner::new(&self.run, Time::default());
        while let PlannerStep::Read { key, action } = planner.advance() {
            let answer = self.world.read(&key, &action);
            planner.answer(&key, &action.name, answer);
        }
        let plan = planner.into_plan(stanch_model::TenantId::default());
        let wanted = plan
            .actions
            .iter()
            .filter_map(|act| Some(self.world.call(&act.key).approve.as_ref()?.count));
        let people = wanted.max().unwrap_or(0);
        (plan.actions.iter().map(PlannedAction::fingerprint).collect(), people)
    }

    /// What people said, or say now that somebody looks.
    fn answered(&mut self, approval: ApprovalId) -> RunEvent {
        if self.world.approvals[&approval].state == ApprovalState::Waiting {
            self.world.say(approval);
        }
        let Question { fingerprints, state, people, .. } = self.world.approvals[&approval].clone();
        let people = if state == ApprovalState::Approved { people } else { 0 };
        RunEvent::Answered { approval, state, by: "ann".to_owned(), people, fingerprints }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        let state = self.run.ended().map_or(RunState::Waiting, |(state, _)| *state);
        let acts = self.world.effects().into_iter().map(|(key, action)| (key.0, action)).collect();
        Outcome { state, acts }
    }

    /// What must hold of every run, however it went.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut wrong = self.world.violations.clone();
        for (key, known) in &self.world.acts {
            if known.effects > 1 {
                wrong.push(format!("{key} arrived {} times", known.effects));
            }
            let intended = |(_, event): &(Time, RunEvent)| matches!(event, RunEvent::Intended { key: other } if other == key);
            if !self.journal.iter().any(intended) {
                wrong.push(format!("{key} was sent without an intent on record"));
            }
        }
        if self.run.ended().is_none() {
            wrong.push("it did not end".to_owned());
        }
        for step in self.run.step_views() {
            let done = matches!(step.state, StepState::Verified | StepState::Succeeded);
            let act = self.run.action(&StepKey(step.key.clone()));
            let is_act =
                act.is_some_and(|act| act.effect != stanch_model::manifest::EffectClass::Read);
            if done && is_act && !self.world.happened(&StepKey(step.key.clone())) {
                wrong.push(format!("{} is shown as done and did not happen", step.key));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

pub(crate) fn replay(graph: &Arc<Graph>, journal: &[(Time, RunEvent)]) -> Run {
    let mut run = Run::new(Arc::clone(graph));
    for (at, event) in journal {
        run.apply(*at, event).unwrap_or_else(|illegal| panic!("{illegal}"));
    }
    run
}

/// Everything of a run that can be seen from outside.
pub(crate) fn shown(run: &Run) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?} {:?} {:?} {}",
        run.step_views(),
        run.outstanding(),
        run.ended(),
        run.asked(),
        run.sleeping(),
        run.questioned(),
        run.is_waiting()
    )
}
