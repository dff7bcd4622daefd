//! What people do with incidents and the ledger.

use serde_json::json;
use stanch_model::{
    ContainmentId, Incident, IncidentId, TenantId, Time,
    containment::Containment,
    incident::{Disposition, IncidentStatus},
    people::Actor,
};
use stanch_store::Tx;

use super::People;
use crate::{
    Error,
    core::{audit, tell},
};

/// Longest comment, in characters.
const COMMENT_CHARS_MAX: usize = 10_000;

impl People {
    /// Notes that a person has looked.
    ///
    /// # Errors
    /// No such incident.
    pub async fn acknowledge(&self, actor: &Actor, id: IncidentId) -> Result<Incident, Error> {
        let now = self.core.clock.now();
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            acknowledge(tx, &who.tenant, id, &who.name, now)?;
            tx.incident(&who.tenant, id)
        });
        let incident = written.await?;
        self.core.live.tell("incident", id);
        Ok(incident)
    }

    /// Closes an incident with a verdict.
    ///
    /// # Errors
    /// No such incident; one that is closed.
    pub async fn close(
        &self,
        actor: &Actor,
        id: IncidentId,
        disposition: Disposition,
        comment: &str,
    ) -> Result<Incident, Error> {
        let now = self.core.clock.now();
        let (who, comment) = (actor.clone(), comment.to_owned());
        let written = self.core.store.write(move |tx| {
            let mut incident = tx.incident(&who.tenant, id)?;
            if incident.status == IncidentStatus::Closed {
                return Err(stanch_store::Error::Conflict(format!("incident {id} is closed")));
            }
            incident.status = IncidentStatus::Closed;
            incident.disposition = Some(disposition);
            incident.acknowledged_at.get_or_insert(now);
            incident.owner.get_or_insert_with(|| who.name.clone());
            incident.closed_at = Some(now);
            incident.updated_at = now;
            tx.put_incident(&incident, incident.updated_at)?;
            let word = serde_json::to_value(disposition)?;
            let word = word.as_str().unwrap_or_default().replace('_', " ");
            let text = format!("closed as {word}: {comment}");
            let subject = id.to_string();
            tell(tx, &who.tenant, Some(id), now, ("status", &who.name, &subject), text)?;
            let detail = json!({ "disposition": disposition, "comment": comment });
            audit(tx, &who.tenant, now, (&who.name, "incident.close", &subject), detail)?;
            Ok(incident)
        });
        let incident = written.await?;
        self.core.live.tell("incident", id);
        Ok(incident)
    }

    /// Adds a comment.
    ///
    /// # Errors
    /// No such incident; an empty comment, or one over 10,000 characters.
    pub async fn comment(&self, actor: &Actor, id: IncidentId, text: &str) -> Result<(), Error> {
        if text.trim().is_empty() || text.chars().count() > COMMENT_CHARS_MAX {
            return Err(Error::Invalid(format!(
                "a comment has 1 to {COMMENT_CHARS_MAX} characters"
            )));
        }
        let now = self.core.clock.now();
        let (who, text) = (actor.clone(), text.to_owned());
        let written = self.core.store.write(move |tx| {
            tx.incident(&who.tenant, id)?;
            let what = ("comment", who.name.as_str(), &*id.to_string());
            tell(tx, &who.tenant, Some(id), now, what, text)
        });
        written.await?;
        self.core.live.tell("incident", id);
        Ok(())
    }

    /// Takes a containment back.
    ///
    /// # Errors
    /// See [`crate::acting::Ledger::undo`].
    pub async fn undo(
        &self,
        actor: &Actor,
        id: ContainmentId,
        reason: &str,
    ) -> Result<Containment, Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid("an undo needs a reason".to_owned()));
        }
        self.ledger.undo(&actor.tenant, id, &actor.name, reason).await
    }
}

/// The first time a person looks, decides or takes an incident counts.
pub(super) fn acknowledge(
    tx: &Tx<'_>,
    tenant: &TenantId,
    id: IncidentId,
    by: &str,
    now: Time,
) -> Result<(), stanch_store::Error> {
    let mut incident = tx.incident(tenant, id)?;
    if incident.acknowledged_at.is_some() {
        return Ok(());
    }
    incident.acknowledged_at = Some(now);
    incident.owner.get_or_insert_with(|| by.to_owned());
    if incident.status == IncidentStatus::New {
        incident.status = IncidentStatus::Acknowledged;
    }
    incident.updated_at = now;
    tx.put_incident(&incident, incident.updated_at)?;
    let subject = id.to_string();
    tell(tx, tenant, Some(id), now, ("status", by, &subject), "acknowledged")?;
    audit(tx, tenant, now, (by, "incident.acknowledge", &subject), json!({}))
}
