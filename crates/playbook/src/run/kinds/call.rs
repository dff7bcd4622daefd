//! `call`: the run of another playbook, from its start to its end.

use std::sync::Arc;

use serde_json::{Map, Value};
use stanch_model::{RunId, plan::StepKey, run::RunState};

use crate::{
    graph::{CallCall, NodeKind},
    run::{
        Approved, Beginning, Effect, Run, RunEvent,
        apply::Todo,
        scope::NoValue,
        step::{Status, StepRecord},
        trouble::Kind,
    },
};

impl Run {
    pub(in crate::run) fn enter_call(
        &mut self,
        step: usize,
        call: &CallCall,
        todo: &mut Todo,
    ) -> Result<(), NoValue> {
        let inputs = self.values(self.place_of(step).unwrap_or_default().0, &call.with)?;
        self.set_status(step, Status::Calling(None));
        if let Some(step) = self.steps.get_mut(step) {
            step.input = Arc::new(Value::Object(inputs));
        }
        let effect = self.steps.get(step).and_then(|step| self.call_effect(step));
        todo.effects.extend(effect);
        Ok(())
    }

    pub(in crate::run) fn call_effect(&self, step: &StepRecord) -> Option<Effect> {
        let NodeKind::Call { call, .. } = &self.graph.nodes.get(step.node)?.kind else {
            return None;
        };
        Some(Effect::Call {
            key: step.key.clone(),
            playbook: call.playbook.clone(),
            inputs: step.input.as_object().cloned().unwrap_or_default(),
        })
    }

    /// How the run of a playbook that the step calls begins: it sees what started this one, its steps'
    /// keys begin with this step's, and what people `approved` with this run's plan is approved there.
    #[must_use]
    pub fn start_of_child(
        &self,
        key: &StepKey,
        inputs: Map<String, Value>,
        approved: Approved,
    ) -> RunEvent {
        let given = |name: &str| self.given.get(name).map(|value| (**value).clone());
        let known = ["alert", "incident", "inputs"];
        let cause = self.given.keys().find(|name| !known.contains(&name.as_str()));
        let cause = cause.and_then(|name| Some((name.clone(), given(name)?)));
        RunEvent::Started {
            alert: given("alert").unwrap_or_default(),
            incident: given("incident").unwrap_or_default(),
            with: Box::new(Beginning {
                cause,
                inputs,
                caller: Some(key.clone()),
                approved: approved.acts,
                versions: approved.versions,
            }),
        }
    }

    /// What people approved with the plan of the run that called this one, if they saw this version of a
    /// playbook that is called here.
    #[must_use]
    pub fn inherited(&self, playbook: &str, digest: &str) -> Approved {
        let saw = self.inherited.versions.get(playbook).is_some_and(|seen| seen == digest);
        if saw { self.inherited.clone() } else { Approved::default() }
    }

    pub(in crate::run) fn child_started(&mut self, step: usize, run: RunId) {
        self.set_status(step, Status::Calling(Some(run)));
        self.note(step, run.to_string());
    }

    pub(in crate::run) fn child_ended(
        &mut self,
        step: usize,
        (state, note): (RunState, &str),
        outputs: &Map<String, Value>,
        recorded: bool,
        todo: &mut Todo,
    ) {
        let called_off =
            self.steps.get(step).is_some_and(|s| matches!(s.status, Status::CallingOff(_)));
        let why = if note.is_empty() { String::new() } else { format!(": {note}") };
        match state {
            RunState::Succeeded if recorded => self.simulated(step, todo),
            RunState::Succeeded => {
                self.succeed(step, Status::Succeeded, outputs.clone(), todo);
            }
            RunState::Refused => {
                self.refuse(step, &format!("its run was refused{why}"), Kind::Refused, todo);
            }
            RunState::Cancelled if called_off => {
                self.note(step, format!("called off{why}"));
                self.close(step, Status::Refused, todo);
            }
            RunState::Cancelled => {
                self.fail(step, &format!("its run was cancelled{why}"), false, todo);
            }
            RunState::Failed | RunState::Running | RunState::Waiting => {
                self.fail(step, &format!("its run failed{why}"), false, todo);
            }
        }
    }
}
