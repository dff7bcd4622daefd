//! The end of a run: who wants it, what has to come back first, and what is given back.

use stanch_model::{Time, run::RunState};

use super::{Effect, Run, apply::Todo, scope::NoValue, step::Status};

impl Run {
    pub(super) fn cancelled(&mut self, by: &str, reason: &str) {
        self.ending = Some((RunState::Cancelled, format!("{by}: {reason}")));
    }

    pub(super) fn out_of_time(&mut self) {
        let limit = stanch_model::duration::format(self.graph.timeout);
        self.ending = Some((RunState::Failed, format!("it took longer than {limit}")));
    }

    pub(super) fn end_now(&mut self, state: RunState, note: &str, at: Time) {
        self.ended = Some((state, note.to_owned()));
        let left: Vec<usize> = self.groups.iter().copied().collect();
        for step in left {
            let parked = state == RunState::Succeeded && self.ending.is_none();
            self.set_status(step, if parked { Status::Parked } else { Status::Refused });
            if let Some(step) = self.steps.get_mut(step) {
                step.ended_at = Some(at);
            }
        }
    }

    /// Calls back what can be called back if the run is to end, and asks for the end if all is settled.
    pub(super) fn settle(&mut self, todo: &mut Todo) {
        if self.ending.is_some() && self.ended.is_none() {
            self.draining.clear();
            self.stop(0, "the run ended first", todo);
        }
        let settled = self.started() && self.ended.is_none() && self.open.is_empty();
        self.due = if settled { Some(self.work_out_end()) } else { None };
        let due = self.due.clone().map(|(state, note)| Effect::End { state, note });
        let effects = std::mem::take(&mut todo.effects);
        todo.effects = effects.into_iter().filter(|effect| self.still_wants(effect)).collect();
        todo.effects.extend(due);
    }

    fn work_out_end(&mut self) -> (RunState, String) {
        let (state, note) = match (&self.ending, self.parked()) {
            (Some((state, note)), _) => (*state, note.clone()),
            (None, Some(parked)) => return (RunState::Succeeded, parked.note.clone()),
            (None, None) => (RunState::Succeeded, String::new()),
        };
        if state != RunState::Succeeded || self.graph.outputs.is_empty() {
            return (state, note);
        }
        match self.values(0, &self.graph.outputs) {
            Ok(outputs) if super::is_too_large(&outputs) => {
                (RunState::Failed, super::too_large("what it gives back"))
            }
            Ok(outputs) => {
                self.outputs = outputs;
                (state, note)
            }
            // Only in plan and shadow: what is given back is as little known as what it rests on.
            Err(NoValue::Depends(_)) => (state, note),
            Err(NoValue::Invalid(why)) => (RunState::Failed, format!("outputs: {why}")),
        }
    }
}
