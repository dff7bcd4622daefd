//! The books: audit, kill switch, guard epoch, dead letters, sources, offsets.

use serde::{Deserialize, Serialize};
use stanch_model::{
    EventId, TenantId, Time,
    audit::{AuditEntry, GENESIS},
};

use super::View;
use crate::{Error, sql::params};

/// Whether acts are stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KillSwitch {
    /// Whether it is engaged.
    pub engaged: bool,
    /// Who moved it last.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Option<Time>,
    /// How often what the guard rests on has changed.
    pub epoch: u64,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetter {
    /// Its number.
    pub id: i64,
    /// The source that delivered it.
    pub source: String,
    /// Its line in the delivery, from 1; 0 where there was none.
    pub line: u32,
    /// When it came.
    pub at: Time,
    /// What was expected and found.
    pub reason: String,
    /// The record, at most 4 KiB of it.
    pub raw: String,
}

/// What a source has delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// How far it is believed.
    pub trust: String,
    /// Events acknowledged and processed.
    pub events: u64,
    /// Records that could not be read.
    pub dead_letters: u64,
    /// When the last one came.
    pub last_event_at: Option<Time>,
}

impl View<'_> {
    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        self.one("SELECT value FROM meta WHERE key = ?1", params![key])
    }

    /// Whether acts are stopped.
    ///
    /// # Errors
    /// The database's.
    pub fn kill_switch(&self) -> Result<KillSwitch, Error> {
        let switch: Option<KillSwitch> =
            self.document("SELECT value FROM meta WHERE key = 'kill_switch'", [])?;
        Ok(KillSwitch { epoch: self.guard_epoch()?, ..switch.unwrap_or_default() })
    }

    /// How often what the guard rests on has changed.
    ///
    /// # Errors
    /// The database's.
    pub fn guard_epoch(&self) -> Result<u64, Error> {
        Ok(self.meta("guard_epoch")?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// The latest moment that was ever committed: no clock of ours goes behind it.
    ///
    /// # Errors
    /// The database's.
    pub fn high_water(&self) -> Result<Time, Error> {
        let micros = self.meta("high_water")?.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Time::from_micros(micros))
    }

    /// The last event of the intake log that was processed.
    ///
    /// # Errors
    /// The database's.
    pub fn intake_offset(&self) -> Result<Option<EventId>, Error> {
        Ok(self.meta("intake_offset")?.and_then(|text| text.parse().ok()))
    }

    /// A value that a component keeps for itself: the place in a file, say.
    ///
    /// # Errors
    /// The database's.
    pub fn bookmark(&self, name: &str) -> Result<Option<String>, Error> {
        self.meta(&format!("bookmark:{name}"))
    }

    /// Audit entries after `after`, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn audit(&self, after: u64, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        self.documents(
            "SELECT document FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
            params![i64::try_from(after).unwrap_or(i64::MAX), limit],
        )
    }

    /// Audit entries before `before`, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_back(
        &self,
        tenant: &TenantId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<AuditEntry>, Option<i64>), Error> {
        self.page(
            "SELECT sequence, document FROM audit WHERE tenant = ?1 AND sequence < ?2
             ORDER BY sequence DESC LIMIT ?3",
            params![tenant.0, before.unwrap_or(i64::MAX), limit.saturating_add(1)],
            limit,
        )
    }

    /// Number and hash of the newest audit entry.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_head(&self) -> Result<(u64, String), Error> {
        let mut head = self.rows(
            "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1",
            [],
            |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, String>(1)?)),
        )?;
        Ok(head.pop().unwrap_or_else(|| (0, GENESIS.to_owned())))
    }

    /// Dead letters, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn dead_letters(
        &self,
        tenant: &TenantId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<DeadLetter>, Option<i64>), Error> {
        let mut found = self.rows(
            "SELECT number, source, line, at, reason, raw FROM dead_letter
             WHERE tenant = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
            params![tenant.0, before.unwrap_or(i64::MAX), limit.saturating_add(1)],
            |row| {
                Ok(DeadLetter {
                    id: row.get(0)?,
                    source: row.get(1)?,
                    line: row.get(2)?,
                    at: Time::from_micros(row.get(3)?),
                    reason: row.get(4)?,
                    raw: row.get(5)?,
                })
            },
        )?;
        let keep = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > keep;
        found.truncate(keep);
        let next = if more { found.last().map(|letter| letter.id) } else { None };
        Ok((found, next))
    }

    /// All sources, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn sources(&self, tenant: &TenantId) -> Result<Vec<SourceStatus>, Error> {
        self.rows(
            "SELECT name, trust, events, dead_letters, last_event_at FROM source
             WHERE tenant = ?1 ORDER BY name",
            params![tenant.0],
            |row| {
                Ok(SourceStatus {
                    name: row.get(0)?,
                    trust: row.get(1)?,
                    events: row.get::<_, i64>(2)?.unsigned_abs(),
                    dead_letters: row.get::<_, i64>(3)?.unsigned_abs(),
                    last_event_at: row.get::<_, Option<i64>>(4)?.map(Time::from_micros),
                })
            },
        )
    }
}
