//! Proposals: changes that let the guard through more, and so take more than one person and time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ProposalId, TenantId, Time,
    guard::{Mode, Vote},
    people::Role,
};

/// A change that somebody wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// Whose.
    pub tenant: TenantId,
    /// What would be changed.
    pub what: Proposed,
    /// What that comes to, in plain words.
    pub changes: Vec<String>,
    /// Who wants it: a login name, or `configuration` for a file that was changed.
    pub proposed_by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub proposed_at: Time,
    /// Who said what, whoever proposed it among them.
    pub votes: Vec<Vote>,
    /// How many different people have to want it.
    pub people: u32,
    /// How long it takes from then on until it is in force.
    #[serde(with = "crate::duration::text")]
    #[schema(value_type = String, example = "24h")]
    pub delay: Duration,
    /// Whether fewer people exist than are asked for: then a day at least takes their place.
    pub alone: bool,
    /// Where it stands.
    pub state: ProposalState,
    /// When it lapses if not enough people want it; from then on when it is in force.
    pub due_at: Time,
    /// When it ended, whatever came of it.
    pub ended_at: Option<Time>,
    /// Why it ended, in plain words; empty if it is in force or stands.
    pub note: String,
}

/// What would be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proposed {
    /// The guard's policy.
    Policy {
        /// The policy.
        #[schema(value_type = Object)]
        policy: Value,
        /// SHA-256 of the policy in force when it was proposed: in the place of another it is void.
        base: String,
    },
    /// What somebody may do.
    Role {
        /// Login name.
        person: String,
        /// What they might do.
        from: Role,
        /// What they would do.
        to: Role,
    },
    /// How far a playbook is trusted.
    Mode {
        /// The playbook.
        playbook: String,
        /// The version that it is about.
        digest: String,
        /// How far it was trusted.
        from: Mode,
        /// How far it would be.
        to: Mode,
    },
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProposalState {
    /// More people have to want it.
    Waiting,
    /// Enough want it, and its time has not come.
    Agreed,
    /// In force.
    Applied,
    /// Somebody said no.
    Denied,
    /// It was taken back.
    Cancelled,
    /// Not enough people wanted it in time.
    Lapsed,
    /// What it would change is not as it was any more.
    Void,
}

impl ProposalState {
    /// Whether something can still come of it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Agreed)
    }
}
