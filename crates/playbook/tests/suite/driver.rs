//! A driver that can die at any moment: what it journaled and what it did to the world are kept apart. It
//! carries a run out, and those that it calls; their records stand in one journal, in the order of time.

use std::{collections::VecDeque, sync::Arc};

use serde_json::Value;
use stanch_model::{
    ApprovalId, RunId, Time,
    guard::{ApprovalState, ApprovalTerms, Decision, Mode, Reason},
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
    run::{RunState, StepState},
};
use stanch_playbook::{
    Called, Effect, Graph, Planner, PlannerStep, Run, RunEvent,
    graph::{self, NodeKind},
    run::{Beginning, callable},
    testing::Answer,
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

/// A record: of which run, when, what.
pub(crate) type Record = (usize, Time, RunEvent);

/// Where the driver may die: what is journaled, and the world right after the last record or right
/// before the next.
#[derive(Clone)]
pub(crate) struct Moment<'a> {
    pub(crate) journaled: usize,
    pub(crate) world: World<'a>,
}

/// One run, and the run and step that called it.
pub(crate) struct One {
    pub(crate) run: Run,
    pub(crate) caller: Option<(usize, StepKey)>,
}

pub(crate) struct Driver<'a> {
    pub(crate) runs: Vec<One>,
    pub(crate) world: World<'a>,
    pub(crate) journal: Vec<Record>,
    pub(crate) moments: Vec<Moment<'a>>,
    keep: bool,
    effects: VecDeque<(usize, Effect)>,
    /// What came back and is not journaled yet.
    inbox: VecDeque<(usize, RunEvent)>,
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
    pub(crate) fn start(world: World<'a>, schedule: Schedule, keep: bool) -> Self {
        let root = One { run: Run::new(Arc::clone(world.graph)), caller: None };
        let mut driver = Self::new(vec![root], world, schedule, keep);
        let case = driver.world.case;
        let inputs = driver.world.graph.given(case.inputs.clone()).unwrap();
        let with =
            Box::new(Beginning { cause: case.cause.clone(), inputs, ..Beginning::default() });
        let (alert, incident) = (case.alert.clone(), case.incident.clone());
        driver.happened(0, RunEvent::Started { alert, incident, with });
        driver.go_on();
        driver
    }

    /// The runs as the journal tells them, and the world as it was left; then on to the end.
    pub(crate) fn resume(world: World<'a>, journal: &[Record]) -> Self {
        let runs = replay(world.graph, world.called, journal);
        let mut driver = Self::new(runs, world, Schedule::Queue, false);
        driver.journal = journal.to_vec();
        for (at, one) in driver.runs.iter().enumerate() {
            driver.effects.extend(one.run.outstanding().into_iter().map(|effect| (at, effect)));
        }
        for at in 0..driver.runs.len() {
            for approval in driver.runs[at].run.asked() {
                let event = driver.answered(approval);
                driver.inbox.push_back((at, event));
            }
        }
        for key in driver.world.deadlines.clone() {
            driver.run_out(key);
        }
        driver.go_on();
        driver
    }

    fn new(runs: Vec<One>, world: World<'a>, schedule: Schedule, keep: bool) -> Self {
        let random = match schedule {
            Schedule::Queue => 0,
            Schedule::Shuffled(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        };
        Self {
            runs,
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

    /// The run that was started first.
    pub(crate) fn run(&self) -> &Run {
        &self.runs[0].run
    }

    /// xorshift: small, and the same everywhere.
    fn dice(&mut self, sides: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % u64::try_from(sides).unwrap()).unwrap()
    }

    fn is_shuffled(&self) -> bool {
        self.schedule != Schedule::Queue
    }

    fn go_on(&mut self) {
        for _ in 0..20_000 {
            if self.runs.iter().all(|one| one.run.ended().is_some()) {
                return;
            }
            if !self.world.said.is_empty() && (!self.is_shuffled() || self.dice(2) == 0) {
                self.hear();
                continue;
            }
            let wait = self.is_shuffled() && !self.effects.is_empty() && self.dice(3) != 0;
            if !self.inbox.is_empty() && !wait {
                let last = self.inbox.len();
                let at = if self.is_shuffled() { self.dice(last) } else { 0 };
                let (run, event) = self.inbox.remove(at).unwrap();
                self.deliver(run, event);
            } else if let Some((run, effect)) = self.next_effect() {
                if self.runs[run].run.still_wants(&effect) {
                    self.carry_out(run, effect);
                }
            } else if self.world.said.is_empty() && !self.idle() {
                panic!("the run hangs: {:#?}", self.run().step_views());
            }
        }
        panic!("the run never ends: {:#?}", self.run().step_views());
    }

    fn next_effect(&mut self) -> Option<(usize, Effect)> {
        if !self.is_shuffled() || self.effects.is_empty() {
            return self.effects.pop_front();
        }
        let at = self.dice(self.effects.len());
        self.effects.remove(at)
    }

    /// A run takes what was said to it, or finds that it comes too late.
    fn hear(&mut self) {
        let (run, event) = self.world.said[0].clone();
        if self.runs[run].run.admits(&event).is_ok() {
            self.commit(vec![(run, event)], |world| drop(world.said.remove(0)));
        } else {
            self.world.said.remove(0);
        }
    }

    /// What comes back may be late: its step's time was over, the run ended or went on meanwhile.
    fn deliver(&mut self, run: usize, event: RunEvent) {
        if self.runs[run].run.admits(&event).is_ok() {
            self.happened(run, event);
        }
    }

    /// Nothing is under way: time passes, or a person finds something out. False if nobody can help.
    fn idle(&mut self) -> bool {
        for one in self.runs.iter().filter(|one| one.run.ended().is_none()) {
            let run = &one.run;
            assert!(run.outstanding().is_empty() && run.is_waiting(), "{:#?}", run.step_views());
        }
        // The innermost first: the others wait for it.
        let found = (0..self.runs.len()).rev().find_map(|at| Some((at, self.comes(at)?)));
        let Some((run, event)) = found else { return false };
        self.happened(run, event);
        true
    }

    /// What comes to a run that waits.
    fn comes(&self, at: usize) -> Option<RunEvent> {
        let run = &self.runs[at].run;
        if run.ended().is_some() {
            return None;
        }
        let by = "ann".to_owned();
        if let Some(key) = run.sleeping().into_iter().next() {
            return Some(RunEvent::TimerFired { key });
        }
        if let Some(key) = run.questioned().into_iter().next() {
            return Some(self.says(key));
        }
        if let Some((key, _)) = run.listening_for().into_iter().next() {
            return Some(match self.world.said(&key) {
                Some(Ok(Value::Object(data))) => RunEvent::Signalled { key, data, by },
                _ => RunEvent::TimerFired { key },
            });
        }
        let views = run.step_views();
        let unknown = views.iter().find(|step| step.state == StepState::Unknown)?;
        let key = StepKey(unknown.key.clone());
        let happened = self.world.happened(&key);
        Some(RunEvent::Resolved { key, happened, by })
    }

    fn says(&self, key: StepKey) -> RunEvent {
        let NodeKind::Ask { ask, .. } = &self.world.node(&key).kind else {
            panic!("{key} asks nothing");
        };
        let by = "ann".to_owned();
        match &ask.question {
            graph::Question::Decision { otherwise, .. } => {
                let answer = match self.world.case.answer(&key, &key.0) {
                    Some(Answer::Word(word)) => word.clone(),
                    _ => otherwise.clone(),
                };
                RunEvent::QuestionAnswered { key, answer, by }
            }
            graph::Question::Form(_) => match self.world.said(&key) {
                Some(Ok(Value::Object(values))) => RunEvent::FormAnswered { key, values, by },
                _ => RunEvent::FormLapsed { key },
            },
        }
    }

    fn happened(&mut self, run: usize, event: RunEvent) {
        self.commit(vec![(run, event)], |_| ());
    }

    /// Records, and what is written with them.
    fn commit(&mut self, events: Vec<(usize, RunEvent)>, more: impl FnOnce(&mut World<'a>)) {
        let at = Time::from_micros(i64::try_from(self.journal.len()).unwrap());
        self.keep_moment();
        for (run, event) in events {
            let applied = self.runs[run].run.apply(at, &event);
            let effects = applied.unwrap_or_else(|illegal| panic!("{illegal}"));
            if let RunEvent::Ended { state, note } = &event {
                self.tell_caller(run, *state, note);
            }
            self.journal.push((run, at, event));
            for effect in effects {
                match effect {
                    Effect::Deadline { key: Some(key), .. } => {
                        self.world.deadlines.insert(key.clone());
                        self.run_out(key);
                    }
                    Effect::Deadline { key: None, .. } => {}
                    other => self.effects.push_back((run, other)),
                }
            }
        }
        more(&mut self.world);
        self.keep_moment();
        for One { run, .. } in &self.runs {
            let alive = run.ended().is_some() || !run.outstanding().is_empty() || run.is_waiting();
            assert!(alive, "nothing is left to do, and it has not ended: {:#?}", run.step_views());
        }
    }

    fn tell_caller(&mut self, run: usize, state: RunState, note: &str) {
        let One { run, caller } = &self.runs[run];
        let Some((caller, key)) = caller.clone() else { return };
        let (outputs, recorded) = (run.outputs().clone(), run.is_recorded());
        let note = note.to_owned();
        self.world
            .said
            .push((caller, RunEvent::ChildEnded { key, state, note, outputs, recorded }));
    }

    /// The step's time is over, where that is the fault.
    fn run_out(&mut self, key: StepKey) {
        if self.world.fault_at(&key) == Some(Fault::TimedOut) {
            let at = self.runs.iter().position(|one| one.run.step_state(&key).is_some());
            self.inbox.push_back((at.unwrap_or(0), RunEvent::TimedOut { key }));
        }
    }

    fn keep_moment(&mut self) {
        let known = self.moments.last();
        let same = known.is_some_and(|m| {
            m.journaled == self.journal.len()
                && m.world.acts == self.world.acts
                && m.world.approvals == self.world.approvals
                && m.world.said == self.world.said
        });
        if self.keep && !same {
            let journaled = self.journal.len();
            self.moments.push(Moment { journaled, world: self.world.clone() });
        }
    }

    /// A fault that ends the whole run when the step is reached.
    fn strike(&mut self, effect: &Effect) {
        let fault = effect.key().and_then(|key| self.world.fault_at(key));
        let event = match fault {
            Some(Fault::Cancelled) => {
                RunEvent::Cancelled { by: "ann".to_owned(), reason: "the fault".to_owned() }
            }
            Some(Fault::OutOfTime) => RunEvent::OutOfTime,
            _ => return,
        };
        if !self.world.struck && self.run().admits(&event).is_ok() {
            self.world.struck = true;
            self.happened(0, event);
        }
    }

    fn carry_out(&mut self, run: usize, effect: Effect) {
        self.strike(&effect);
        if !self.runs[run].run.still_wants(&effect) {
            return;
        }
        let shadow = self.world.mode == Mode::Shadow;
        match effect {
            Effect::Plan { key, action } => self.happened(run, RunEvent::Planned { key, action }),
            Effect::Read { key, live_only: true, .. }
            | Effect::Script { key, live_only: true, .. }
                if shadow =>
            {
                self.happened(run, RunEvent::Simulated { key });
            }
            Effect::Read { key, action, .. } => {
                let event = match self.world.read(&key, &action) {
                    Ok(output) => RunEvent::Read { key, output },
                    Err(why) => RunEvent::Failed { key, why },
                };
                self.inbox.push_back((run, event));
            }
            Effect::Script { key, job, .. } => {
                let event = self.world.script(&key, &job);
                self.inbox.push_back((run, event));
            }
            Effect::Authorise { key, action } => self.authorise(run, key, &action),
            Effect::Act { key, action } => {
                let event = self.world.send(&key, &action);
                self.inbox.push_back((run, event));
            }
            Effect::Probe { key, .. } => {
                let event = self.world.probe(&key);
                self.inbox.push_back((run, event));
            }
            Effect::Verify { key, .. } => {
                let event = self.world.verify(&key);
                self.inbox.push_back((run, event));
            }
            Effect::Sleep { key, due_at } => {
                self.happened(run, RunEvent::TimerSet { key, due_at });
            }
            Effect::Ask { key, question } => {
                let due_at = Time::default().plus(question.within);
                self.happened(run, RunEvent::QuestionAsked { key, due_at });
            }
            Effect::Listen { key, due_at, .. } => {
                self.happened(run, RunEvent::Listening { key, due_at });
            }
            Effect::Call { key, playbook, inputs } => self.call(run, key, &playbook, inputs),
            Effect::CallOff { run: child, why, .. } => {
                let event = RunEvent::Cancelled { by: "its caller".to_owned(), reason: why };
                self.world.said.push((number(child), event));
            }
            Effect::Deadline { .. } => {}
            Effect::End { state, note } => self.happened(run, RunEvent::Ended { state, note }),
        }
    }

    /// The run of a called playbook begins with the record that says so.
    fn call(
        &mut self,
        run: usize,
        key: StepKey,
        playbook: &str,
        inputs: serde_json::Map<String, Value>,
    ) {
        let child = self.runs.len();
        let callers = self.callers(run);
        let begins = callable(self.world.called, &callers, playbook)
            .and_then(|graph| Ok((graph, graph.given(inputs)?)));
        let (graph, inputs) = match begins {
            Ok(begins) => begins,
            Err(why) => return self.happened(run, RunEvent::Failed { key, why }),
        };
        let mut approved = self.runs[run].run.inherited(playbook, &graph.digest);
        for question in self.world.approvals.values().filter(|question| question.run == run) {
            if question.state == ApprovalState::Approved {
                let each =
                    question.fingerprints.iter().map(|print| (print.clone(), question.people));
                approved.acts.extend(each);
            }
        }
        approved.versions.insert(graph.playbook.clone(), graph.digest.clone());
        let started = self.runs[run].run.start_of_child(&key, inputs, approved);
        self.runs.push(One { run: Run::new(Arc::clone(graph)), caller: Some((run, key.clone())) });
        let digest = graph.digest.clone();
        let begun = RunEvent::ChildStarted { key, run: id(child), digest };
        self.commit(vec![(run, begun), (child, started)], |_| ());
    }

    fn callers(&self, run: usize) -> Vec<String> {
        let mut callers = match &self.runs[run].caller {
            Some((caller, _)) => self.callers(*caller),
            None => Vec::new(),
        };
        callers.push(self.runs[run].run.graph().playbook.clone());
        callers
    }

    fn authorise(&mut self, run: usize, key: StepKey, action: &PlannedAction) {
        if self.world.mode == Mode::Shadow {
            return self.happened(run, RunEvent::Simulated { key });
        }
        let reason = |text: &str| vec![Reason { rule: "test".to_owned(), text: text.to_owned() }];
        match self.world.fault_at(&key) {
            Some(Fault::Refused) => {
                let decision = Decision::Refuse { reasons: reason("the fault") };
                return self.happened(run, RunEvent::Decided { key, decision });
            }
            Some(Fault::Undecided) => {
                let why = "the fault".to_owned();
                return self.happened(run, RunEvent::Failed { key, why });
            }
            _ => {}
        }
        let of = &self.runs[run].run;
        let wanted = of.approve(&key).map_or(0, |approve| approve.count);
        let needed = wanted.max(u32::from(self.world.mode == Mode::Assist));
        if of.approved_by(action) < needed {
            return self.ask(run, key, action, needed);
        }
        let decision = Decision::Allow { reasons: reason("allowed") };
        self.happened(run, RunEvent::Decided { key: key.clone(), decision });
        if self.runs[run].run.admits(&RunEvent::Intended { key: key.clone() }).is_ok() {
            self.happened(run, RunEvent::Intended { key });
        }
    }

    /// Asks about the plan from here on, or joins a question that covers the act.
    fn ask(&mut self, run: usize, key: StepKey, action: &PlannedAction, people: u32) {
        let print = action.fingerprint();
        let open = self.world.approvals.iter().find(|(_, question)| {
            question.state == ApprovalState::Waiting
                && question.run == run
                && question.fingerprints.contains(&print)
        });
        let open = open.map(|(id, _)| *id);
        let (mut fingerprints, wanted) =
            if open.is_none() { self.plan(run) } else { Default::default() };
        let people = people.max(wanted);
        let number = self.world.approvals.len() + 1;
        let approval = open.unwrap_or_else(|| format!("apr_{number:032x}").parse().unwrap());
        let terms = ApprovalTerms {
            count: people,
            not_requester: false,
            within: std::time::Duration::from_secs(60),
        };
        let decision = Decision::Ask { terms, reasons: Vec::new() };
        self.happened(run, RunEvent::Decided { key: key.clone(), decision });
        if open.is_none() {
            // The plan may end before the act: what is asked about is in it all the same.
            if !fingerprints.contains(&print) {
                fingerprints.push(print);
            }
            let state = ApprovalState::Waiting;
            let question = Question { run, by: key.clone(), fingerprints, state, people };
            self.world.approvals.insert(approval, question);
        }
        self.happened(run, RunEvent::Asked { key, approval, plan_hash: "hash".to_owned() });
        let event = self.answered(approval);
        self.inbox.push_back((run, event));
    }

    /// The acts of the plan from here on, and how many people they want.
    fn plan(&self, run: usize) -> (Vec<String>, u32) {
        let run = &self.runs[run].run;
        let mut planner = Planner::new(run, Time::default(), self.world.called);
        loop {
            match planner.advance() {
                PlannerStep::Read { key, action } => {
                    let answer = self.world.read(&key, &action);
                    planner.answer(&key, &action.name, answer);
                }
                PlannerStep::Script { key, job } => {
                    let answer = self.world.wrote(&key);
                    planner.answer(&key, &job.action.name, answer);
                }
                PlannerStep::Done => break,
            }
        }
        let people = planner.needs().values().map(|needs| needs.count).max().unwrap_or(0);
        let plan = planner.into_plan(stanch_model::TenantId::default());
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
        let state = self.run().ended().map_or(RunState::Waiting, |(state, _)| *state);
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
            let intended = |(_, _, event): &Record| matches!(event, RunEvent::Intended { key: other } if other == key);
            if !self.journal.iter().any(intended) {
                wrong.push(format!("{key} was sent without an intent on record"));
            }
        }
        for One { run, .. } in &self.runs {
            if run.ended().is_none() {
                wrong.push("it did not end".to_owned());
            }
            for step in run.step_views() {
                let done = matches!(step.state, StepState::Verified | StepState::Succeeded);
                let key = StepKey(step.key);
                let is_act = run.action(&key).is_some_and(|act| act.effect != EffectClass::Read);
                if done && is_act && !self.world.happened(&key) {
                    wrong.push(format!("{key} is shown as done and did not happen"));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }
}

/// The id of the run by that number, and back.
fn id(number: usize) -> RunId {
    format!("run_{number:032x}").parse().unwrap()
}

fn number(id: RunId) -> usize {
    usize::from_str_radix(id.to_string().trim_start_matches("run_"), 16).unwrap()
}

/// All runs as a journal tells them.
pub(crate) fn replay(graph: &Arc<Graph>, called: &Called, journal: &[Record]) -> Vec<One> {
    let mut runs = vec![One { run: Run::new(Arc::clone(graph)), caller: None }];
    for (at, time, event) in journal {
        let taken = runs[*at].run.apply(*time, event);
        taken.unwrap_or_else(|illegal| panic!("{illegal}"));
        if let RunEvent::ChildStarted { key, digest, .. } = event {
            let NodeKind::Call { call, .. } = &runs[*at].run.node_of(key).unwrap().kind else {
                panic!("{key} calls nothing");
            };
            let graph = called.get(&call.playbook).unwrap();
            assert_eq!(graph.digest, *digest);
            runs.push(One { run: Run::new(Arc::clone(graph)), caller: Some((*at, key.clone())) });
        }
    }
    runs
}

/// Everything of a run that can be seen from outside.
pub(crate) fn shown(run: &Run) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?} {:?} {:?} {:?} {}",
        run.step_views(),
        run.outstanding(),
        run.ended(),
        run.asked(),
        run.sleeping(),
        run.questioned(),
        run.listening_for(),
        run.is_waiting()
    )
}
