//! `for_each`: a turn for each element, some at once, their results in the order of the list.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    graph::{ForEachLoop, NodeKind, turns},
    run::{
        Run,
        apply::Todo,
        frame::Role,
        scope::NoValue,
        shown,
        step::{Group, Part, PartState, Status},
    },
};

impl Run {
    pub(in crate::run) fn enter_for_each(
        &mut self,
        step: usize,
        each: &ForEachLoop,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let frame = self.place_of(step).unwrap_or_default().0;
        let items = match self.evaluate(frame, &each.list)? {
            Value::Array(items) => items,
            other => {
                let why = format!("`for_each` gave {}, not a list", shown(&other));
                return Err(NoValue::Invalid(why));
            }
        };
        if items.len() > each.limit {
            let (long, limit) = (items.len(), each.limit);
            let why = format!("the list has {long} elements, and `limit` allows {limit}");
            return Err(NoValue::Invalid(why));
        }
        self.set_status(step, Status::Inside);
        self.set_group(step, Group::Turns { items, parts: Vec::new() });
        for _ in 0..each.width {
            self.begin_turn(step, each, todo);
        }
        self.end_turns(step, each, todo);
        Ok(())
    }

    /// Begins the next turn, if there is one.
    fn begin_turn(&mut self, step: usize, each: &ForEachLoop, todo: &mut Todo) {
        let group = self.steps.get(step).and_then(|step| step.group.as_deref());
        let Some(Group::Turns { items, parts }) = group else { return };
        let number = parts.len();
        let Some(item) = items.get(number).cloned() else { return };
        let prefix = format!("{}[{number}]/", self.key_of(step));
        let frame = self.new_frame(step, Role::Turn(number), prefix.into());
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.names.insert(each.name.clone(), Arc::new(item));
        }
        let group = self.steps.get_mut(step).and_then(|step| step.group.as_deref_mut());
        if let Some(Group::Turns { parts, .. }) = group {
            parts.push(Part { frame, state: PartState::Open, result: None });
        }
        todo.queue.push_back((frame, each.body));
    }

    pub(in crate::run) fn turn_done(
        &mut self,
        step: usize,
        number: usize,
        frame: usize,
        todo: &mut Todo,
    ) {
        let graph = Arc::clone(&self.graph);
        let node = self.place_of(step).and_then(|(_, node)| graph.nodes.get(node));
        match node.map(|node| &node.kind) {
            Some(NodeKind::ForEach { each, .. }) => {
                self.set_part(step, number, PartState::Done);
                self.end_turn(step, number, each, todo);
            }
            Some(NodeKind::While { repeat, .. }) => self.end_round(step, repeat, frame, todo),
            _ => {}
        }
    }

    /// A turn failed, and what was in flight in it has come back.
    pub(in crate::run) fn turn_failed(
        &mut self,
        step: usize,
        number: usize,
        frame: usize,
        todo: &mut Todo,
    ) {
        let graph = Arc::clone(&self.graph);
        let node = self.place_of(step).and_then(|(_, node)| graph.nodes.get(node));
        match node.map(|node| &node.kind) {
            Some(NodeKind::ForEach { each, .. }) => self.end_turn(step, number, each, todo),
            Some(NodeKind::While { .. }) => {
                self.merge_turn(frame);
                self.finish(step, Status::Failed, todo);
            }
            _ => {}
        }
    }

    fn end_turn(&mut self, step: usize, number: usize, each: &ForEachLoop, todo: &mut Todo) {
        let Some(frame) = self.parts(step).get(number).map(|part| part.frame) else { return };
        let result = self.result_of(frame, each);
        let group = self.steps.get_mut(step).and_then(|step| step.group.as_deref_mut());
        if let Some(Group::Turns { parts, .. }) = group
            && let Some(part) = parts.get_mut(number)
        {
            part.result = Some(result);
        }
        if each.width == 1 {
            // The next turn sees what this one set; several at once see nothing of each other.
            self.merge_turn(frame);
        }
        self.begin_turn(step, each, todo);
        self.end_turns(step, each, todo);
    }

    /// What stays of a turn: its named steps, those that did not run included.
    fn result_of(&mut self, frame: usize, each: &ForEachLoop) -> Value {
        let outputs = self.frames.get_mut(frame).map(|frame| std::mem::take(&mut frame.outputs));
        let outputs = outputs.unwrap_or_default();
        let entry = |node: &usize| {
            let output = outputs.get(node).or_else(|| self.graph.default_of(*node))?;
            Some((self.graph.nodes.get(*node)?.id.clone(), (**output).clone()))
        };
        Value::Object(each.inside.iter().filter_map(entry).collect())
    }

    /// Ends the loop, if all turns are done.
    fn end_turns(&mut self, step: usize, each: &ForEachLoop, todo: &mut Todo) {
        let group = self.steps.get_mut(step).and_then(|step| step.group.as_deref_mut());
        let Some(Group::Turns { items, parts }) = group else { return };
        let open = parts.iter().any(|part| part.result.is_none());
        if open || parts.len() < items.len() {
            return;
        }
        let parts = std::mem::take(parts);
        if each.width > 1 {
            for part in &parts {
                self.merge_turn(part.frame);
            }
        }
        let is_failed = |part: &&Part| matches!(part.state, PartState::Failed(_));
        let failed = parts.iter().filter(is_failed).count();
        let count = parts.len();
        let uncertain = |part: &Part| self.frames.get(part.frame).is_some_and(|f| f.uncertain);
        let uncertain = parts.iter().any(uncertain);
        let results = parts.into_iter().filter_map(|part| part.result).collect();
        self.note_turns(step, count, failed);
        self.close_turns(step, turns(count, failed, results), (failed == 0, uncertain), todo);
    }

    fn note_turns(&mut self, step: usize, count: usize, failed: usize) {
        let turns = if count == 1 { "1 turn".to_owned() } else { format!("{count} turns") };
        let last = self.steps.get(step).map(|step| step.note.clone()).unwrap_or_default();
        match failed {
            0 => self.note(step, turns),
            failed => self.note(step, format!("{turns}, {failed} failed; the last: {last}")),
        }
    }

    fn close_turns(
        &mut self,
        step: usize,
        output: Map<String, Value>,
        (ok, uncertain): (bool, bool),
        todo: &mut Todo,
    ) {
        if crate::run::is_too_large(&json!(output)) {
            let why = crate::run::too_large("what its turns came to");
            return self.fail(step, &why, false, todo);
        }
        if let Some((frame, node)) = self.place_of(step).filter(|_| uncertain) {
            self.note_unknown(frame, node);
            return self.finish(step, Status::Simulated, todo);
        }
        self.set_output(step, output, ok);
        self.finish(step, if ok { Status::Succeeded } else { Status::Failed }, todo);
    }
}
