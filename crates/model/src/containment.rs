//! The containment ledger: every live reversible act, with prior state, undo and expiry.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ContainmentId, IncidentId, Observable, RunId, TenantId, Time, plan::PlannedAction};

/// Where a containment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContainmentState {
    /// The intent is on disk; the outcome is not known yet.
    Intended,
    /// The target accepted; the effect was not seen yet.
    Accepted,
    /// The effect was seen.
    Verified,
    /// The target accepted, but the effect was not seen in time: work for a person.
    Unverified,
    /// Whether it happened could not be found out: work for a person.
    Unknown,
    /// It did not happen.
    Failed,
    /// Being taken back.
    Undoing,
    /// Taken back, and seen to be gone.
    Undone,
    /// Taking it back failed: work for a person.
    UndoFailed,
}

impl ContainmentState {
    /// Whether the target may still be contained.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Failed | Self::Undone)
    }
}

/// In what way a target differs from the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// The ledger says contained, the target shows nothing: somebody else lifted it.
    Missing,
    /// The ledger says undone, the target still shows the effect.
    StillThere,
    /// The target could not be asked.
    Unreadable,
}

/// A difference between ledger and target, as the reconciler found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Drift {
    /// In what way.
    pub kind: DriftKind,
    /// Since when it has been seen.
    pub since: Time,
    /// In plain words.
    pub note: String,
}

/// One act in the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Containment {
    /// Its id.
    pub id: ContainmentId,
    /// Whose.
    pub tenant: TenantId,
    /// The run that acted.
    pub run: RunId,
    /// The incident it was for.
    pub incident: Option<IncidentId>,
    /// What was done.
    pub action: PlannedAction,
    /// What it acts on.
    pub target: Observable,
    /// Whether the effect was there before we acted; then undo leaves it.
    pub prior: bool,
    /// What the target returned.
    #[schema(value_type = Object)]
    pub output: Value,
    /// Where it stands.
    pub state: ContainmentState,
    /// In plain words, why it stands so.
    pub note: String,
    /// Who let it happen: an approval, or the guard in mode auto.
    pub authorised_by: String,
    /// When the intent was written.
    pub intended_at: Time,
    /// When the effect was seen.
    pub verified_at: Option<Time>,
    /// When it is lifted by itself.
    pub expires_at: Option<Time>,
    /// When it was seen to be gone.
    pub undone_at: Option<Time>,
    /// Who asked for the undo: a name, or `expiry`.
    pub undone_by: Option<String>,
    /// How often it came back at the target after it was undone, and was undone once more.
    #[serde(default)]
    pub came_back: u32,
    /// When the reconciler last asked the target.
    #[serde(default)]
    pub checked_at: Option<Time>,
    /// How the target differed from the ledger then.
    #[serde(default)]
    pub drift: Option<Drift>,
}

/// Who takes back what is due: the clock.
pub const EXPIRY: &str = "expiry";

impl Containment {
    /// Whether a person asked for the undo; what the clock took back is no mishap.
    #[must_use]
    pub fn is_taken_back(&self) -> bool {
        self.undone_by.as_deref().is_some_and(|by| by != EXPIRY)
    }
}
