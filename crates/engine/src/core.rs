//! What every stage shares: the store, the clock, the onlookers.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use stanch_model::{
    IncidentId, TenantId, Time, audit::AuditRecord, canonical, incident::TimelineEntry,
};
use stanch_store::{Store, Tx};

use crate::{clock::Clock, feeds::Feeds, live::Live, tenure::Tenure};

/// What every stage shares.
#[derive(Clone, Debug)]
pub struct Core {
    /// The store.
    pub store: Store,
    /// The clock and the ids.
    pub clock: Clock,
    /// The lease under which all of this is done.
    pub tenure: Tenure,
    /// The onlookers.
    pub live: Live,
    /// The lists that firewalls poll.
    pub feeds: Feeds,
    /// Told when an administrator lets a restored instance act.
    pub(crate) released: Arc<tokio::sync::Notify>,
}

impl Core {
    /// Whether this process may still send what it was about to send.
    pub(crate) async fn holds_lease(&self) -> bool {
        self.tenure.holds(&self.store, &self.clock).await
    }
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

/// What stands for a thing as it is now: another text is another thing.
///
/// # Panics
/// Never: what people edit has a JSON form.
#[must_use]
pub fn tag(thing: &impl Serialize) -> String {
    canonical::sha256(thing).expect("invariant: what people edit is JSON")
}

/// Marks a refusal that is about an old look at a thing, on its way through the store.
pub(crate) const STALE: &str = "stale: ";

/// Refuses to change a thing that is another one than `seen` stood for.
pub(crate) fn unchanged(
    thing: &impl Serialize,
    seen: Option<&str>,
) -> Result<(), stanch_store::Error> {
    match seen {
        Some(seen) if seen != tag(thing) => Err(stanch_store::Error::Conflict(format!(
            "{STALE}it was changed since you read it: read it again"
        ))),
        _ => Ok(()),
    }
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
