//! The backtest driver: the past answers, people say yes, acts succeed, and time jumps to the next timer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};
use stanch_model::{
    Time,
    guard::Decision,
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
    run::RunState,
};

use super::{Act, Around, Basis, Judged, Recorded, Replay, needs};
use crate::{
    agenda::{Agenda, Next},
    graph::Graph,
    run::{Approved, Asked, Called, Effect, IllegalEvent, RunEvent, callable, nobody},
};

/// The option that is taken for a yes, whatever the case; the first one where none is called so.
const YES: &str = "yes";

/// How often the guard may hold one act; a hold that has no end is no answer.
const HOLDS_MAX: u32 = 100;

/// What a run and those that it calls share.
pub(super) struct Given<'a> {
    pub(super) called: Called,
    pub(super) needs: &'a mut BTreeMap<String, BTreeSet<String>>,
    pub(super) recorded: &'a Recorded,
    pub(super) around: &'a mut dyn Around,
    pub(super) replay: &'a mut Replay,
    pub(super) rests_on: &'a mut Basis,
}

/// One run being replayed.
pub(super) struct Driver<'a> {
    pub(super) agenda: Agenda,
    pub(super) given: Given<'a>,
    /// The playbooks of the runs around this one.
    callers: Vec<String>,
    /// How often the guard held an act.
    held: BTreeMap<StepKey, u32>,
}

/// Where a replay stops.
pub(super) struct NotKnown {
    pub(super) name: String,
    pub(super) why: String,
}

/// How a run ended.
pub(super) struct Came {
    pub(super) state: RunState,
    note: String,
    outputs: Map<String, Value>,
    at: Time,
}

impl<'a> Driver<'a> {
    pub(super) fn new(
        graph: &Arc<Graph>,
        at: Time,
        callers: Vec<String>,
        given: Given<'a>,
    ) -> Self {
        given.needs.entry(graph.digest.clone()).or_insert_with(|| needs::of(graph));
        Self { agenda: Agenda::new(graph, at), given, callers, held: BTreeMap::new() }
    }

    /// Replays the run to its end.
    pub(super) fn drive(mut self, begins: &RunEvent) -> Result<Came, NotKnown> {
        self.happened(begins)?;
        loop {
            if let Some((state, note)) = self.agenda.run.ended().cloned() {
                let (outputs, at) = (self.agenda.run.outputs().clone(), self.agenda.now);
                return Ok(Came { state, note, outputs, at });
            }
            match self.agenda.next() {
                Some(Next::Effect(effect)) => self.carry_out(effect)?,
                Some(Next::Event(event)) => self.happened(&event)?,
                None => return Err(self.not_known("the run", "it waits for what never comes")),
            }
        }
    }

    fn happened(&mut self, event: &RunEvent) -> Result<(), NotKnown> {
        let broken = |illegal: IllegalEvent| NotKnown {
            name: "the run".to_owned(),
            why: illegal.to_string(),
        };
        self.agenda.happened(event).map_err(broken)
    }

    fn not_known(&self, name: &str, why: &str) -> NotKnown {
        NotKnown { name: name.to_owned(), why: why.to_owned() }
    }

    /// Whether something in the playbook reads what the step gives.
    pub(super) fn is_read(&self, key: &StepKey) -> bool {
        let needs = self.given.needs.get(&self.agenda.run.graph().digest);
        let node = self.agenda.run.node_of(key);
        node.zip(needs).is_none_or(|(node, needs)| needs.contains(&node.id))
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), NotKnown> {
        match effect {
            Effect::Plan { key, action } => self.happened(&RunEvent::Planned { key, action }),
            Effect::Read { key, action, .. } => self.read(key, &action),
            Effect::Script { key, job, .. } if job.action.effect == EffectClass::Read => {
                self.read(key, &job.action)
            }
            Effect::Script { key, job, .. } => self.act(key, &job.action),
            Effect::Authorise { key, action } => self.authorise(key, action),
            Effect::Act { key, action } => self.act(key, &action),
            Effect::Probe { key, .. } => self.happened(&RunEvent::Probed { key, present: true }),
            Effect::Verify { key, .. } => self.happened(&RunEvent::Verified { key }),
            Effect::Sleep { key, due_at } => {
                self.happened(&RunEvent::TimerSet { key: key.clone(), due_at })?;
                let fired = RunEvent::TimerFired { key: key.clone() };
                self.agenda.at(due_at, &key, Next::Event(fired));
                Ok(())
            }
            Effect::Deadline { key, due_at } => {
                self.agenda.deadline(due_at, key.as_ref());
                Ok(())
            }
            Effect::Ask { key, question } => self.question(key, *question),
            Effect::Listen { signal, .. } => {
                Err(self.not_known(&signal, "whether the signal would have come"))
            }
            Effect::Call { key, playbook, inputs } => self.call(key, &playbook, inputs),
            // What a called playbook came to is on the agenda already.
            Effect::CallOff { .. } => Ok(()),
            Effect::End { state, note } => self.happened(&RunEvent::Ended { state, note }),
        }
    }

    fn read(&mut self, key: StepKey, action: &PlannedAction) -> Result<(), NotKnown> {
        let event = match self.read_answer(&key, action)? {
            Ok(output) => RunEvent::Read { key, output },
            Err(why) => RunEvent::Failed { key, why },
        };
        self.happened(&event)
    }

    fn act(&mut self, key: StepKey, action: &PlannedAction) -> Result<(), NotKnown> {
        let output = self.act_answer(&key, action)?;
        self.happened(&RunEvent::Accepted { key, output })
    }

    fn authorise(&mut self, key: StepKey, action: Box<PlannedAction>) -> Result<(), NotKnown> {
        let (at, rests_on) = (self.agenda.now, *self.given.rests_on);
        let held = self.held.get(&key).copied().unwrap_or_default();
        let decision = match self.given.around.judge(&action, at, held > 0) {
            Judged::Held(until) if held < HOLDS_MAX => {
                self.held.insert(key.clone(), held.saturating_add(1));
                let until = until.max(at);
                let again = Effect::Authorise { key: key.clone(), action };
                self.agenda.at(until, &key, Next::Effect(again));
                return Ok(());
            }
            Judged::Held(_) => return Err(self.not_known(&action.name, "the guard holds it")),
            Judged::Through => Decision::Allow { reasons: Vec::new() },
            Judged::Refused(decision) => decision,
        };
        let refused = matches!(decision, Decision::Refuse { .. });
        self.given.replay.acts.push(Act { action: *action, at, rests_on, refused });
        self.happened(&RunEvent::Decided { key: key.clone(), decision })?;
        if refused { Ok(()) } else { self.happened(&RunEvent::Intended { key }) }
    }

    fn question(&mut self, key: StepKey, question: Asked) -> Result<(), NotKnown> {
        let node = self.agenda.run.node_of(&key);
        let id = node.map_or_else(|| key.0.clone(), |node| node.id.clone());
        if question.form.is_some() {
            return Err(self.not_known(&id, "what people would have filled in"));
        }
        let yes = question.options.iter().find(|option| option.eq_ignore_ascii_case(YES));
        let answer = yes.or(question.options.first()).cloned();
        let answer = answer.unwrap_or(question.otherwise);
        self.given.replay.assumed.insert((id, answer.clone()));
        let due_at = self.agenda.now.plus(question.within);
        self.happened(&RunEvent::QuestionAsked { key: key.clone(), due_at })?;
        self.happened(&RunEvent::QuestionAnswered { key, answer, by: "a person".to_owned() })
    }

    fn call(
        &mut self,
        key: StepKey,
        playbook: &str,
        inputs: Map<String, Value>,
    ) -> Result<(), NotKnown> {
        let mut callers = self.callers.clone();
        callers.push(self.agenda.run.graph().playbook.clone());
        let graph = callable(&self.given.called, &callers, playbook).cloned();
        let (graph, inputs) = match graph.and_then(|graph| Ok((graph.given(inputs)?, graph))) {
            Ok((inputs, graph)) => (graph, inputs),
            Err(why) => return self.happened(&RunEvent::Failed { key, why }),
        };
        let begins = self.agenda.run.start_of_child(&key, inputs, Approved::default());
        let digest = graph.digest.clone();
        self.happened(&RunEvent::ChildStarted { key: key.clone(), run: nobody(), digest })?;
        let given = Given {
            called: self.given.called.clone(),
            needs: &mut *self.given.needs,
            recorded: self.given.recorded,
            around: &mut *self.given.around,
            replay: &mut *self.given.replay,
            rests_on: &mut *self.given.rests_on,
        };
        let came = Driver::new(&graph, self.agenda.now, callers, given).drive(&begins)?;
        let Came { state, note, outputs, at } = came;
        let ended =
            RunEvent::ChildEnded { key: key.clone(), state, note, outputs, recorded: false };
        self.agenda.at(at, &key, Next::Event(ended));
        Ok(())
    }
}
