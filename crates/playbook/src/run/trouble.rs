//! What fails, who catches it, and what is called back then.

use stanch_model::{plan::StepKey, run::RunState};

use super::{
    Run,
    apply::Todo,
    frame::{Place, Role},
    step::{Caught, Group, PartState, Status},
};
use crate::{
    ast::{OnError, Until},
    graph::NodeKind,
};

/// Something that went wrong in a step, on its way to who catches it.
pub(super) struct Trouble {
    step: StepKey,
    why: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It did not work.
    Failed,
    /// The guard or a person said no.
    Refused,
    /// The kill switch: nobody catches that.
    Stopped,
}

impl Run {
    /// A step did not work. It is tried `again` later, if the playbook says so.
    pub(super) fn fail(&mut self, step: usize, why: &str, again: bool, todo: &mut Todo) {
        self.note(step, why);
        let Some((frame, node)) = self.place_of(step) else { return };
        if again && !self.is_stopped(frame) && self.retry_later(step, todo) {
            return;
        }
        let on_error = self.graph.nodes.get(node).map(|node| node.kind.on_error());
        if on_error == Some(OnError::Continue) {
            return self.finish(step, Status::Failed, todo);
        }
        self.close(step, Status::Failed, todo);
        let trouble = Trouble { step: self.key_of(step), why: why.to_owned(), kind: Kind::Failed };
        self.raise(frame, &trouble, todo);
    }

    /// The guard or a person said no to a step; no `on_error: continue` overrules that.
    pub(super) fn refuse(&mut self, step: usize, why: &str, kind: Kind, todo: &mut Todo) {
        self.note(step, why);
        self.close(step, Status::Refused, todo);
        let Some((frame, _)) = self.place_of(step) else { return };
        let trouble = Trouble { step: self.key_of(step), why: why.to_owned(), kind };
        self.raise(frame, &trouble, todo);
    }

    /// From the inside out to who catches it; what does not fails as well.
    fn raise(&mut self, frame: usize, trouble: &Trouble, todo: &mut Todo) {
        if self.is_stopped(frame) {
            return;
        }
        let mut at = frame;
        while let Some(place) = self.frames.get(at).and_then(|frame| frame.place) {
            if self.catch(place, at, trouble, todo) {
                return;
            }
            self.note(place.owner, format!("step `{}`: {}", trouble.step, trouble.why));
            self.close(place.owner, trouble.status(), todo);
            at = place.parent;
        }
        let note = format!("step `{}`: {}", trouble.step, trouble.why);
        self.ending.get_or_insert((trouble.state(), note));
    }

    /// Whether the step that holds the frame catches what went wrong in it.
    fn catch(&mut self, place: Place, frame: usize, trouble: &Trouble, todo: &mut Todo) -> bool {
        let Place { owner, role, .. } = place;
        let goes_on = trouble.kind == Kind::Failed && self.on_error(owner) == OnError::Continue;
        let why = format!("step `{}`: {}", trouble.step, trouble.why);
        match role {
            Role::Body if trouble.kind != Kind::Stopped => {
                let caught = Caught { step: trouble.step.clone(), why: trouble.why.clone() };
                self.set_group(owner, Group::Try(Some(caught)));
                self.note(owner, format!("caught {why}"));
                self.stop(frame, &format!("called back: {why}"), todo);
                self.draining.push(frame);
                true
            }
            Role::Turn(number) if goes_on => {
                self.set_part(owner, number, PartState::Failed(why.clone()));
                self.note(owner, why.clone());
                self.stop(frame, &format!("called back: {why}"), todo);
                self.draining.push(frame);
                true
            }
            Role::Branch(number) if trouble.kind == Kind::Failed && self.is_race(owner) => {
                self.stop(frame, &format!("called back: {why}"), todo);
                self.branch_done(owner, number, PartState::Failed(why), todo);
                true
            }
            Role::Body | Role::Turn(_) | Role::Branch(_) | Role::Handler => false,
        }
    }

    fn on_error(&self, step: usize) -> OnError {
        let node = self.place_of(step).and_then(|(_, node)| self.graph.nodes.get(node));
        node.map(|node| node.kind.on_error()).unwrap_or_default()
    }

    /// Whether the first branch that succeeds ends the others.
    pub(super) fn is_race(&self, step: usize) -> bool {
        let node = self.place_of(step).and_then(|(_, node)| self.graph.nodes.get(node));
        matches!(node.map(|node| &node.kind), Some(NodeKind::Parallel { until: Until::Any, .. }))
    }

    pub(super) fn set_group(&mut self, step: usize, group: Group) {
        if let Some(step) = self.steps.get_mut(step) {
            step.group = Some(Box::new(group));
        }
    }

    /// Nothing new begins in the frame: what can be called back is, and what is in flight comes back.
    pub(super) fn stop(&mut self, frame: usize, why: &str, todo: &mut Todo) {
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.stopped = true;
        }
        let inside =
            |step: &usize| self.steps.get(*step).is_some_and(|step| self.is_in(step.frame, frame));
        let all = self.open.iter().chain(&self.groups).copied();
        let steps: Vec<usize> = all.filter(inside).collect();
        for step in steps {
            let Some(status) = self.steps.get(step).map(|step| step.status.clone()) else {
                continue;
            };
            if let Status::Calling(Some(run)) = status {
                self.set_status(step, Status::CallingOff(run));
                self.note(step, why);
                let effect = self.steps.get(step).and_then(|step| self.due_effect(step));
                todo.effects.extend(effect);
            } else if !status.in_flight() {
                self.note(step, why);
                self.close(step, Status::Refused, todo);
            }
        }
    }

    /// Goes on from a frame that was stopped and in which nothing is in flight any more; whether there was
    /// one.
    pub(super) fn resume_drained(&mut self, todo: &mut Todo) -> bool {
        let is_drained = |frame: &usize| {
            let mut open = self.opened();
            !open.any(|step| self.is_in(step.frame, *frame))
        };
        let Some(at) = self.draining.iter().position(is_drained) else { return false };
        let frame = self.draining.remove(at);
        let Some(place) = self.frames.get(frame).and_then(|frame| frame.place) else { return true };
        if self.is_stopped(place.parent) {
            return true;
        }
        self.salvage(frame);
        match place.role {
            Role::Body => self.handle(place.owner, frame, todo),
            Role::Turn(number) => self.turn_failed(place.owner, number, frame, todo),
            Role::Branch(_) | Role::Handler => {}
        }
        true
    }

    /// What the branches and `try`s in a stopped frame came to is part of it; what they set is not.
    fn salvage(&mut self, frame: usize) {
        for inner in (frame.saturating_add(1)..self.frames.len()).rev() {
            let is_turn = |role| matches!(role, Role::Turn(_));
            let place = self.frames.get(inner).and_then(|inner| inner.place);
            if place.is_some_and(|place| !is_turn(place.role)) && self.is_in(inner, frame) {
                if let Some(inner) = self.frames.get_mut(inner) {
                    inner.vars.clear();
                }
                self.merge(inner);
            }
        }
    }
}

impl Trouble {
    const fn status(&self) -> Status {
        match self.kind {
            Kind::Failed => Status::Failed,
            Kind::Refused | Kind::Stopped => Status::Refused,
        }
    }

    const fn state(&self) -> RunState {
        match self.kind {
            Kind::Failed => RunState::Failed,
            Kind::Refused | Kind::Stopped => RunState::Refused,
        }
    }
}
