//! `do` and `script`: from the plan to the intent.

use std::sync::Arc;

use serde_json::Value;
use stanch_model::{
    guard::Decision,
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
};

use crate::{
    graph::{DoCall, NodeKind, ScriptCall},
    run::{
        Effect, Run, ScriptJob,
        apply::Todo,
        scope::NoValue,
        step::{Status, StepRecord},
        trouble::Kind,
    },
};

impl Run {
    pub(in crate::run) fn enter_do(
        &mut self,
        step: usize,
        call: &DoCall,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let (frame, key) = (self.place_of(step).unwrap_or_default().0, self.key_of(step));
        let action = self.resolve(frame, &key, call)?;
        self.plan(step, key, action, todo);
        Ok(())
    }

    pub(in crate::run) fn enter_script(
        &mut self,
        step: usize,
        script: &ScriptCall,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let (frame, key) = (self.place_of(step).unwrap_or_default().0, self.key_of(step));
        let action = self.resolve_script(frame, &key, script)?;
        self.plan(step, key, action, todo);
        Ok(())
    }

    /// The action is kept, so that after a crash the same is planned, whatever other branches did since.
    fn plan(&mut self, step: usize, key: StepKey, action: PlannedAction, todo: &mut Todo) {
        if let Some(step) = self.steps.get_mut(step) {
            step.action = Some(Arc::new(action.clone()));
        }
        todo.effects.push(Effect::Plan { key, action: Box::new(action) });
    }

    pub(in crate::run) fn planned(&mut self, step: usize, action: &PlannedAction, todo: &mut Todo) {
        if let Some(step) = self.steps.get_mut(step) {
            step.input = Arc::new(action.input.clone());
            step.action = Some(Arc::new(action.clone()));
        }
        if action.effect == EffectClass::Read {
            self.start_clock(step, todo);
        }
        self.set_out(step, todo);
    }

    /// Begins with what was planned, or begins anew after a failure.
    pub(in crate::run) fn set_out(&mut self, step: usize, todo: &mut Todo) {
        let action = self.steps.get(step).and_then(|step| step.action.clone());
        let Some(action) = action else { return };
        let effect = if action.effect == EffectClass::Read {
            self.set_status(step, Status::Reading);
            self.steps.get(step).and_then(|step| self.read_effect(step))
        } else {
            self.set_status(step, Status::Authorising);
            Some(Effect::Authorise { key: self.key_of(step), action: Box::new((*action).clone()) })
        };
        todo.effects.extend(effect);
    }

    pub(in crate::run) fn read_effect(&self, step: &StepRecord) -> Option<Effect> {
        let (key, action) = (step.key.clone(), step.own_action()?);
        match &self.graph.nodes.get(step.node)?.kind {
            NodeKind::Do { call, .. } => {
                let discloses = call.manifest.discloses || call.manifest.own_books;
                // What is read after an act is read when the act is done, not when it is only recorded.
                let live_only = discloses || self.recorded_act;
                Some(Effect::Read { key, action, live_only })
            }
            NodeKind::Script { script, .. } => {
                let live_only = !script.network.is_empty() || self.recorded_act;
                Some(Effect::Script { key, job: job(script, *action), live_only })
            }
            _ => None,
        }
    }

    pub(in crate::run) fn simulated(&mut self, step: usize, todo: &mut Todo) {
        let status = self.steps.get(step).map(|step| &step.status);
        self.recorded_act |= matches!(status, Some(Status::Authorising | Status::Calling(_)));
        if let Some((frame, node)) = self.place_of(step) {
            self.note_unknown(frame, node);
        }
        self.finish(step, Status::Simulated, todo);
    }

    pub(in crate::run) fn decided(&mut self, step: usize, decision: &Decision, todo: &mut Todo) {
        if let Some(step) = self.steps.get_mut(step) {
            step.reasons = decision.reasons().to_vec();
        }
        let Decision::Refuse { reasons } = decision else { return };
        let why: Vec<&str> = reasons.iter().map(|reason| reason.text.as_str()).collect();
        let stopped = reasons.iter().any(|reason| reason.rule == KILL_SWITCH);
        let kind = if stopped { Kind::Stopped } else { Kind::Refused };
        self.refuse(step, &format!("the guard refused: {}", why.join("; ")), kind, todo);
    }

    pub(in crate::run) fn intended(&mut self, step: usize, todo: &mut Todo) {
        self.set_status(step, Status::Intended);
        if let Some(step) = self.steps.get_mut(step) {
            step.attempts = step.attempts.saturating_add(1);
        }
        self.start_clock(step, todo);
        self.send(step, todo);
    }

    /// Sends an act. The intent is on disk.
    pub(in crate::run) fn send(&self, step: usize, todo: &mut Todo) {
        let Some(step) = self.steps.get(step) else { return };
        let (key, Some(action)) = (step.key.clone(), step.own_action()) else { return };
        let kind = self.graph.nodes.get(step.node).map(|node| &node.kind);
        todo.effects.push(match kind {
            Some(NodeKind::Script { script, .. }) => {
                Effect::Script { key, job: job(script, *action), live_only: true }
            }
            _ => Effect::Act { key, action },
        });
    }
}

/// The guard's rule that no playbook can go on from.
const KILL_SWITCH: &str = "kill_switch";

fn job(script: &ScriptCall, action: PlannedAction) -> Box<ScriptJob> {
    Box::new(ScriptJob {
        action,
        interpreter: script.interpreter,
        code: script.code.clone(),
        network: script.network.clone(),
        secrets: script.secrets(),
        timeout: script.timeout,
    })
}

impl StepRecord {
    pub(in crate::run) fn own_action(&self) -> Option<Box<PlannedAction>> {
        self.action.as_deref().cloned().map(Box::new)
    }
}

impl Run {
    /// Why what a step returned cannot be taken.
    pub(in crate::run) fn misfit(&self, step: usize, output: &Value) -> Option<String> {
        if crate::run::is_too_large(output) {
            return Some(crate::run::too_large("its output"));
        }
        let (_, node) = self.place_of(step)?;
        match &self.graph.nodes.get(node)?.kind {
            NodeKind::Script { script, .. } => {
                let why = script.shape.misfit(output)?;
                Some(format!("its output does not fit what `output` declares: {why}"))
            }
            _ => None,
        }
    }
}
