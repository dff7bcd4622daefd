//! A run as people see it.

use stanch_model::{
    manifest::EffectClass,
    plan::{Evidence, StepKey},
    run::{GraphView, StepState, StepView},
};

use super::{Run, Status, StepRecord};

impl Status {
    const fn shown(&self) -> StepState {
        match self {
            Self::Planning | Self::Reading | Self::Authorising | Self::Intended | Self::Probing => {
                StepState::Intended
            }
            Self::Asked(_) | Self::Sleeping(_) | Self::Questioned(_) => StepState::Waiting,
            Self::Accepted => StepState::Accepted,
            Self::Verified => StepState::Verified,
            Self::Succeeded => StepState::Succeeded,
            Self::Simulated | Self::Parked => StepState::Planned,
            Self::Failed => StepState::Failed,
            Self::Refused => StepState::Refused,
            Self::Unknown => StepState::Unknown,
        }
    }
}

impl Run {
    /// The steps that were reached, in order.
    #[must_use]
    pub fn step_views(&self) -> Vec<StepView> {
        let view = |step: &StepRecord, key: &str| {
            let node = self.graph.nodes.get(step.node)?;
            Some(StepView {
                key: key.to_owned(),
                id: node.id.clone(),
                kind: node.kind.word().to_owned(),
                title: node.title.clone(),
                state: step.status.shown(),
                input: step.input.clone(),
                output: step.output.clone(),
                attempts: step.attempts,
                entered_at: Some(step.entered_at),
                ended_at: step.ended_at,
                note: step.note.clone(),
                reasons: step.reasons.clone(),
            })
        };
        self.order.iter().filter_map(|key| view(self.steps.get(key)?, &key.0)).collect()
    }

    /// What was read so far, as evidence for what is planned from here.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let answered = |key: &StepKey| {
            let step = self.steps.get(key).filter(|step| step.status == Status::Succeeded)?;
            let action =
                step.action.as_ref().filter(|action| action.effect == EffectClass::Read)?;
            let output = step.output.clone();
            let says_something = output.as_object().is_some_and(|output| !output.is_empty());
            says_something.then(|| Evidence { key: key.clone(), name: action.name.clone(), output })
        };
        self.order.iter().filter_map(answered).collect()
    }

    /// The picture, with live states.
    #[must_use]
    pub fn graph_view(&self) -> GraphView {
        let steps = self.step_views();
        self.graph.view(|node| {
            let step = steps.iter().rev().find(|step| step.id == node.id);
            step.map_or((StepState::Pending, String::new()), |s| (s.state, s.note.clone()))
        })
    }

    /// Whether it waits for people or a timer, with nothing else under way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let mut open = self.steps.values().filter(|s| !s.status.is_settled()).peekable();
        open.peek().is_some()
            && open
                .all(|step| matches!(step.status.shown(), StepState::Waiting | StepState::Unknown))
    }

    /// The steps whose timer is set, in the order in which the run reached them.
    #[must_use]
    pub fn sleeping(&self) -> Vec<StepKey> {
        let sleeps = |key: &&StepKey| {
            let status = self.steps.get(*key).map(|step| &step.status);
            matches!(status, Some(Status::Sleeping(Some(_))))
        };
        self.order.iter().filter(sleeps).cloned().collect()
    }

    /// What a plan that began in the middle of a run has to wait for.
    pub(super) fn open_note(&self) -> Option<String> {
        let open =
            |key: &&StepKey| self.steps.get(*key).is_some_and(|step| !step.status.is_settled());
        let key = self.order.iter().find(open)?;
        let what = match self.steps.get(key)?.status {
            Status::Asked(_) => "waits for approval",
            Status::Questioned(_) => "waits for an answer",
            Status::Unknown => "has an outcome that is not known",
            _ => "is under way",
        };
        Some(format!("step `{key}` {what}"))
    }

    pub(super) fn parked_note(&self) -> Option<String> {
        let parked = self.steps.values().find(|step| step.status == Status::Parked)?;
        Some(format!("step `{}` {}", self.graph.nodes.get(parked.node)?.id, parked.note))
    }
}
