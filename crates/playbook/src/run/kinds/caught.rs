//! `try`: its body, and what is done if that failed.

use std::sync::Arc;

use serde_json::{Map, json};

use crate::{
    graph::{Next, NodeKind},
    run::{
        Run,
        apply::Todo,
        frame::Role,
        step::{Caught, Group, Status},
    },
};

impl Run {
    pub(in crate::run) fn enter_try(&mut self, step: usize, body: Next, todo: &mut Todo) {
        let prefix = self.prefix(self.place_of(step).unwrap_or_default().0);
        self.set_status(step, Status::Inside);
        self.set_group(step, Group::Try(None));
        let frame = self.new_frame(step, Role::Body, prefix);
        todo.queue.push_back((frame, body));
    }

    /// The body failed, and what was in flight in it has come back.
    pub(in crate::run) fn handle(&mut self, step: usize, body: usize, todo: &mut Todo) {
        self.merge(body);
        let Some(NodeKind::Try { handler, .. }) = self.kind_of(step) else { return };
        let handler = *handler;
        let caught = match self.steps.get(step).and_then(|step| step.group.as_deref()) {
            Some(Group::Try(Some(Caught { step, why }))) => {
                json!({ "step": step.0, "why": why })
            }
            _ => json!(Map::new()),
        };
        let prefix = self.prefix(self.place_of(step).unwrap_or_default().0);
        let frame = self.new_frame(step, Role::Handler, prefix);
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.names.insert("error".to_owned(), Arc::new(caught));
        }
        todo.queue.push_back((frame, handler));
    }
}
