//! Runs as everybody sees them; the machine itself is in `playbook`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AlertId, IncidentId, RunId, TenantId, Time, guard::Mode};

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
