//! What every stage shares: the store, the clock, the onlookers.

use std::sync::Arc;

use serde_json::Value;
use stanch_model::{IncidentId, TenantId, Time, audit::AuditRecord, incident::TimelineEntry};
use stanch_store::{Store, Tx};

use crate::{clock::Clock, feeds::Feeds, live::Live};

/// What every stage shares.
#[derive(Clone, Debug)]
pub struct Core {
    /// The store.
    pub store: Store,
    /// The clock and the ids.
    pub clock: Clock,
    /// The onlookers.
    pub live: Live,
    /// The lists that firewalls poll.
    pub feeds: Feeds,
    /// Told when an administrator lets a restored instance act.
    pub(crate) released: Arc<tokio::sync::Notify>,
}

/// Writes one decision into the audit.
pub(crate) fn audit(
    tx: &Tx<'_>,
    tenant: &TenantId,
    at: Time,
    (actor, verb, subject): (&str, &'static str, &str),
    detail: Value,
) -> Result<(), stanch_store::Error> {
    tx.audit_append(AuditRecord {
        tenant: tenant.clone(),
        at,
        actor: actor.to_owned(),
        verb,
        subject: subject.to_owned(),
        detail,
    })?;
    Ok(())
}

/// Adds a line to an incident's timeline, if there is an incident.
pub(crate) fn tell(
    tx: &Tx<'_>,
    tenant: &TenantId,
    incident: Option<IncidentId>,
    at: Time,
    (kind, actor, subject): (&str, &str, &str),
    text: impl Into<String>,
) -> Result<(), stanch_store::Error> {
    let Some(incident) = incident else { return Ok(()) };
    let entry = TimelineEntry {
        at,
        kind: kind.to_owned(),
        actor: actor.to_owned(),
        text: text.into(),
        subject: Some(subject.to_owned()),
    };
    tx.add_timeline(tenant, incident, &entry)
}
