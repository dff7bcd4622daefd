//! What can happen to a run where it stands; everything else is refused before anything changes.

use stanch_model::{
    guard::ApprovalState,
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
};

use super::{IllegalEvent, Run, RunEvent, Status, StepRecord};
use crate::graph::NodeKind;

/// Whether an event fits a step that stands so.
type Fits = fn(&Status) -> bool;

impl Run {
    /// Refuses what cannot happen here.
    pub(super) fn admit(&self, event: &RunEvent) -> Result<(), IllegalEvent> {
        let why = match (&self.ended, self.started, event) {
            (Some(_), _, _) => Some("the run has ended".to_owned()),
            (None, true, RunEvent::Started { .. }) => Some("the run has started".to_owned()),
            (None, false, RunEvent::Started { .. }) => None,
            (None, false, _) => Some("the run has not started".to_owned()),
            (None, true, _) => match fits(event) {
                Some((key, fits)) => self.refuse_step(key, fits, event),
                None => self.refuse_whole(event),
            },
        };
        why.map_or(Ok(()), |why| Err(IllegalEvent { event: event.word(), why }))
    }

    /// Why an event about the whole run cannot happen.
    fn refuse_whole(&self, event: &RunEvent) -> Option<String> {
        match event {
            RunEvent::Answered { approval, .. } if !self.asked().contains(approval) => {
                Some(format!("no step waits for {approval}"))
            }
            RunEvent::Answered { state: ApprovalState::Waiting, approval, .. } => {
                Some(format!("{approval} is not answered"))
            }
            RunEvent::Cancelled { .. } if self.ending.is_some() => {
                Some("the run is ending already".to_owned())
            }
            RunEvent::Ended { state, .. } => match self.end() {
                None => Some("steps are still under way".to_owned()),
                Some((due, _)) if due != *state => Some(format!("the run ends as {due:?}")),
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// Why an event about one step cannot happen.
    fn refuse_step(&self, key: &StepKey, fits: Fits, event: &RunEvent) -> Option<String> {
        let Some(step) = self.steps.get(key) else {
            return Some(format!("step `{key}` was not reached"));
        };
        if !fits(&step.status) {
            return Some(format!("step `{key}` is {:?}", step.status));
        }
        match event {
            RunEvent::Planned { action, .. } => refuse_plan(key, step, action),
            RunEvent::QuestionAnswered { answer, .. } => {
                let node = self.graph.nodes.get(step.node).map(|node| &node.kind);
                let known = matches!(node, Some(NodeKind::Ask { options, .. })
                    if options.contains(answer));
                (!known).then(|| format!("step `{key}` has no option `{answer}`"))
            }
            _ => None,
        }
    }
}

/// A plan is made once. It may be made anew until the intent is on disk, if it differs; approvals
/// bind to the action's fingerprint, so those of the old plan do not cover the new one.
fn refuse_plan(key: &StepKey, step: &StepRecord, action: &PlannedAction) -> Option<String> {
    if action.key != *key {
        return Some(format!("step `{key}` cannot take the action of `{}`", action.key));
    }
    if step.status == Status::Planning {
        return None;
    }
    if step.action.as_ref() == Some(action) {
        return Some(format!("step `{key}` has this plan already"));
    }
    (action.effect == EffectClass::Read).then(|| format!("step `{key}` is an act, not a read"))
}

/// The step that an event is about, and where it must stand.
fn fits(event: &RunEvent) -> Option<(&StepKey, Fits)> {
    use RunEvent as E;
    use Status as S;
    Some(match event {
        E::Started { .. } | E::Answered { .. } | E::Cancelled { .. } | E::Ended { .. } => {
            return None;
        }
        E::Planned { key, .. } => (key, |s| matches!(s, S::Planning | S::Authorising)),
        E::Simulated { key } => (key, |s| matches!(s, S::Reading | S::Authorising)),
        E::Read { key, .. } => (key, |s| *s == S::Reading),
        E::Decided { key, .. } | E::Asked { key, .. } | E::Intended { key } => {
            (key, |s| *s == S::Authorising)
        }
        E::Accepted { key, .. } | E::Unsure { key, .. } => (key, |s| *s == S::Intended),
        // After a crash the target is asked about an intent of which nothing else is on record.
        E::Probed { key, .. } | E::Unresolved { key, .. } => {
            (key, |s| matches!(s, S::Intended | S::Probing))
        }
        E::Verified { key } | E::Unverified { key, .. } => (key, |s| *s == S::Accepted),
        E::Failed { key, .. } => {
            (key, |s| matches!(s, S::Planning | S::Reading | S::Authorising | S::Intended))
        }
        E::Resolved { key, .. } => (key, |s| *s == S::Unknown),
        E::TimerSet { key, .. } => (key, |s| *s == S::Sleeping(None)),
        E::TimerFired { key } => (key, |s| matches!(s, S::Sleeping(_))),
        E::QuestionAsked { key, .. } => (key, |s| *s == S::Questioned(None)),
        E::QuestionAnswered { key, .. } => (key, |s| matches!(s, S::Questioned(_))),
    })
}
