//! What is still to be done, as the journal tells it.

use super::{
    Effect, Run,
    step::{Status, StepRecord},
};
use crate::graph::{NodeKind, Pause};

impl Run {
    /// What is still to be done, after the journal was read back: an intent whose outcome is not on
    /// record is looked up in the target, never repeated blindly.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Effect> {
        let effects: Vec<Effect> = self.opened().filter_map(|step| self.due_effect(step)).collect();
        if !effects.is_empty() {
            return effects;
        }
        let end = self.due.clone().filter(|_| self.ended.is_none());
        end.map(|(state, note)| Effect::End { state, note }).into_iter().collect()
    }

    pub(super) fn due_effect(&self, step: &StepRecord) -> Option<Effect> {
        let key = step.key.clone();
        match &step.status {
            Status::Planning => Some(Effect::Plan { key, action: step.own_action()? }),
            Status::Reading => self.read_effect(step),
            Status::Authorising => Some(Effect::Authorise { key, action: step.own_action()? }),
            Status::Intended | Status::Probing => {
                Some(Effect::Probe { key, action: step.own_action()? })
            }
            Status::Accepted => Some(Effect::Verify {
                key,
                action: step.own_action()?,
                output: (*step.output).clone(),
            }),
            Status::Sleeping(None) | Status::Retrying(None) => {
                Some(Effect::Sleep { key, due_at: step.due_at? })
            }
            Status::Listening(None) => self.listen_effect(step),
            Status::Questioned(None) => self.ask_effect(step),
            Status::Calling(None) => self.call_effect(step),
            Status::CallingOff(run) => {
                Some(Effect::CallOff { key, run: *run, why: self.why_stopped(step) })
            }
            _ => None,
        }
    }

    fn listen_effect(&self, step: &StepRecord) -> Option<Effect> {
        let NodeKind::Wait { pause: Pause::Signal { name, .. }, .. } =
            &self.graph.nodes.get(step.node)?.kind
        else {
            return None;
        };
        Some(Effect::Listen { key: step.key.clone(), signal: name.clone(), due_at: step.due_at? })
    }

    /// Whether an effect that was asked for earlier is still to be carried out.
    #[must_use]
    pub fn still_wants(&self, effect: &Effect) -> bool {
        if let Effect::End { state, .. } = effect {
            let due = self.due.as_ref().filter(|_| self.ended.is_none());
            return due.is_some_and(|(due, _)| due == state);
        }
        let Some(key) = effect.key() else { return self.ended.is_none() };
        let Some(step) = self.step(key) else { return false };
        match effect {
            Effect::Plan { .. } => step.status == Status::Planning,
            Effect::Read { .. } => step.status == Status::Reading,
            Effect::Script { .. } => {
                matches!(step.status, Status::Reading | Status::Intended)
            }
            Effect::Authorise { .. } => step.status == Status::Authorising,
            Effect::Act { .. } => step.status == Status::Intended,
            Effect::Probe { .. } => matches!(step.status, Status::Intended | Status::Probing),
            Effect::Verify { .. } => step.status == Status::Accepted,
            Effect::Sleep { .. } => {
                matches!(step.status, Status::Sleeping(None) | Status::Retrying(None))
            }
            Effect::Deadline { .. } => step.deadline.is_some(),
            Effect::Ask { .. } => step.status == Status::Questioned(None),
            Effect::Listen { .. } => step.status == Status::Listening(None),
            Effect::Call { .. } => step.status == Status::Calling(None),
            Effect::CallOff { run, .. } => step.status == Status::CallingOff(*run),
            Effect::End { .. } => false,
        }
    }

    fn why_stopped(&self, step: &StepRecord) -> String {
        let ending = self.ending.as_ref().map(|(_, note)| note.as_str()).unwrap_or_default();
        let why = if ending.is_empty() { step.note.as_str() } else { ending };
        format!("the run that called it does not need it any more: {why}")
    }
}
