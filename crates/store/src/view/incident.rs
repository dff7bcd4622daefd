//! Incidents and their timelines.

use stanch_model::{
    Incident, IncidentId, Severity, TenantId, Time,
    incident::{IncidentStatus, TimelineEntry},
};

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// The incident by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn incident(&self, tenant: &TenantId, id: IncidentId) -> Result<Incident, Error> {
        self.document(
            "SELECT document FROM incident WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "incident", id: id.to_string() })
    }

    /// Incidents, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn incidents(
        &self,
        tenant: &TenantId,
        status: Option<IncidentStatus>,
        severity: Option<Severity>,
        text: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Incident>, Option<i64>), Error> {
        let status = status.map(word).transpose()?;
        let text = text.map(|text| format!("%{}%", text.replace(['%', '_', '\\'], " ")));
        self.page(
            "SELECT number, document FROM incident
             WHERE tenant = ?1 AND number < ?2
               AND (?4 IS NULL OR status = ?4)
               AND (?5 IS NULL OR severity = ?5)
               AND (?6 IS NULL OR lower(document) LIKE lower(?6))
             ORDER BY number DESC LIMIT ?3",
            params![
                tenant.0,
                before.unwrap_or(i64::MAX),
                limit.saturating_add(1),
                status,
                severity.map(Severity::number),
                text
            ],
            limit,
        )
    }

    /// All incidents detected since `since`, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn incidents_since(&self, tenant: &TenantId, since: Time) -> Result<Vec<Incident>, Error> {
        self.documents(
            "SELECT document FROM incident WHERE tenant = ?1 AND detected_at >= ?2 ORDER BY number",
            params![tenant.0, since.micros()],
        )
    }

    /// The open incident that shares `entity` and saw it last since `since`.
    ///
    /// # Errors
    /// The database's.
    pub fn open_incident_with(
        &self,
        tenant: &TenantId,
        entity: &str,
        since: Time,
    ) -> Result<Option<Incident>, Error> {
        self.document(
            "SELECT i.document FROM incident_entity e
             JOIN incident i ON i.tenant = e.tenant AND i.id = e.incident
             WHERE e.tenant = ?1 AND e.entity = ?2 AND e.last_seen_at >= ?3 AND i.status <> 'closed'
             ORDER BY e.last_seen_at DESC LIMIT 1",
            params![tenant.0, entity, since.micros()],
        )
    }

    /// How many open incidents other than `except` an entity occurs in; a host without a domain also
    /// as the first label of a longer name.
    ///
    /// # Errors
    /// The database's.
    pub fn open_incidents_with(
        &self,
        tenant: &TenantId,
        entity: &str,
        except: Option<IncidentId>,
    ) -> Result<u32, Error> {
        // `.` and the character after it: whatever stands between is the entity with a domain.
        let (from, to) = (format!("{entity}."), format!("{entity}/"));
        let count: Option<i64> = self.one(
            "SELECT count(DISTINCT i.id) FROM incident_entity e
             JOIN incident i ON i.tenant = e.tenant AND i.id = e.incident
             WHERE e.tenant = ?1 AND (e.entity = ?2 OR (e.entity >= ?4 AND e.entity < ?5))
               AND i.status <> 'closed' AND i.id <> ?3",
            params![
                tenant.0,
                entity,
                except.map(|id| id.to_string()).unwrap_or_default(),
                from,
                to
            ],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }

    /// An incident's timeline, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn timeline(&self, tenant: &TenantId, id: IncidentId) -> Result<Vec<TimelineEntry>, Error> {
        self.documents(
            "SELECT document FROM timeline WHERE tenant = ?1 AND incident = ?2 ORDER BY at, number",
            params![tenant.0, id.to_string()],
        )
    }
}

/// The serialised word of a unit variant.
pub(crate) fn word(value: impl serde::Serialize) -> Result<String, Error> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}
