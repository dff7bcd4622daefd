//! `Run::apply`: which event does what. What it does stands with the kind of step it is about.

use std::collections::VecDeque;

use stanch_model::Time;

use super::{Approved, Effect, IllegalEvent, Run, RunEvent, frame::Frame};
use crate::graph::Next;

/// What is left to do within one [`Run::apply`].
pub(super) struct Todo {
    pub(super) at: Time,
    /// Ways to go on, by the frame they are in.
    pub(super) queue: VecDeque<(usize, Next)>,
    pub(super) effects: Vec<Effect>,
}

impl Run {
    /// Takes what happened at `at`, and says what has to be done next.
    ///
    /// # Errors
    /// Events that cannot happen where the run stands. The run is unchanged then.
    pub fn apply(&mut self, at: Time, event: &RunEvent) -> Result<Vec<Effect>, IllegalEvent> {
        self.admits(event)?;
        let mut todo = Todo { at, queue: VecDeque::new(), effects: Vec::new() };
        self.take(event, &mut todo);
        self.walk(&mut todo);
        self.settle(&mut todo);
        Ok(todo.effects)
    }

    fn take(&mut self, event: &RunEvent, todo: &mut Todo) {
        use RunEvent as E;
        match event {
            E::Started { alert, incident, with } => self.begin(alert, incident, with, todo),
            E::Answered { approval, state, by, people, fingerprints } => {
                self.answered(*approval, (*state, by, *people), fingerprints, todo);
            }
            E::Cancelled { by, reason } => self.cancelled(by, reason),
            E::OutOfTime => self.out_of_time(),
            E::Ended { state, note } => self.end_now(*state, note, todo.at),
            about_a_step => self.take_step(about_a_step, todo),
        }
    }

    fn take_step(&mut self, event: &RunEvent, todo: &mut Todo) {
        use RunEvent as E;
        let Some(step) = event.key().and_then(|key| self.index.get(key)).copied() else { return };
        match event {
            E::Planned { action, .. } => self.planned(step, action, todo),
            E::Simulated { .. } => self.simulated(step, todo),
            E::Read { output, .. } => self.read(step, output, todo),
            E::Decided { decision, .. } => self.decided(step, decision, todo),
            E::Asked { approval, .. } => self.asked_people(step, *approval),
            E::Intended { .. } => self.intended(step, todo),
            E::Accepted { output, .. } | E::Found { output, .. } => {
                self.accepted(step, output, todo);
            }
            E::Overflowed { .. } => self.overflowed(step, todo),
            E::Verified { .. } => self.verified(step, todo),
            E::Unverified { why, .. } => self.fail(step, why, false, todo),
            E::Failed { why, .. } => self.fail(step, why, true, todo),
            E::Stopped { why, .. } => self.stopped(step, why, todo),
            E::TimedOut { .. } => self.timed_out(step, todo),
            E::Unsure { why, .. } => self.unsure(step, why, todo),
            E::Probed { present, .. } => self.probed(step, *present, todo),
            E::Unresolved { why, .. } => self.unresolved(step, why),
            E::Resolved { happened, by, .. } => self.resolved(step, *happened, by, todo),
            E::TimerSet { due_at, .. } => self.timer_set(step, *due_at),
            E::TimerFired { .. } => self.timer_fired(step, todo),
            E::QuestionAsked { due_at, .. } => self.question_asked(step, *due_at),
            E::QuestionAnswered { answer, by, .. } => {
                self.question_answered(step, answer, by, todo);
            }
            E::FormAnswered { values, by, .. } => self.form_answered(step, values, by, todo),
            E::FormLapsed { .. } => self.form_lapsed(step, todo),
            E::Listening { due_at, .. } => self.listening(step, *due_at),
            E::Signalled { data, by, .. } => self.signalled(step, data, by, todo),
            E::ChildStarted { run, .. } => self.child_started(step, *run),
            E::ChildEnded { state, note, outputs, recorded, .. } => {
                self.child_ended(step, (*state, note), outputs, *recorded, todo);
            }
            E::Started { .. }
            | E::Answered { .. }
            | E::Cancelled { .. }
            | E::OutOfTime
            | E::Ended { .. } => {}
        }
    }

    fn begin(
        &mut self,
        alert: &serde_json::Value,
        incident: &serde_json::Value,
        with: &super::Beginning,
        todo: &mut Todo,
    ) {
        let mut give = |name: &str, value: serde_json::Value| {
            self.given.insert(name.to_owned(), value.into());
        };
        give("alert", alert.clone());
        give("incident", incident.clone());
        give("inputs", serde_json::Value::Object(with.inputs.clone()));
        if let Some((name, value)) = &with.cause {
            give(name, value.clone());
        }
        self.approved.clone_from(&with.approved);
        let (acts, versions) = (with.approved.clone(), with.versions.clone());
        self.inherited = Approved { acts, versions };
        let prefix = with.caller.as_ref().map(|caller| format!("{caller}/"));
        self.frames = vec![Frame::root(prefix.unwrap_or_default())];
        self.began_at = Some(todo.at);
        todo.effects.extend(self.deadline().map(|due_at| Effect::Deadline { key: None, due_at }));
        todo.queue.push_back((0, self.graph.entry));
    }
}
