//! A run as people see it.

use stanch_model::{
    manifest::EffectClass,
    plan::{Evidence, StepKey},
    run::{GraphView, StepState, StepView},
};

use super::{
    Run,
    step::{Status, StepRecord},
};

impl Run {
    /// The steps that were reached, in order.
    #[must_use]
    pub fn step_views(&self) -> Vec<StepView> {
        let view = |step: &StepRecord| {
            let node = self.graph.nodes.get(step.node)?;
            Some(StepView {
                key: step.key.0.clone(),
                id: node.id.clone(),
                kind: node.kind.word().to_owned(),
                title: node.title.clone(),
                state: step.status.shown(),
                input: (*step.input).clone(),
                output: (*step.output).clone(),
                attempts: step.attempts,
                entered_at: Some(step.entered_at),
                ended_at: step.ended_at,
                note: step.note.clone(),
                reasons: step.reasons.clone(),
            })
        };
        self.steps.iter().filter_map(view).collect()
    }

    /// What was read so far, as evidence for what is planned from here.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let answered = |step: &StepRecord| {
            let action =
                step.action.as_ref().filter(|action| action.effect == EffectClass::Read)?;
            let says_something = step.output.as_object().is_some_and(|output| !output.is_empty());
            (step.status == Status::Succeeded && says_something).then(|| Evidence {
                key: step.key.clone(),
                name: action.name.clone(),
                output: (*step.output).clone(),
            })
        };
        self.steps.iter().filter_map(answered).collect()
    }

    /// The picture, with live states; of a step that ran more than once, the last time.
    #[must_use]
    pub fn graph_view(&self) -> GraphView {
        let mut last = vec![None; self.graph.nodes.len()];
        for step in &self.steps {
            if let Some(seen) = last.get_mut(step.node) {
                *seen = Some(step);
            }
        }
        self.graph.view(|node| {
            let index = self.graph.index_of(&node.id);
            let step = index.and_then(|index| last.get(index).copied().flatten());
            let shown = |step: &StepRecord| (step.status.shown(), step.note.clone());
            step.map_or((StepState::Pending, String::new()), shown)
        })
    }

    /// Whether it waits for people or a timer, with nothing else under way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let waits = |step: &StepRecord| {
            matches!(step.status.shown(), StepState::Waiting | StepState::Unknown)
        };
        !self.open.is_empty() && self.opened().all(waits)
    }

    /// The steps whose timer is set, in the order in which the run reached them.
    #[must_use]
    pub fn sleeping(&self) -> Vec<StepKey> {
        let sleeps = |step: &&StepRecord| {
            matches!(step.status, Status::Sleeping(Some(_)) | Status::Retrying(Some(_)))
        };
        self.opened().filter(sleeps).map(|step| step.key.clone()).collect()
    }

    /// The steps that wait for a signal, with its name.
    #[must_use]
    pub fn listening_for(&self) -> Vec<(StepKey, String)> {
        let listens = |step: &&StepRecord| matches!(step.status, Status::Listening(_));
        let name = |step: &StepRecord| {
            let signal = step.input.get("signal").and_then(serde_json::Value::as_str);
            (step.key.clone(), signal.unwrap_or_default().to_owned())
        };
        self.opened().filter(listens).map(name).collect()
    }

    /// What a plan that began in the middle of a run has to wait for.
    pub(super) fn open_note(&self) -> Option<String> {
        let step = self.opened().next()?;
        let what = match step.status {
            Status::Asked(_) => "waits for approval",
            Status::Questioned(_) => "waits for an answer",
            Status::Listening(_) => "waits for a signal",
            Status::Unknown => "has an outcome that is not known",
            _ => "is under way",
        };
        Some(format!("step `{}` {what}", step.key))
    }

    pub(super) fn parked_note(&self) -> Option<String> {
        let parked = self.parked()?;
        Some(format!("step `{}` {}", self.graph.nodes.get(parked.node)?.id, parked.note))
    }
}
