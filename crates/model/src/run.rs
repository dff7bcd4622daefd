//! Runs as everybody sees them; the machine itself is in `playbook`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AlertId, IncidentId, RunId, TenantId, Time,
    guard::{Mode, Reason},
};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Something is under way.
    Running,
    /// It waits for people or a timer.
    Waiting,
    /// It ended as written.
    Succeeded,
    /// A step failed and nothing caught it.
    Failed,
    /// The guard or a person refused.
    Refused,
    /// A person stopped it.
    Cancelled,
}

impl RunState {
    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Refused | Self::Cancelled)
    }
}

/// The head of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunHead {
    /// Its id.
    pub id: RunId,
    /// Whose.
    pub tenant: TenantId,
    /// The playbook.
    pub playbook: String,
    /// SHA-256 of the playbook's text.
    pub playbook_digest: String,
    /// How far the playbook was trusted when the run started.
    pub mode: Mode,
    /// The incident it is for.
    pub incident: Option<IncidentId>,
    /// The alert that started it.
    pub alert: Option<AlertId>,
    /// Who started it: a name, or `rule TITLE`.
    pub requested_by: String,
    /// Where it stands.
    pub state: RunState,
    /// In plain words, why it stands so.
    pub note: String,
    /// When it started.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
}

impl RunHead {
    /// Whether a person started it, or a token, rather than a trigger.
    #[must_use]
    pub fn is_by_person(&self) -> bool {
        !self.requested_by.starts_with(BY_TRIGGER)
    }
}

/// What the name of a trigger begins with where it stands for whoever started a run; no person's name does.
pub const BY_TRIGGER: &str = "rule ";

/// One record of a run's journal. `payload` is the machine's event, versioned by `v`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JournalEntry {
    /// The run.
    pub run: RunId,
    /// Number in the run, from 0, without gaps.
    pub sequence: u64,
    /// When it was written.
    pub at: Time,
    /// Version of the payload's shape.
    pub v: u16,
    /// The event.
    #[schema(value_type = Object)]
    pub payload: Value,
}

/// Version of payloads that this build writes.
pub const JOURNAL_VERSION: u16 = 1;

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not reached.
    Pending,
    /// Recorded only: the run plans or shadows, or the outcome it depends on is not known.
    Planned,
    /// Waits for people or a timer.
    Waiting,
    /// Under way; for an act, the intent is on disk.
    Intended,
    /// The target accepted; the effect was not seen yet.
    Accepted,
    /// The effect was seen.
    Verified,
    /// Done; nothing to verify.
    Succeeded,
    /// Did not work.
    Failed,
    /// The guard or a person said no.
    Refused,
    /// Whether it happened is not known: work for a person.
    Unknown,
}

/// One step of a run, as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepView {
    /// Where in the run.
    pub key: String,
    /// The step's id in the playbook.
    pub id: String,
    /// `do`, `if`, …
    pub kind: String,
    /// In plain words.
    pub title: String,
    /// Where it stands.
    pub state: StepState,
    /// What it was given.
    #[schema(value_type = Object)]
    pub input: Value,
    /// What came back.
    #[schema(value_type = Object)]
    pub output: Value,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was reached.
    pub entered_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// In plain words, why it stands so.
    pub note: String,
    /// What the guard considered.
    pub reasons: Vec<Reason>,
}

/// A playbook as a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraphView {
    /// The steps, and `start`.
    pub nodes: Vec<NodeView>,
    /// What follows what.
    pub edges: Vec<EdgeView>,
}

/// One node of the picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NodeView {
    /// The step's id; `start` for the entry.
    pub id: String,
    /// `do`, `if`, …
    pub kind: String,
    /// In plain words.
    pub title: String,
    /// Line in the playbook, from 1.
    pub line: u32,
    /// Where it stands; `pending` in a playbook that does not run.
    pub state: StepState,
    /// In plain words, why it stands so.
    pub note: String,
}

/// One arrow of the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EdgeView {
    /// Node id.
    pub from: String,
    /// Node id.
    pub to: String,
    /// `yes`, `no`, or empty.
    pub label: String,
}

/// A run with everything that can be seen of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunView {
    /// The head.
    pub head: RunHead,
    /// The playbook's title.
    pub title: String,
    /// The picture, with live states.
    pub graph: GraphView,
    /// The steps that were reached, in order.
    pub steps: Vec<StepView>,
    /// The journal.
    pub journal: Vec<JournalEntry>,
}
