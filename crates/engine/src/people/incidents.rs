//! What people do with incidents, runs and the ledger.

use serde_json::json;
use stanch_model::{
    AlertId, ContainmentId, Incident, IncidentId, RunId, TenantId, Time,
    containment::Containment,
    incident::{Disposition, IncidentStatus},
    people::Actor,
    run::{RunHead, RunState, StepState, StepView},
};
use stanch_store::Tx;

use super::People;
use crate::{
    Error,
    core::{audit, tell},
    runs::{Message, load},
    triage::write_start,
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

    /// Starts a playbook by hand on an alert.
    ///
    /// # Errors
    /// No such playbook or alert; a playbook that lacks a binding.
    pub async fn start_run(
        &self,
        actor: &Actor,
        playbook: &str,
        alert: AlertId,
    ) -> Result<RunHead, Error> {
        let loaded = self
            .runs
            .playbooks()
            .get(playbook)
            .ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        loaded.graph().map_err(|error| Error::Conflict(error.to_string()))?;
        let mode = self.runs.mode(&actor.tenant, playbook).await?;
        let now = self.core.clock.now();
        let mut head = RunHead {
            id: RunId::new(self.core.clock.uuid()),
            tenant: actor.tenant.clone(),
            playbook: playbook.to_owned(),
            playbook_digest: loaded.digest().to_owned(),
            mode,
            incident: None,
            alert: Some(alert),
            requested_by: actor.name.clone(),
            state: RunState::Running,
            note: String::new(),
            started_at: now,
            ended_at: None,
        };
        let written = self.core.store.write(move |tx| {
            crate::backup::may_act(tx)?;
            let alert = tx.alert(&head.tenant, alert)?;
            let incident = alert.incident.map(|id| tx.incident(&head.tenant, id)).transpose()?;
            head.incident = alert.incident;
            write_start(tx, &head, &alert, incident.as_ref(), now)?;
            Ok(head)
        });
        let head = written.await?;
        self.core.live.tell("run", head.id);
        self.runs.begin(&head.tenant, head.id).await;
        Ok(head)
    }

    /// Stops a run: what is in flight is still followed to its outcome, nothing new begins.
    ///
    /// # Errors
    /// No such run; one that has ended.
    pub async fn cancel_run(
        &self,
        actor: &Actor,
        id: RunId,
        reason: &str,
    ) -> Result<RunHead, Error> {
        let now = self.core.clock.now();
        let (who, why) = (actor.clone(), reason.to_owned());
        let written = self.core.store.write(move |tx| {
            let head = tx.run(&who.tenant, id)?;
            if head.state.is_final() {
                return Err(stanch_store::Error::Conflict(format!("run {id} has ended")));
            }
            let detail = json!({ "reason": why });
            audit(tx, &who.tenant, now, (&who.name, "run.cancel", &id.to_string()), detail)?;
            Ok(head)
        });
        let head = written.await?;
        let message = Message::Cancelled { by: actor.name.clone(), reason: reason.to_owned() };
        self.runs.send(&head.tenant, id, message).await;
        Ok(head)
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

    /// Says what a person found out about an act whose outcome is unknown.
    ///
    /// # Errors
    /// No such containment; one whose outcome the run knows. One that was undone meanwhile can be
    /// settled: the run still waits to hear.
    pub async fn resolve(
        &self,
        actor: &Actor,
        id: ContainmentId,
        happened: bool,
        reason: &str,
    ) -> Result<Containment, Error> {
        let tenant = actor.tenant.clone();
        let read = self.core.store.read(move |view| {
            let row = view.containment(&tenant, id)?;
            Ok((view.run(&tenant, row.run)?, view.journal(row.run)?, row))
        });
        let (head, journal, row) = read.await?;
        let run = load(self.runs.graph_of(&head).await?, &journal)?;
        let is_open =
            |step: StepView| step.key == row.action.key.0 && step.state == StepState::Unknown;
        if !run.step_views().into_iter().any(is_open) {
            return Err(Error::Conflict(format!("the outcome of containment {id} is known")));
        }
        let message = Message::Resolved {
            key: row.action.key.clone(),
            happened,
            by: format!("{}: {reason}", actor.name),
        };
        self.runs.send(&row.tenant, row.run, message).await;
        Ok(row)
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
