//! What can happen to a run where it stands; everything else is refused before anything changes.

use stanch_model::{
    guard::ApprovalState,
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
};

use super::{
    IllegalEvent, Run, RunEvent,
    step::{Status, StepRecord},
};
use crate::graph::{NodeKind, Question};

/// Whether an event fits a step that stands so.
type Fits = fn(&Status) -> bool;

impl Run {
    /// Whether this can happen here.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn admits(&self, event: &RunEvent) -> Result<(), IllegalEvent> {
        let why = match (&self.ended, self.started(), event) {
            (Some(_), _, _) => Some("the run has ended".to_owned()),
            (None, true, RunEvent::Started { .. }) => Some("the run has started".to_owned()),
            (None, false, RunEvent::Started { .. }) => None,
            (None, false, _) => Some("the run has not started".to_owned()),
            (None, true, _) => match (event.key(), fits(event)) {
                (Some(key), Some(fits)) => self.refuse_step(key, fits, event),
                _ => self.refuse_whole(event),
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
            RunEvent::Cancelled { .. } | RunEvent::OutOfTime if self.ending.is_some() => {
                Some("the run is ending already".to_owned())
            }
            RunEvent::Ended { state, .. } => match &self.due {
                None => Some("steps are still under way".to_owned()),
                Some((due, _)) if due != state => Some(format!("the run ends as {due:?}")),
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// Why an event about one step cannot happen.
    fn refuse_step(&self, key: &StepKey, fits: Fits, event: &RunEvent) -> Option<String> {
        let Some(step) = self.step(key) else {
            return Some(format!("step `{key}` was not reached"));
        };
        if !fits(&step.status) {
            return Some(format!("step `{key}` is {:?}", step.status));
        }
        match event {
            RunEvent::Planned { action, .. } => refuse_plan(key, step, action),
            RunEvent::TimedOut { .. } if step.deadline.is_none() => {
                Some(format!("step `{key}` has no time that could run out"))
            }
            RunEvent::ChildEnded { state, .. } if !state.is_final() => {
                Some(format!("the run that step `{key}` called has not ended"))
            }
            RunEvent::QuestionAnswered { .. }
            | RunEvent::FormAnswered { .. }
            | RunEvent::FormLapsed { .. } => {
                let node = self.graph.nodes.get(step.node).map(|node| &node.kind);
                refuse_answer(key, node, event)
            }
            _ => None,
        }
    }
}

fn refuse_answer(key: &StepKey, node: Option<&NodeKind>, event: &RunEvent) -> Option<String> {
    let Some(NodeKind::Ask { ask, .. }) = node else {
        return Some(format!("step `{key}` asks nothing"));
    };
    match (event, &ask.question) {
        (RunEvent::QuestionAnswered { answer, .. }, Question::Decision { options, .. }) => {
            (!options.contains(answer)).then(|| format!("step `{key}` has no option `{answer}`"))
        }
        (RunEvent::FormAnswered { values, .. }, Question::Form(form)) => {
            let why = form.shape.misfit(&serde_json::Value::Object(values.clone()));
            why.map(|why| format!("that does not fit the form of step `{key}`: {why}"))
        }
        (RunEvent::FormLapsed { .. }, Question::Form(_)) => None,
        (_, Question::Decision { .. }) => Some(format!("step `{key}` has no form")),
        (_, Question::Form(_)) => Some(format!("step `{key}` is a form")),
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
    if step.action.as_deref() == Some(action) {
        return Some(format!("step `{key}` has this plan already"));
    }
    (action.effect == EffectClass::Read).then(|| format!("step `{key}` is an act, not a read"))
}

/// Where the step that an event is about must stand.
fn fits(event: &RunEvent) -> Option<Fits> {
    use RunEvent as E;
    use Status as S;
    Some(match event {
        E::Started { .. }
        | E::Answered { .. }
        | E::Cancelled { .. }
        | E::OutOfTime
        | E::Ended { .. } => return None,
        E::Planned { .. } => |s| matches!(s, S::Planning | S::Authorising),
        E::Simulated { .. } => |s| matches!(s, S::Reading | S::Authorising | S::Calling(None)),
        E::Read { .. } => |s| *s == S::Reading,
        E::Decided { .. } | E::Asked { .. } | E::Intended { .. } => |s| *s == S::Authorising,
        E::Accepted { .. } | E::Unsure { .. } | E::Stopped { .. } => |s| *s == S::Intended,
        E::Overflowed { .. } => |s| matches!(s, S::Intended | S::Probing),
        // After a crash the target is asked about an intent of which nothing else is on record.
        E::Probed { .. } | E::Found { .. } | E::Unresolved { .. } => {
            |s| matches!(s, S::Intended | S::Probing)
        }
        E::Verified { .. } | E::Unverified { .. } => |s| *s == S::Accepted,
        E::Failed { .. } => |s| {
            let begun = matches!(s, S::Planning | S::Reading | S::Authorising | S::Intended);
            begun || *s == S::Calling(None)
        },
        E::TimedOut { .. } => |s| !s.is_settled(),
        E::Resolved { .. } => |s| *s == S::Unknown,
        E::TimerSet { .. } => |s| matches!(s, S::Sleeping(None) | S::Retrying(None)),
        E::TimerFired { .. } => |s| matches!(s, S::Sleeping(_) | S::Retrying(_) | S::Listening(_)),
        E::QuestionAsked { .. } => |s| *s == S::Questioned(None),
        E::QuestionAnswered { .. } | E::FormAnswered { .. } | E::FormLapsed { .. } => {
            |s| matches!(s, S::Questioned(_))
        }
        E::Listening { .. } => |s| *s == S::Listening(None),
        E::Signalled { .. } => |s| matches!(s, S::Listening(_)),
        E::ChildStarted { .. } => |s| *s == S::Calling(None),
        E::ChildEnded { .. } => |s| matches!(s, S::Calling(Some(_)) | S::CallingOff(_)),
    })
}
