//! What a run's journal holds, and what a run asks its driver to do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stanch_model::{
    ApprovalId, Time,
    guard::{ApprovalState, Decision},
    plan::{PlannedAction, StepKey},
    run::RunState,
};

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
    /// A person stopped the run.
    Cancelled {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Nothing more will happen.
    Ended {
        /// How it ended.
        state: RunState,
        /// Why.
        note: String,
    },
}

impl RunEvent {
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
            Self::Verified { .. } => "verified",
            Self::Unverified { .. } => "unverified",
            Self::Failed { .. } => "failed",
            Self::Unsure { .. } => "unsure",
            Self::Probed { .. } => "probed",
            Self::Unresolved { .. } => "unresolved",
            Self::Resolved { .. } => "resolved",
            Self::TimerSet { .. } => "timer_set",
            Self::TimerFired { .. } => "timer_fired",
            Self::QuestionAsked { .. } => "question_asked",
            Self::QuestionAnswered { .. } => "question_answered",
            Self::Cancelled { .. } => "cancelled",
            Self::Ended { .. } => "ended",
        }
    }
}

/// What a run asks its driver to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Journal the plan of a step.
    Plan {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Ask a target something.
    Read {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
        /// Whether plan and shadow leave it out (it discloses, or writes into our own books).
        live_only: bool,
    },
    /// Ask the guard, then people or nobody, then commit the intent.
    Authorise {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Act. The intent is on disk.
    Act {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Find out whether an act happened.
    Probe {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Ask the target until the effect is seen.
    Verify {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
        /// What the act returned.
        output: Value,
    },
    /// Set a timer.
    Sleep {
        /// The step.
        key: StepKey,
        /// How long.
        duration: Duration,
    },
    /// Put a question to people.
    Ask {
        /// The step.
        key: StepKey,
        /// The question.
        text: String,
        /// The answers.
        options: Vec<String>,
        /// How long it stands.
        within: Duration,
        /// The answer if nobody answers.
        otherwise: String,
    },
    /// Journal the end.
    End {
        /// How.
        state: RunState,
        /// Why.
        note: String,
    },
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
