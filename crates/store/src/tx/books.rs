//! The books: audit, kill switch, guard epoch, dead letters, sources, offsets.

use stanch_model::{
    EventId, TenantId, Time,
    audit::{AuditEntry, AuditRecord},
};

use super::Tx;
use crate::{Error, sql::params, view::KillSwitch};

/// How much of an unreadable record is kept, in characters.
const DEAD_LETTER_CHARS_MAX: usize = 4_096;

impl Tx<'_> {
    fn set_meta(&self, key: &str, value: &str) -> Result<(), Error> {
        self.execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, value],
        )?;
        Ok(())
    }

    /// Links a record into the audit chain.
    ///
    /// # Errors
    /// The database's.
    pub fn audit_append(&self, record: AuditRecord) -> Result<AuditEntry, Error> {
        let (last, hash) = self.audit_head()?;
        let entry = AuditEntry::link(record, last + 1, &hash);
        self.execute(
            "INSERT INTO audit (sequence, tenant, hash, document) VALUES (?1, ?2, ?3, ?4)",
            params![
                i64::try_from(entry.sequence).unwrap_or(i64::MAX),
                entry.tenant.0,
                entry.hash,
                serde_json::to_string(&entry)?
            ],
        )?;
        Ok(entry)
    }

    /// Voids every decision that the guard made before and that has not become an intent.
    ///
    /// # Errors
    /// The database's.
    pub fn raise_epoch(&self) -> Result<(), Error> {
        let epoch = self.guard_epoch()?;
        self.set_meta("guard_epoch", &(epoch + 1).to_string())
    }

    /// Moves the kill switch. After this is committed no intent that was decided before commits.
    ///
    /// # Errors
    /// The database's.
    pub fn set_kill_switch(
        &self,
        engaged: bool,
        by: &str,
        reason: &str,
        at: Time,
    ) -> Result<KillSwitch, Error> {
        self.raise_epoch()?;
        let switch = KillSwitch {
            engaged,
            by: Some(by.to_owned()),
            reason: Some(reason.to_owned()),
            at: Some(at),
            epoch: self.guard_epoch()?,
        };
        self.set_meta("kill_switch", &serde_json::to_string(&switch)?)?;
        Ok(switch)
    }

    /// Notes that a moment was committed: no clock of ours goes behind it after a restart.
    ///
    /// # Errors
    /// The database's.
    pub fn raise_high_water(&self, now: Time) -> Result<(), Error> {
        if now > self.high_water()? {
            self.set_meta("high_water", &now.micros().to_string())?;
        }
        Ok(())
    }

    /// Notes the last event of the intake log that was processed; in the same change as what came of it.
    ///
    /// # Errors
    /// The database's.
    pub fn set_intake_offset(&self, offset: EventId) -> Result<(), Error> {
        self.set_meta("intake_offset", &offset.to_string())
    }

    /// Keeps a value for a component.
    ///
    /// # Errors
    /// The database's.
    pub fn set_bookmark(&self, name: &str, value: &str) -> Result<(), Error> {
        self.set_meta(&format!("bookmark:{name}"), value)
    }

    /// Keeps a record that could not be read.
    ///
    /// # Errors
    /// The database's.
    pub fn add_dead_letter(
        &self,
        tenant: &TenantId,
        source: &str,
        line: u32,
        at: Time,
        (reason, raw): (&str, &str),
    ) -> Result<(), Error> {
        let raw: String = raw.chars().take(DEAD_LETTER_CHARS_MAX).collect();
        self.execute(
            "INSERT INTO dead_letter (tenant, source, line, at, reason, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![tenant.0, source, line, at.micros(), reason, raw],
        )?;
        self.count_source(tenant, source, "medium", (0, 1), None)
    }

    /// Counts what a source delivered.
    ///
    /// # Errors
    /// The database's.
    pub fn count_source(
        &self,
        tenant: &TenantId,
        source: &str,
        trust: &str,
        (events, dead_letters): (u32, u32),
        last_event_at: Option<Time>,
    ) -> Result<(), Error> {
        self.execute(
            "INSERT INTO source (tenant, name, trust, events, dead_letters, last_event_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, name) DO UPDATE SET
                 trust = CASE WHEN excluded.events > 0 THEN excluded.trust ELSE source.trust END,
                 events = source.events + excluded.events,
                 dead_letters = source.dead_letters + excluded.dead_letters,
                 last_event_at = coalesce(excluded.last_event_at, source.last_event_at)",
            params![tenant.0, source, trust, events, dead_letters, last_event_at.map(Time::micros)],
        )?;
        Ok(())
    }
}
