//! Alerts.

use stanch_model::{Alert, AlertId, IncidentId, TenantId, Time};

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// The alert by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn alert(&self, tenant: &TenantId, id: AlertId) -> Result<Alert, Error> {
        self.document(
            "SELECT document FROM alert WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "alert", id: id.to_string() })
    }

    /// The newest alert with that dedup key, if it was seen since `since`.
    ///
    /// # Errors
    /// The database's.
    pub fn alert_by_dedup_key(
        &self,
        tenant: &TenantId,
        key: &str,
        since: Time,
    ) -> Result<Option<Alert>, Error> {
        self.document(
            "SELECT document FROM alert WHERE tenant = ?1 AND dedup_key = ?2 AND last_seen_at >= ?3
             ORDER BY last_seen_at DESC LIMIT 1",
            params![tenant.0, key, since.micros()],
        )
    }

    /// Alerts, the newest first; `before` is the cursor of the page before.
    ///
    /// # Errors
    /// The database's.
    pub fn alerts(
        &self,
        tenant: &TenantId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Alert>, Option<i64>), Error> {
        self.page(
            "SELECT number, document FROM alert WHERE tenant = ?1 AND number < ?2
             ORDER BY number DESC LIMIT ?3",
            params![tenant.0, before.unwrap_or(i64::MAX), limit.saturating_add(1)],
            limit,
        )
    }

    /// The alerts of an incident, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn alerts_of(&self, tenant: &TenantId, incident: IncidentId) -> Result<Vec<Alert>, Error> {
        self.documents(
            "SELECT document FROM alert WHERE tenant = ?1 AND incident = ?2 ORDER BY number",
            params![tenant.0, incident.to_string()],
        )
    }

    /// How many alerts were raised since `since`.
    ///
    /// # Errors
    /// The database's.
    pub fn alert_count(&self, tenant: &TenantId, since: Time) -> Result<u64, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM alert WHERE tenant = ?1 AND detected_at >= ?2",
            params![tenant.0, since.micros()],
        )?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// In how many alerts since `since` the value was seen; for a host without a domain also as the
    /// first label of a longer name.
    ///
    /// # Errors
    /// The database's.
    pub fn sightings(&self, tenant: &TenantId, value: &str, since: Time) -> Result<u32, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM alert_observable
             WHERE tenant = ?1 AND at >= ?3 AND (value = ?2 OR (value >= ?4 AND value < ?5))",
            params![tenant.0, value, since.micros(), format!("{value}."), format!("{value}/")],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }
}
