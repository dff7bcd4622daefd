//! `do` and `script`: what came of a read, of an act, of looking an act up.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    graph::NodeKind,
    run::{ATTEMPTS_MAX, Effect, Run, apply::Todo, step::Status, trouble::Kind},
};

fn object(output: &Value) -> Map<String, Value> {
    output.as_object().cloned().unwrap_or_default()
}

impl Run {
    pub(in crate::run) fn read(&mut self, step: usize, output: &Value, todo: &mut Todo) {
        match self.misfit(step, output) {
            Some(why) => self.fail(step, &why, true, todo),
            None => {
                self.note(step, "");
                self.keep(step, output);
                self.succeed(step, Status::Succeeded, object(output), todo);
            }
        }
    }

    /// What came back, as it came.
    fn keep(&mut self, step: usize, output: &Value) {
        if let Some(step) = self.steps.get_mut(step) {
            step.output = Arc::new(output.clone());
        }
    }

    pub(in crate::run) fn accepted(&mut self, step: usize, output: &Value, todo: &mut Todo) {
        if crate::run::is_too_large(output) {
            return self.overflowed(step, todo);
        }
        if self.is_script(step) {
            // Nobody can be asked whether a script did what it was for.
            return match self.misfit(step, output) {
                Some(why) => self.fail(step, &why, false, todo),
                None => self.succeed(step, Status::Succeeded, object(output), todo),
            };
        }
        self.keep(step, output);
        self.verify(step, todo);
    }

    /// What is too large is not kept; whether the act is there is looked at all the same.
    pub(in crate::run) fn overflowed(&mut self, step: usize, todo: &mut Todo) {
        if self.is_script(step) {
            return self.fail(step, &crate::run::too_large("its output"), false, todo);
        }
        if let Some(step) = self.steps.get_mut(step) {
            step.overflowed = true;
        }
        self.verify(step, todo);
    }

    fn verify(&mut self, step: usize, todo: &mut Todo) {
        self.set_status(step, Status::Accepted);
        self.note(step, "");
        let Some(step) = self.steps.get(step) else { return };
        let effect = step.own_action().map(|action| Effect::Verify {
            key: step.key.clone(),
            action,
            output: (*step.output).clone(),
        });
        todo.effects.extend(effect);
    }

    fn is_script(&self, step: usize) -> bool {
        let node = self.place_of(step).and_then(|(_, node)| self.graph.nodes.get(node));
        matches!(node.map(|node| &node.kind), Some(NodeKind::Script { .. }))
    }

    pub(in crate::run) fn verified(&mut self, step: usize, todo: &mut Todo) {
        let Some(record) = self.steps.get(step) else { return };
        if record.overflowed {
            let why = crate::run::too_large("it is done, but what it returned");
            return self.fail(step, &why, false, todo);
        }
        let output = object(&record.output);
        self.succeed(step, Status::Verified, output, todo);
    }

    pub(in crate::run) fn unsure(&mut self, step: usize, why: &str, todo: &mut Todo) {
        self.set_status(step, Status::Probing);
        self.note(step, why);
        let Some(step) = self.steps.get(step) else { return };
        let key = step.key.clone();
        todo.effects.extend(step.own_action().map(|action| Effect::Probe { key, action }));
    }

    pub(in crate::run) fn probed(&mut self, step: usize, present: bool, todo: &mut Todo) {
        if present {
            return self.accepted(step, &Value::Object(Map::new()), todo);
        }
        let Some(record) = self.steps.get(step) else { return };
        // Where no answer was lost, the process died: it may never have sent the act, so that costs
        // no attempt. Else a few crashes in a row would drop an act that people approved.
        let sent = record.status == Status::Probing;
        let (attempts, frame, overdue) = (record.attempts, record.frame, record.overdue);
        if self.is_stopped(frame) || overdue {
            let why = if overdue { "its time is over" } else { "the run ends" };
            let why = format!("the target shows no effect, and {why}: it was not sent again");
            self.fail(step, &why, false, todo);
        } else if !sent || attempts < ATTEMPTS_MAX {
            self.set_status(step, Status::Intended);
            if let Some(step) = self.steps.get_mut(step) {
                step.attempts = step.attempts.saturating_add(u32::from(sent));
            }
            self.send(step, todo);
        } else {
            let why = format!("sent {attempts} times, and the target shows no effect");
            self.fail(step, &why, true, todo);
        }
    }

    pub(in crate::run) fn unresolved(&mut self, step: usize, why: &str) {
        self.set_status(step, Status::Unknown);
        self.note(step, why);
    }

    pub(in crate::run) fn resolved(
        &mut self,
        step: usize,
        happened: bool,
        by: &str,
        todo: &mut Todo,
    ) {
        if happened {
            self.note(step, format!("settled by {by}"));
            self.keep(step, &Value::Object(Map::new()));
            self.succeed(step, Status::Succeeded, Map::new(), todo);
        } else {
            let why = format!("{by} found that it did not happen");
            self.fail(step, &why, false, todo);
        }
    }

    pub(in crate::run) fn stopped(&mut self, step: usize, why: &str, todo: &mut Todo) {
        self.refuse(step, why, Kind::Stopped, todo);
    }
}
