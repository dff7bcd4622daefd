//! Alerts.

use stanch_model::{Alert, AlertId, IncidentId, TenantId, Time};

use super::{View, document};
use crate::{
    Error,
    sql::{index_key, params},
};

/// A place in the alerts by the moment at which they were raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertPlace {
    at: i64,
    number: i64,
}

impl AlertPlace {
    /// The place before all that were raised at that moment or later.
    #[must_use]
    pub const fn before(moment: Time) -> Self {
        Self { at: moment.micros(), number: -1 }
    }
}

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

    /// How many alerts were raised from `since` to `until`.
    ///
    /// # Errors
    /// The database's.
    pub fn alerts_within(
        &self,
        tenant: &TenantId,
        (since, until): (Time, Time),
    ) -> Result<u64, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM alert
             WHERE tenant = ?1 AND detected_at >= ?2 AND detected_at <= ?3",
            params![tenant.0, since.micros(), until.micros()],
        )?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// The place before the newest `count` alerts that were raised until then: [`Self::alerts_after`] it begins with
    /// the oldest of them. None if there are no more than that.
    ///
    /// # Errors
    /// The database's.
    pub fn place_before_newest(
        &self,
        tenant: &TenantId,
        until: Time,
        count: u32,
    ) -> Result<Option<AlertPlace>, Error> {
        self.first(
            "SELECT detected_at, number FROM alert WHERE tenant = ?1 AND detected_at <= ?2
             ORDER BY detected_at DESC, number DESC LIMIT 1 OFFSET ?3",
            params![tenant.0, until.micros(), i64::from(count)],
            |row| Ok(AlertPlace { at: row.get(0)?, number: row.get(1)? }),
        )
    }

    /// Alerts behind that place that were raised until then, the oldest first, and the place of the last one.
    ///
    /// # Errors
    /// The database's.
    pub fn alerts_after(
        &self,
        tenant: &TenantId,
        (place, until): (AlertPlace, Time),
        limit: u32,
    ) -> Result<(Vec<Alert>, Option<AlertPlace>), Error> {
        let found = self.rows(
            "SELECT detected_at, number, document FROM alert
             WHERE tenant = ?1 AND detected_at >= ?2 AND detected_at <= ?4
               AND (detected_at > ?2 OR number > ?3)
             ORDER BY detected_at, number LIMIT ?5",
            params![tenant.0, place.at, place.number, until.micros(), i64::from(limit)],
            |row| {
                let place = AlertPlace { at: row.get(0)?, number: row.get(1)? };
                Ok((place, document::<Alert>(row, 2)?))
            },
        )?;
        let last = found.last().map(|(place, _)| *place);
        Ok((found.into_iter().map(|(_, alert)| alert).collect(), last))
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
            params![
                tenant.0,
                index_key(value),
                since.micros(),
                format!("{value}."),
                format!("{value}/")
            ],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }
}
