//! Alerts, incidents, timelines, triggers.

use std::time::Duration;

use stanch_model::{
    Alert, Incident, IncidentId, TenantId, Time, guard::Mode, incident::TimelineEntry,
};

use super::Tx;
use crate::{Error, sql::params, view::PlaybookVersion};

impl Tx<'_> {
    /// Writes an alert, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_alert(&self, alert: &Alert) -> Result<(), Error> {
        self.execute(
            "INSERT INTO alert (tenant, id, dedup_key, incident, detected_at, last_seen_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant, id) DO UPDATE SET incident = excluded.incident,
                 last_seen_at = excluded.last_seen_at, document = excluded.document",
            params![
                alert.tenant.0,
                alert.id.to_string(),
                alert.dedup_key,
                alert.incident.map(|id| id.to_string()),
                alert.detected_at.micros(),
                alert.last_seen_at.micros(),
                serde_json::to_string(alert)?
            ],
        )?;
        for observable in &alert.observables {
            self.execute(
                "INSERT INTO alert_observable (tenant, value, alert, at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, value, alert) DO UPDATE SET at = excluded.at",
                params![
                    alert.tenant.0,
                    observable.value,
                    alert.id.to_string(),
                    alert.last_seen_at.micros()
                ],
            )?;
        }
        Ok(())
    }

    /// Writes an incident, new or changed, and when its entities were last seen.
    ///
    /// # Errors
    /// The database's.
    pub fn put_incident(&self, incident: &Incident, seen_at: Time) -> Result<(), Error> {
        self.execute(
            "INSERT INTO incident (tenant, id, status, severity, detected_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, id) DO UPDATE SET status = excluded.status,
                 severity = excluded.severity, document = excluded.document",
            params![
                incident.tenant.0,
                incident.id.to_string(),
                crate::view::word(incident.status)?,
                incident.severity.number(),
                incident.detected_at.micros(),
                serde_json::to_string(incident)?
            ],
        )?;
        for entity in &incident.entities {
            self.execute(
                "INSERT INTO incident_entity (tenant, entity, incident, last_seen_at)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, entity, incident) DO UPDATE SET last_seen_at = excluded.last_seen_at
                 WHERE incident_entity.last_seen_at < excluded.last_seen_at",
                params![incident.tenant.0, entity, incident.id.to_string(), seen_at.micros()],
            )?;
        }
        Ok(())
    }

    /// Adds a line to an incident's timeline.
    ///
    /// # Errors
    /// The database's.
    pub fn add_timeline(
        &self,
        tenant: &TenantId,
        incident: IncidentId,
        entry: &TimelineEntry,
    ) -> Result<(), Error> {
        self.execute(
            "INSERT INTO timeline (tenant, incident, at, document) VALUES (?1, ?2, ?3, ?4)",
            params![
                tenant.0,
                incident.to_string(),
                entry.at.micros(),
                serde_json::to_string(entry)?
            ],
        )?;
        Ok(())
    }

    /// Notes that a trigger fired; false if it fired for that version and key within `window` before.
    ///
    /// # Errors
    /// The database's.
    pub fn fire(
        &self,
        tenant: &TenantId,
        digest: &str,
        dedup_key: &str,
        at: Time,
        window: Duration,
    ) -> Result<bool, Error> {
        let new = self.execute(
            "INSERT INTO fired (tenant, digest, dedup_key, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant, digest, dedup_key) DO UPDATE SET at = excluded.at WHERE fired.at < ?5",
            params![tenant.0, digest, dedup_key, at.micros(), at.minus(window).micros()],
        )?;
        Ok(new == 1)
    }

    /// Keeps the text of a playbook version, so that runs in flight find it after a change.
    ///
    /// # Errors
    /// The database's.
    pub fn keep_playbook(&self, version: &PlaybookVersion, at: Time) -> Result<(), Error> {
        self.execute(
            "INSERT INTO playbook_version (digest, name, text, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            params![version.digest, version.name, version.text, at.micros()],
        )?;
        Ok(())
    }

    /// Says how far a playbook is trusted from now on.
    ///
    /// # Errors
    /// The database's.
    pub fn set_mode(&self, tenant: &TenantId, playbook: &str, mode: Mode) -> Result<(), Error> {
        self.execute(
            "INSERT INTO playbook_mode (tenant, name, mode) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, name) DO UPDATE SET mode = excluded.mode",
            params![tenant.0, playbook, mode.word()],
        )?;
        self.raise_epoch()
    }

    /// Takes `auto` away from every playbook that has it; how many had it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn demote_auto(&self) -> Result<usize, Error> {
        let demoted = self
            .execute("UPDATE playbook_mode SET mode = 'assist' WHERE mode = 'auto'", params![])?;
        self.raise_epoch()?;
        Ok(demoted)
    }
}
