//! What is known of one step.

use std::sync::Arc;

use serde_json::Value;
use stanch_model::{
    ApprovalId, RunId, Time,
    guard::Reason,
    plan::{PlannedAction, StepKey},
    run::StepState,
};

/// What is known of one step.
#[derive(Clone, Debug)]
pub(crate) struct StepRecord {
    pub(super) key: StepKey,
    pub(super) node: usize,
    /// The frame in which it was reached.
    pub(super) frame: usize,
    pub(super) status: Status,
    /// What it does to the world, or asks of it.
    pub(super) action: Option<Arc<PlannedAction>>,
    pub(super) input: Arc<Value>,
    pub(super) output: Arc<Value>,
    /// How often its intent was sent.
    pub(super) attempts: u32,
    /// How often it was tried again after it had certainly failed.
    pub(super) retries: u32,
    /// When the timer of a pause, a retry, a signal fires.
    pub(super) due_at: Option<Time>,
    /// Until when it may take, once that counts.
    pub(super) deadline: Option<Time>,
    /// Whether that is over, and what is in flight is only followed to its outcome.
    pub(super) overdue: bool,
    /// Whether what the act returned was too much to be kept.
    pub(super) overflowed: bool,
    /// Whether others are asked for approval because nobody answered.
    pub(super) escalated: bool,
    /// What it holds inside.
    pub(super) group: Option<Box<Group>>,
    pub(super) entered_at: Time,
    pub(super) ended_at: Option<Time>,
    pub(super) note: String,
    pub(super) reasons: Vec<Reason>,
}

impl StepRecord {
    pub(super) fn new(key: StepKey, node: usize, frame: usize, at: Time) -> Self {
        Self {
            key,
            node,
            frame,
            status: Status::Planning,
            action: None,
            input: Arc::default(),
            output: Arc::default(),
            attempts: 0,
            retries: 0,
            due_at: None,
            deadline: None,
            overdue: false,
            overflowed: false,
            escalated: false,
            group: None,
            entered_at: at,
            ended_at: None,
            note: String::new(),
            reasons: Vec::new(),
        }
    }
}

/// What a step holds inside.
#[derive(Clone, Debug)]
pub(super) enum Group {
    /// The branches of a `parallel`, in the order of the text.
    Branches(Vec<Part>),
    /// The turns of a `for_each`.
    Turns {
        /// The elements, one a turn.
        items: Vec<Value>,
        /// The turns that began; at most one for each element.
        parts: Vec<Part>,
    },
    /// A `while`: how many turns began.
    Rounds(usize),
    /// A `try`: what it caught, if it did.
    Try(Option<Caught>),
}

/// One branch, or one turn.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) frame: usize,
    pub(super) state: PartState,
    /// What is kept of a turn.
    pub(super) result: Option<Value>,
}

/// How a branch or turn stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PartState {
    Open,
    Done,
    Failed(String),
}

/// What a `try` caught.
#[derive(Clone, Debug)]
pub(super) struct Caught {
    pub(super) step: StepKey,
    pub(super) why: String,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Reached; the driver has not journaled the plan yet.
    Planning,
    /// A read, or a script that only reads, is out.
    Reading,
    /// The guard is asked.
    Authorising,
    /// People are asked.
    Asked(ApprovalId),
    /// The intent is on disk; the outcome is not known yet.
    Intended,
    /// The outcome is not known, and the target is asked.
    Probing,
    /// The target accepted.
    Accepted,
    /// It certainly failed and is tried again later; the timer is set if there is a moment.
    Retrying(Option<Time>),
    /// Time passes; the timer is set if there is a moment.
    Sleeping(Option<Time>),
    /// A question is out; it is on record if there is a moment.
    Questioned(Option<Time>),
    /// A signal is waited for; it is on record if there is a moment.
    Listening(Option<Time>),
    /// Another playbook is called; its run is under way if there is one.
    Calling(Option<RunId>),
    /// The same, and its run is told to stop.
    CallingOff(RunId),
    /// What it holds inside is under way.
    Inside,
    /// Seen.
    Verified,
    /// Done.
    Succeeded,
    /// Recorded only.
    Simulated,
    /// Depends on the outcome of an act that was only recorded.
    Parked,
    /// Did not work.
    Failed,
    /// The guard or a person said no, or what it is part of ended first.
    Refused,
    /// Work for a person.
    Unknown,
}

impl Status {
    /// Whether nothing more will come of it without a person.
    pub(super) const fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Verified
                | Self::Succeeded
                | Self::Simulated
                | Self::Parked
                | Self::Failed
                | Self::Refused
        )
    }

    /// Whether something is out that cannot be called back.
    pub(super) const fn in_flight(&self) -> bool {
        matches!(
            self,
            Self::Reading
                | Self::Intended
                | Self::Probing
                | Self::Accepted
                | Self::Unknown
                | Self::Calling(Some(_))
                | Self::CallingOff(_)
        )
    }

    pub(super) const fn shown(&self) -> StepState {
        match self {
            Self::Planning
            | Self::Reading
            | Self::Authorising
            | Self::Intended
            | Self::Probing
            | Self::Inside
            | Self::Calling(None) => StepState::Intended,
            Self::Asked(_)
            | Self::Retrying(_)
            | Self::Sleeping(_)
            | Self::Questioned(_)
            | Self::Listening(_)
            | Self::Calling(Some(_))
            | Self::CallingOff(_) => StepState::Waiting,
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
