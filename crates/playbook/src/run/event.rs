//! What a run's journal holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stanch_model::{
    ApprovalId, RunId, Time,
    guard::{ApprovalState, Decision},
    plan::{PlannedAction, StepKey},
    run::RunState,
};

/// What a run begins with, beside its alert and incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Beginning {
    /// What started it if that was no alert: the name in scope (`finding`, `mail`, `webhook`), and the
    /// value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<(String, Value)>,
    /// `inputs`: those that are given, and the defaults of the others.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// The step that called it: what its own steps' keys begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<StepKey>,
    /// Fingerprints of the acts that people approved with the caller's plan, and how many people did.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub approved: BTreeMap<String, u32>,
    /// SHA-256 of the texts of the called playbooks that those people saw, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
}

impl Beginning {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// One thing that happened to a run: the payload of a journal entry, version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// The run began, with this alert and incident.
    Started {
        /// `Alert::context`, or an empty object.
        alert: Value,
        /// `id`, `title`, `severity`.
        incident: Value,
        /// What else it began with.
        #[serde(default, skip_serializing_if = "Beginning::is_plain")]
        with: Box<Beginning>,
    },
    /// A step's action was resolved.
    Planned {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// The act or read was not made, because the run plans or shadows.
    Simulated {
        /// The step.
        key: StepKey,
    },
    /// A read was answered.
    Read {
        /// The step.
        key: StepKey,
        /// The answer.
        output: Value,
    },
    /// The guard decided.
    Decided {
        /// The step.
        key: StepKey,
        /// Its decision.
        decision: Decision,
    },
    /// People are asked about a plan that covers this step.
    Asked {
        /// The step.
        key: StepKey,
        /// The question.
        approval: ApprovalId,
        /// What a yes binds to.
        plan_hash: String,
    },
    /// People decided, or the question lapsed.
    Answered {
        /// The question.
        approval: ApprovalId,
        /// How.
        state: ApprovalState,
        /// Who.
        by: String,
        /// How many different people said yes.
        people: u32,
        /// Fingerprints of the actions that a yes covers.
        fingerprints: Vec<String>,
    },
    /// The intent to act is on disk. The act follows.
    Intended {
        /// The step.
        key: StepKey,
    },
    /// The target accepted.
    Accepted {
        /// The step.
        key: StepKey,
        /// What it returned.
        output: Value,
    },
    /// The target accepted, and what it returned is more than [`super::OUTPUT_BYTES_MAX`]: it is not kept.
    Overflowed {
        /// The step.
        key: StepKey,
        /// How much it was.
        bytes: u64,
    },
    /// The effect was seen.
    Verified {
        /// The step.
        key: StepKey,
    },
    /// The target accepted, but the effect was not seen in time.
    Unverified {
        /// The step.
        key: StepKey,
        /// What was seen instead.
        why: String,
    },
    /// It certainly did not happen.
    Failed {
        /// The step.
        key: StepKey,
        /// Why.
        why: String,
    },
    /// It was not sent: the kill switch was engaged.
    Stopped {
        /// The step.
        key: StepKey,
        /// Why.
        why: String,
    },
    /// The step took longer than it may.
    TimedOut {
        /// The step.
        key: StepKey,
    },
    /// Whether it happened is not known; the target will be asked.
    Unsure {
        /// The step.
        key: StepKey,
        /// Why.
        why: String,
    },
    /// The target was asked.
    Probed {
        /// The step.
        key: StepKey,
        /// Whether the effect is there.
        present: bool,
    },
    /// The target was asked, and the effect is there.
    Found {
        /// The step.
        key: StepKey,
        /// What could be read of what the act returned.
        output: Value,
    },
    /// The target could not be asked: work for a person.
    Unresolved {
        /// The step.
        key: StepKey,
        /// Why.
        why: String,
    },
    /// A person found out.
    Resolved {
        /// The step.
        key: StepKey,
        /// Whether it happened.
        happened: bool,
        /// Who found out.
        by: String,
    },
    /// A timer was set.
    TimerSet {
        /// The step.
        key: StepKey,
        /// When it fires.
        due_at: Time,
    },
    /// A timer fired.
    TimerFired {
        /// The step.
        key: StepKey,
    },
    /// A question was put to people.
    QuestionAsked {
        /// The step.
        key: StepKey,
        /// When it lapses.
        due_at: Time,
    },
    /// A person, or the lapse of time, answered.
    QuestionAnswered {
        /// The step.
        key: StepKey,
        /// One of the options.
        answer: String,
        /// Who; `expiry` if nobody did.
        by: String,
    },
    /// People were asked to fill in a form, and did.
    FormAnswered {
        /// The step.
        key: StepKey,
        /// A value for each field.
        values: Map<String, Value>,
        /// Who.
        by: String,
    },
    /// Nobody filled in a form in time.
    FormLapsed {
        /// The step.
        key: StepKey,
    },
    /// A signal is waited for.
    Listening {
        /// The step.
        key: StepKey,
        /// When it lapses.
        due_at: Time,
    },
    /// The signal came.
    Signalled {
        /// The step.
        key: StepKey,
        /// What came with it.
        data: Map<String, Value>,
        /// Who sent it.
        by: String,
    },
    /// Another playbook was called.
    ChildStarted {
        /// The step.
        key: StepKey,
        /// Its run.
        run: RunId,
        /// SHA-256 of the text of the version that runs.
        digest: String,
    },
    /// The run of a called playbook ended.
    ChildEnded {
        /// The step.
        key: StepKey,
        /// How.
        state: RunState,
        /// Why.
        note: String,
        /// What it gives back.
        outputs: Map<String, Value>,
        /// Whether something in it was only recorded; then what it gives back is not known.
        recorded: bool,
    },
    /// A person stopped the run.
    Cancelled {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// The run took longer than it may.
    OutOfTime,
    /// Nothing more will happen.
    Ended {
        /// How it ended.
        state: RunState,
        /// Why.
        note: String,
    },
}

impl RunEvent {
    /// The beginning of a run that an alert or nothing at all started.
    #[must_use]
    pub fn started(alert: Value, incident: Value) -> Self {
        Self::Started { alert, incident, with: Box::default() }
    }

    /// The same as it may be journaled: what is more than [`super::OUTPUT_BYTES_MAX`] is not kept, and the
    /// step fails.
    #[must_use]
    pub fn bounded(self) -> Self {
        let (key, output) = match &self {
            Self::Read { key, output } | Self::Accepted { key, output } => (key.clone(), output),
            Self::Found { key, output } => (key.clone(), output),
            _ => return self,
        };
        if !super::is_too_large(output) {
            return self;
        }
        match self {
            Self::Read { .. } => Self::Failed { key, why: super::too_large("its output") },
            _ => Self::Overflowed { key, bytes: super::size(output) },
        }
    }

    /// The step that it is about; none for those about the whole run.
    #[must_use]
    pub const fn key(&self) -> Option<&StepKey> {
        match self {
            Self::Planned { key, .. }
            | Self::Simulated { key }
            | Self::Read { key, .. }
            | Self::Decided { key, .. }
            | Self::Asked { key, .. }
            | Self::Intended { key }
            | Self::Accepted { key, .. }
            | Self::Overflowed { key, .. }
            | Self::Verified { key }
            | Self::Unverified { key, .. }
            | Self::Failed { key, .. }
            | Self::Stopped { key, .. }
            | Self::TimedOut { key }
            | Self::Unsure { key, .. }
            | Self::Probed { key, .. }
            | Self::Found { key, .. }
            | Self::Unresolved { key, .. }
            | Self::Resolved { key, .. }
            | Self::TimerSet { key, .. }
            | Self::TimerFired { key }
            | Self::QuestionAsked { key, .. }
            | Self::QuestionAnswered { key, .. }
            | Self::FormAnswered { key, .. }
            | Self::FormLapsed { key }
            | Self::Listening { key, .. }
            | Self::Signalled { key, .. }
            | Self::ChildStarted { key, .. }
            | Self::ChildEnded { key, .. } => Some(key),
            Self::Started { .. }
            | Self::Answered { .. }
            | Self::Cancelled { .. }
            | Self::OutOfTime
            | Self::Ended { .. } => None,
        }
    }

    /// The word it is journaled under.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Planned { .. } => "planned",
            Self::Simulated { .. } => "simulated",
            Self::Read { .. } => "read",
            Self::Decided { .. } => "decided",
            Self::Asked { .. } => "asked",
            Self::Answered { .. } => "answered",
            Self::Intended { .. } => "intended",
            Self::Accepted { .. } => "accepted",
            Self::Overflowed { .. } => "overflowed",
            Self::Verified { .. } => "verified",
            Self::Unverified { .. } => "unverified",
            Self::Failed { .. } => "failed",
            Self::Unsure { .. } => "unsure",
            Self::Stopped { .. } => "stopped",
            Self::TimedOut { .. } => "timed_out",
            Self::Probed { .. } => "probed",
            Self::Found { .. } => "found",
            Self::Unresolved { .. } => "unresolved",
            Self::Resolved { .. } => "resolved",
            Self::TimerSet { .. } => "timer_set",
            Self::TimerFired { .. } => "timer_fired",
            Self::QuestionAsked { .. } => "question_asked",
            Self::QuestionAnswered { .. } => "question_answered",
            Self::FormAnswered { .. } => "form_answered",
            Self::FormLapsed { .. } => "form_lapsed",
            Self::Listening { .. } => "listening",
            Self::Signalled { .. } => "signalled",
            Self::ChildStarted { .. } => "child_started",
            Self::ChildEnded { .. } => "child_ended",
            Self::Cancelled { .. } => "cancelled",
            Self::OutOfTime => "out_of_time",
            Self::Ended { .. } => "ended",
        }
    }
}

/// An event that cannot happen where the run stands: a bug of the driver, or a damaged journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event `{event}` is illegal here: {why}")]
pub struct IllegalEvent {
    /// The event's word.
    pub event: &'static str,
    /// Where the run stands instead.
    pub why: String,
}
