//! What waits for time or for a signal: pauses, retries, deadlines.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use stanch_model::Time;

use crate::{
    graph::{NodeKind, Pause},
    run::{Effect, Run, apply::Todo, scope::NoValue, shown, step::Status},
};

/// The longest pause between two tries.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// How far ahead a `wait: { until: … }` may lie.
const AHEAD_MAX: Duration = Duration::from_secs(366 * 86_400);

impl Run {
    pub(in crate::run) fn enter_wait(
        &mut self,
        step: usize,
        pause: &Pause,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        match pause {
            Pause::For(duration) => self.sleep(step, todo.at.plus(*duration), todo),
            Pause::Until(moment) => {
                let frame = self.place_of(step).unwrap_or_default().0;
                let moment = moment_of(&self.evaluate(frame, moment)?, todo.at)?;
                if moment <= todo.at {
                    self.succeed(step, Status::Succeeded, Map::new(), todo);
                } else {
                    self.sleep(step, moment, todo);
                }
            }
            Pause::Signal { name, within } => {
                let due_at = todo.at.plus(*within);
                self.set_status(step, Status::Listening(None));
                if let Some(step) = self.steps.get_mut(step) {
                    step.due_at = Some(due_at);
                    step.input = Arc::new(json!({ "signal": name }));
                }
                let (key, signal) = (self.key_of(step), name.clone());
                todo.effects.push(Effect::Listen { key, signal, due_at });
            }
        }
        Ok(())
    }

    fn sleep(&mut self, step: usize, due_at: Time, todo: &mut Todo) {
        self.set_status(step, Status::Sleeping(None));
        self.set_due(step, due_at, todo);
    }

    fn set_due(&mut self, step: usize, due_at: Time, todo: &mut Todo) {
        if let Some(step) = self.steps.get_mut(step) {
            step.due_at = Some(due_at);
        }
        todo.effects.push(Effect::Sleep { key: self.key_of(step), due_at });
    }

    /// Whether what certainly failed is tried again later.
    pub(in crate::run) fn retry_later(&mut self, step: usize, todo: &mut Todo) -> bool {
        let Some(record) = self.steps.get(step) else { return false };
        let retry = self.graph.nodes.get(record.node).and_then(|node| node.kind.retry());
        let Some(retry) = retry.filter(|retry| record.retries < retry.times) else { return false };
        let doubled = retry.every.saturating_mul(1 << record.retries.min(16));
        let due_at = todo.at.plus(doubled.min(RETRY_PAUSE_MAX));
        let too_late = record.overdue || record.deadline.is_some_and(|deadline| due_at >= deadline);
        // A plan says what would be done; it does not wait for a target to come round.
        if self.planning || too_late || record.action.is_none() {
            return false;
        }
        if let Some(step) = self.steps.get_mut(step) {
            step.retries = step.retries.saturating_add(1);
        }
        self.set_status(step, Status::Retrying(None));
        self.set_due(step, due_at, todo);
        true
    }

    /// From now on it counts how long the step takes. An act's time does not count while people think.
    pub(in crate::run) fn start_clock(&mut self, step: usize, todo: &mut Todo) {
        let Some(record) = self.steps.get_mut(step) else { return };
        let kind = self.graph.nodes.get(record.node).map(|node| &node.kind);
        // The sandbox ends a script that is run once.
        let alone = matches!(kind, Some(NodeKind::Script { script, .. }) if script.retry.is_none());
        let Some(timeout) = kind.and_then(|kind| kind.timeout()).filter(|_| !alone) else { return };
        if record.deadline.is_none() && !record.overdue && !self.planning {
            let due_at = todo.at.plus(timeout);
            record.deadline = Some(due_at);
            todo.effects.push(Effect::Deadline { key: Some(record.key.clone()), due_at });
        }
    }

    pub(in crate::run) fn timed_out(&mut self, step: usize, todo: &mut Todo) {
        let Some(record) = self.steps.get_mut(step) else { return };
        record.overdue = true;
        record.deadline = None;
        let (status, last, node) = (record.status.clone(), record.note.clone(), record.node);
        let timeout = self.graph.nodes.get(node).and_then(|node| node.kind.timeout());
        let timeout = stanch_model::duration::format(timeout.unwrap_or_default());
        match status {
            // What is out is followed to its outcome, and not sent again.
            Status::Intended | Status::Probing | Status::Unknown => {}
            Status::Accepted => {
                let why = format!("accepted, but the effect was not seen within {timeout}");
                self.fail(step, &why, false, todo);
            }
            _ if last.is_empty() => {
                self.fail(step, &format!("it took longer than {timeout}"), false, todo);
            }
            _ => {
                let why = format!("it took longer than {timeout}; the last time: {last}");
                self.fail(step, &why, false, todo);
            }
        }
    }

    pub(in crate::run) fn timer_set(&mut self, step: usize, due_at: Time) {
        let retries = self.steps.get(step).is_some_and(|s| s.status == Status::Retrying(None));
        let set = Some(due_at);
        self.set_status(step, if retries { Status::Retrying(set) } else { Status::Sleeping(set) });
    }

    pub(in crate::run) fn timer_fired(&mut self, step: usize, todo: &mut Todo) {
        match self.steps.get(step).map(|step| &step.status) {
            Some(Status::Retrying(_)) => self.set_out(step, todo),
            Some(Status::Listening(_)) => {
                self.note(step, "no signal came in time");
                self.finish(step, Status::Succeeded, todo);
            }
            _ => self.succeed(step, Status::Succeeded, Map::new(), todo),
        }
    }

    pub(in crate::run) fn listening(&mut self, step: usize, due_at: Time) {
        self.set_status(step, Status::Listening(Some(due_at)));
    }

    pub(in crate::run) fn signalled(
        &mut self,
        step: usize,
        data: &Map<String, Value>,
        by: &str,
        todo: &mut Todo,
    ) {
        self.note(step, format!("sent by {by}"));
        let output = Map::from_iter([("data".to_owned(), Value::Object(data.clone()))]);
        self.succeed(step, Status::Succeeded, output, todo);
    }
}

fn moment_of(value: &Value, now: Time) -> Result<Time, NoValue> {
    let invalid = |why: String| NoValue::Invalid(format!("`until` {why}"));
    let Some(text) = value.as_str() else {
        return Err(invalid(format!("gave {}, which is no text", shown(value))));
    };
    let moment: Time = text.parse().map_err(|_error| {
        invalid(format!("gave `{text}`, which is no moment, as `2026-01-31T08:00:00Z` is one"))
    })?;
    if moment > now.plus(AHEAD_MAX) {
        return Err(invalid(format!("gave {text}, which is more than a year ahead")));
    }
    Ok(moment)
}
