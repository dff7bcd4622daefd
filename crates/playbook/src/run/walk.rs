//! The way through the graph: steps are entered until every way waits for something.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stanch_model::{plan::StepKey, run::RunState};

use super::{
    Run, STEPS_MAX,
    apply::Todo,
    frame::Role,
    scope::NoValue,
    step::{PartState, Status, StepRecord},
};
use crate::graph::{Next, NodeKind};

impl Run {
    /// Enters nodes until every way waits for something.
    pub(super) fn walk(&mut self, todo: &mut Todo) {
        loop {
            while let Some((frame, next)) = todo.queue.pop_front() {
                if self.is_stopped(frame) {
                    continue;
                }
                match next {
                    Next::End => {}
                    Next::Node(index) => self.enter(frame, index, todo),
                    Next::Leave(_) => self.leave(frame, todo),
                }
            }
            if !self.resume_drained(todo) {
                return;
            }
        }
    }

    fn enter(&mut self, frame: usize, index: usize, todo: &mut Todo) {
        let graph = Arc::clone(&self.graph);
        let Some(node) = graph.nodes.get(index) else { return };
        if self.steps.len() >= STEPS_MAX {
            self.ending = Some((RunState::Failed, format!("more than {STEPS_MAX} steps")));
            return;
        }
        let step = self.reach(frame, index, &node.id, todo);
        let entered = match &node.kind {
            NodeKind::Do { call, .. } => self.enter_do(step, call, todo),
            NodeKind::Script { script, .. } => self.enter_script(step, script, todo),
            NodeKind::If { condition, then, otherwise } => {
                self.enter_if(step, condition, (*then, *otherwise), todo)
            }
            NodeKind::Switch { subject, cases, otherwise } => {
                self.enter_switch(step, subject, (cases, *otherwise), todo)
            }
            NodeKind::Parallel { branches, .. } => {
                self.enter_parallel(step, branches, todo);
                Ok(())
            }
            NodeKind::ForEach { each, .. } => self.enter_for_each(step, each, todo),
            NodeKind::While { repeat, .. } => self.enter_while(step, repeat, todo),
            NodeKind::Call { call, .. } => self.enter_call(step, call, todo),
            NodeKind::Wait { pause, .. } => self.enter_wait(step, pause, todo),
            NodeKind::Ask { ask, .. } => self.enter_ask(step, ask, todo),
            NodeKind::Set { values, .. } => self.enter_set(step, values, todo),
            NodeKind::Try { body, .. } => {
                self.enter_try(step, *body, todo);
                Ok(())
            }
            NodeKind::End { succeeded, note } => {
                self.enter_end(step, *succeeded, note.as_ref(), todo)
            }
        };
        if let Err(no_value) = entered {
            self.no_value(step, no_value, todo);
        }
    }

    fn reach(&mut self, frame: usize, node: usize, id: &str, todo: &Todo) -> usize {
        let key = StepKey(format!("{}{id}", self.prefix(frame)));
        let step = self.steps.len();
        self.steps.push(StepRecord::new(key.clone(), node, frame, todo.at));
        self.index.insert(key, step);
        self.open.insert(step);
        step
    }

    /// A way came to the end of what a step holds inside.
    fn leave(&mut self, frame: usize, todo: &mut Todo) {
        let Some(place) = self.frames.get(frame).and_then(|frame| frame.place) else { return };
        match place.role {
            Role::Branch(number) => {
                self.branch_done(place.owner, number, PartState::Done, todo);
            }
            Role::Turn(number) => self.turn_done(place.owner, number, frame, todo),
            Role::Body | Role::Handler => {
                self.merge(frame);
                self.succeed(place.owner, Status::Succeeded, Map::new(), todo);
            }
        }
    }

    /// What cannot be worked out waits for ever in a plan, and fails in earnest.
    pub(super) fn no_value(&mut self, step: usize, no_value: NoValue, todo: &mut Todo) {
        match no_value {
            NoValue::Depends(on) => {
                self.note(step, format!("depends on the outcome of `{on}`"));
                if let Some((frame, node)) = self.place_of(step) {
                    self.note_unknown(frame, node);
                }
                self.close(step, Status::Parked, todo);
            }
            NoValue::Invalid(why) => self.fail(step, &why, false, todo),
        }
    }

    /// Closes a step that worked, with what it returned, and goes on to what follows.
    pub(super) fn succeed(
        &mut self,
        step: usize,
        status: Status,
        output: Map<String, Value>,
        todo: &mut Todo,
    ) {
        self.set_output(step, output, true);
        self.finish(step, status, todo);
    }

    /// Closes a step and goes on to what follows.
    pub(super) fn finish(&mut self, step: usize, status: Status, todo: &mut Todo) {
        self.close(step, status, todo);
        let Some((frame, node)) = self.place_of(step) else { return };
        let next = self.graph.nodes.get(node).and_then(|node| node.kind.next());
        if let Some(next) = next.filter(|_| !self.is_stopped(frame)) {
            todo.queue.push_back((frame, next));
        }
    }

    /// Closes a step that chose where it goes.
    pub(super) fn take_way(&mut self, step: usize, next: Next, todo: &mut Todo) {
        self.set_output(step, Map::new(), true);
        self.close(step, Status::Succeeded, todo);
        if let Some((frame, _)) = self.place_of(step) {
            todo.queue.push_back((frame, next));
        }
    }

    pub(super) fn close(&mut self, step: usize, status: Status, todo: &Todo) {
        self.set_status(step, status);
        if let Some(step) = self.steps.get_mut(step) {
            step.ended_at = Some(todo.at);
            step.group = None;
            step.deadline = None;
        }
    }

    pub(super) fn set_status(&mut self, step: usize, status: Status) {
        if status.is_settled() || status == Status::Inside {
            self.open.remove(&step);
        } else {
            self.open.insert(step);
        }
        if status == Status::Inside {
            self.groups.insert(step);
        } else {
            self.groups.remove(&step);
        }
        if let Some(step) = self.steps.get_mut(step) {
            step.status = status;
        }
    }

    pub(super) fn note(&mut self, step: usize, note: impl Into<String>) {
        if let Some(step) = self.steps.get_mut(step) {
            step.note = note.into();
        }
    }

    /// The frame and the node of a step.
    pub(super) fn place_of(&self, step: usize) -> Option<(usize, usize)> {
        self.steps.get(step).map(|step| (step.frame, step.node))
    }

    pub(super) fn key_of(&self, step: usize) -> StepKey {
        self.steps.get(step).map(|step| step.key.clone()).unwrap_or_else(|| StepKey(String::new()))
    }

    /// What `steps.ID` reads as from now on: what the step returned, over what it reads as without.
    pub(super) fn set_output(&mut self, step: usize, output: Map<String, Value>, ok: bool) {
        let Some((frame, node)) = self.place_of(step) else { return };
        let Some(known) = self.graph.nodes.get(node) else { return };
        if known.named {
            let mut seen = known.default.as_object().cloned().unwrap_or_default();
            seen.extend(output.clone());
            seen.insert("ok".to_owned(), json!(ok));
            if let Some(frame) = self.frames.get_mut(frame) {
                frame.outputs.insert(node, Arc::new(Value::Object(seen)));
            }
        }
        if let Some(step) = self.steps.get_mut(step).filter(|_| !output.is_empty()) {
            step.output = Arc::new(Value::Object(output));
        }
    }
}
