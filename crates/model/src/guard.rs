//! What the guard decides, and the modes and approvals it decides about.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{ApprovalId, IncidentId, RunId, TenantId, Time, plan::Plan};

/// How far a playbook is trusted.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Plans on live alerts, acts on none.
    Shadow,
    /// Every action asks.
    #[default]
    Assist,
    /// The guard decides.
    Auto,
}

impl Mode {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Assist => "assist",
            Self::Auto => "auto",
        }
    }
}

/// Why the guard decided as it did: the rule that spoke and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// The guard rule: `mode`, `kill_switch`, `protected`, `shared_infrastructure`, `budget`, …
    pub rule: String,
    /// In plain words.
    pub text: String,
}

/// What approval is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApprovalTerms {
    /// How many people have to say yes.
    pub count: u32,
    /// Whether who requested the run may answer.
    pub not_requester: bool,
    /// How long the question stands.
    #[serde(with = "crate::duration::text")]
    #[schema(value_type = String, example = "1h")]
    pub within: Duration,
}

/// The guard's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Decision {
    /// Go on.
    Allow {
        /// What was considered.
        reasons: Vec<Reason>,
    },
    /// Ask people first.
    Ask {
        /// What is asked for.
        terms: ApprovalTerms,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Do not act.
    Refuse {
        /// Why.
        reasons: Vec<Reason>,
    },
}

impl Decision {
    /// The reasons, whatever the verdict.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Allow { reasons } | Self::Ask { reasons, .. } | Self::Refuse { reasons } => {
                reasons
            }
        }
    }
}

/// A counter that an intent must fit into: at most `limit` intents of `class` in `window`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// What is counted: `edr.isolate_host`, or `edr.isolate_host@playbook:NAME`.
    pub class: String,
    /// The sliding window.
    #[serde(with = "crate::duration::text")]
    pub window: Duration,
    /// How many fit.
    pub limit: u32,
}

/// Where a question to people stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalState {
    /// Nobody has decided.
    Waiting,
    /// Enough said yes.
    Approved,
    /// Somebody said no.
    Denied,
    /// The time ran out.
    Expired,
    /// The plan changed, or the run ended.
    Void,
}

/// One person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Vote {
    /// Who: a user's or token's name.
    pub by: String,
    /// Yes or no.
    pub approve: bool,
    /// Why; mandatory on no.
    pub reason: String,
    /// When.
    pub at: Time,
}

/// A question to people about one plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Whose.
    pub tenant: TenantId,
    /// The run that waits.
    pub run: RunId,
    /// The incident it is for.
    pub incident: Option<IncidentId>,
    /// The playbook.
    pub playbook: String,
    /// What would be done.
    pub plan: Plan,
    /// What a yes binds to.
    pub plan_hash: String,
    /// Who started the run: a name, or `rule TITLE` for a trigger.
    pub requested_by: String,
    /// What is asked for.
    pub terms: ApprovalTerms,
    /// Why the guard asks, per step key.
    pub reasons: BTreeMap<String, Vec<Reason>>,
    /// What it would touch.
    pub blast_radius: BlastRadius,
    /// Where it stands.
    pub state: ApprovalState,
    /// Who said what.
    pub votes: Vec<Vote>,
    /// When it was asked.
    pub asked_at: Time,
    /// When it lapses.
    pub expires_at: Time,
}

/// What a plan would touch, counted from facts that the engine holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BlastRadius {
    /// Hosts acted on.
    pub hosts: Vec<String>,
    /// Accounts acted on.
    pub users: Vec<String>,
    /// Addresses acted on.
    pub addresses: Vec<String>,
    /// How many acts can be undone.
    pub reversible: u32,
    /// How many cannot.
    pub irreversible: u32,
    /// Other open incidents in which a target occurs.
    pub other_incidents: u32,
    /// Alerts in the last 24 h in which a target occurs.
    pub alerts_24h: u32,
}
