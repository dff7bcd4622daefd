//! What is known of one incident.

use serde::{Deserialize, Serialize};
use stanch_model::{Incident, Severity, Time, incident::Disposition};

/// The moments of one incident, and how it was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
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
    /// How bad it is.
    pub severity: Severity,
    /// The verdict, once closed.
    pub disposition: Option<Disposition>,
    /// How many alerts it holds.
    pub alerts: u64,
    /// Whether it was contained without a person's approval.
    pub automated: bool,
}

impl Fact {
    /// The fact of an incident; `automated` as the ledger tells it.
    #[must_use]
    pub const fn new(incident: &Incident, automated: bool) -> Self {
        Self {
            occurred_at: incident.occurred_at,
            detected_at: incident.detected_at,
            acknowledged_at: incident.acknowledged_at,
            contained_at: incident.contained_at,
            closed_at: incident.closed_at,
            severity: incident.severity,
            disposition: incident.disposition,
            alerts: incident.alert_count,
            automated,
        }
    }
}
