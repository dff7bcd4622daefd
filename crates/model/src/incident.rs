//! Incidents: what people work on.

use serde::{Deserialize, Serialize};

use crate::{AlertId, IncidentId, Observable, Severity, TenantId, Time};

/// Where the work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    /// Nobody has looked.
    New,
    /// A person has looked.
    Acknowledged,
    /// At least one containment is verified.
    Contained,
    /// Ended, with a disposition.
    Closed,
}

/// The analyst's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It was an attack.
    TruePositive,
    /// The rule was right and the cause harmless.
    BenignTrigger,
    /// The rule was wrong.
    FalsePositive,
    /// Another incident tells it already.
    Duplicate,
}

/// What people work on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// From the first alert.
    pub title: String,
    /// The highest of its alerts.
    pub severity: Severity,
    /// Where the work stands.
    pub status: IncidentStatus,
    /// The verdict; set on closing.
    pub disposition: Option<Disposition>,
    /// ATT&CK technique ids of its alerts.
    pub techniques: Vec<String>,
    /// Values seen in its alerts.
    pub observables: Vec<Observable>,
    /// The entities that alerts were grouped by (`host:ws-01`, `ip:203.0.113.7`).
    pub entities: Vec<String>,
    /// How many alerts it holds.
    pub alert_count: u64,
    /// Its alerts, the first ones up to [`ALERTS_MAX`].
    pub alerts: Vec<AlertId>,
    /// Who works on it: the first person who took, opened or decided anything of it.
    pub owner: Option<String>,
    /// When the earliest event happened.
    pub occurred_at: Time,
    /// When the first alert was raised.
    pub detected_at: Time,
    /// When a person first opened, decided or took it.
    pub acknowledged_at: Option<Time>,
    /// When the first containment was verified.
    pub contained_at: Option<Time>,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// When anything last changed.
    pub updated_at: Time,
}

/// How many alerts one incident takes; the next one opens a new incident that links to it.
pub const ALERTS_MAX: usize = 500;

/// One line of an incident's timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimelineEntry {
    /// When.
    pub at: Time,
    /// `alert`, `run`, `approval`, `action`, `containment`, `comment`, `status`.
    pub kind: String,
    /// Who: a person's name, `playbook NAME`, `rule NAME`, `guard`.
    pub actor: String,
    /// What happened, in plain words.
    pub text: String,
    /// Id of the thing it is about.
    pub subject: Option<String>,
}
