//! `if`, `switch` and `parallel`.

use serde_json::{Map, Value};
use stanch_expression::Expression;

use crate::{
    graph::{Next, NodeKind},
    run::{
        Run,
        apply::Todo,
        frame::Role,
        scope::{NoValue, same},
        shown,
        step::{Group, Part, PartState, Status},
    },
};

impl Run {
    pub(in crate::run) fn enter_if(
        &mut self,
        step: usize,
        condition: &Expression,
        (then, otherwise): (Next, Next),
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let truth = self.truth(self.place_of(step).unwrap_or_default().0, condition)?;
        self.note(step, if truth { "yes" } else { "no" });
        self.take_way(step, if truth { then } else { otherwise }, todo);
        Ok(())
    }

    pub(in crate::run) fn enter_switch(
        &mut self,
        step: usize,
        subject: &Expression,
        (cases, otherwise): (&[(Vec<Value>, Next)], Option<Next>),
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let value = self.evaluate(self.place_of(step).unwrap_or_default().0, subject)?;
        let equal = |(values, _): &&(Vec<Value>, Next)| values.iter().any(|one| same(one, &value));
        let next = cases.iter().find(equal).map(|(_, next)| *next).or(otherwise);
        let Some(next) = next else {
            return Err(NoValue::Invalid(format!(
                "no case is for {}, and there is no `else`",
                shown(&value)
            )));
        };
        self.note(step, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        self.take_way(step, next, todo);
        Ok(())
    }

    pub(in crate::run) fn enter_parallel(
        &mut self,
        step: usize,
        branches: &[usize],
        todo: &mut Todo,
    ) {
        let prefix = self.prefix(self.place_of(step).unwrap_or_default().0);
        self.set_status(step, Status::Inside);
        let mut parts = Vec::new();
        for (number, branch) in branches.iter().enumerate() {
            let frame = self.new_frame(step, Role::Branch(number), prefix.clone());
            parts.push(Part { frame, state: PartState::Open, result: None });
            todo.queue.push_back((frame, Next::Node(*branch)));
        }
        self.set_group(step, Group::Branches(parts));
    }

    pub(in crate::run) fn branch_done(
        &mut self,
        step: usize,
        number: usize,
        state: PartState,
        todo: &mut Todo,
    ) {
        let done = state == PartState::Done;
        self.set_part(step, number, state);
        let parts = self.parts(step);
        if done && self.wins(step, &parts, number) {
            return self.end_race(step, &parts, number, todo);
        }
        if parts.iter().any(|part| part.state == PartState::Open) {
            return;
        }
        for part in &parts {
            self.merge(part.frame);
        }
        let failed = parts.iter().rev().find_map(|part| match &part.state {
            PartState::Failed(why) => Some(why.clone()),
            PartState::Open | PartState::Done => None,
        });
        match failed.filter(|_| !parts.iter().any(|part| part.state == PartState::Done)) {
            Some(why) => self.fail(step, &format!("no branch succeeded: {why}"), false, todo),
            None => self.succeed(step, Status::Succeeded, Map::new(), todo),
        }
    }

    /// Whether the branch ends the others. In a plan none does: who is first is not known then, and what
    /// the others do has to be in it.
    fn wins(&self, step: usize, parts: &[Part], number: usize) -> bool {
        let frame = parts.get(number).and_then(|part| self.frames.get(part.frame));
        let certain = frame.is_some_and(|frame| !frame.uncertain);
        self.is_race(step) && certain && !self.planning
    }

    fn end_race(&mut self, step: usize, parts: &[Part], first: usize, todo: &mut Todo) {
        for (number, part) in parts.iter().enumerate() {
            if number != first {
                self.stop(part.frame, "called back: another branch was done first", todo);
                // What it did is known; what it set counts no more.
                if let Some(frame) = self.frames.get_mut(part.frame) {
                    frame.vars.clear();
                }
            }
            self.merge(part.frame);
        }
        self.note(step, format!("branch {} was done first", first.saturating_add(1)));
        self.succeed(step, Status::Succeeded, Map::new(), todo);
    }

    /// The branches or turns of a step.
    pub(in crate::run) fn parts(&self, step: usize) -> Vec<Part> {
        match self.steps.get(step).and_then(|step| step.group.as_deref()) {
            Some(Group::Branches(parts) | Group::Turns { parts, .. }) => parts.clone(),
            Some(Group::Rounds(_) | Group::Try(_)) | None => Vec::new(),
        }
    }

    pub(in crate::run) fn set_part(&mut self, step: usize, number: usize, state: PartState) {
        let group = self.steps.get_mut(step).and_then(|step| step.group.as_deref_mut());
        if let Some(Group::Branches(parts) | Group::Turns { parts, .. }) = group
            && let Some(part) = parts.get_mut(number)
        {
            part.state = state;
        }
    }

    pub(in crate::run) fn kind_of(&self, step: usize) -> Option<&NodeKind> {
        let (_, node) = self.place_of(step)?;
        self.graph.nodes.get(node).map(|node| &node.kind)
    }
}
