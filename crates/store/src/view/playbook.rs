//! Playbook versions and how far each is trusted.

use stanch_model::{TenantId, Time, guard::Mode};

use super::View;
use crate::{Error, sql::params};

/// The text of a playbook, by its digest; runs in flight keep theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybookVersion {
    /// SHA-256 of the text.
    pub digest: String,
    /// The playbook's name.
    pub name: String,
    /// The text.
    pub text: String,
}

impl View<'_> {
    /// The text behind a digest.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn playbook_version(&self, digest: &str) -> Result<PlaybookVersion, Error> {
        self.rows(
            "SELECT digest, name, text FROM playbook_version WHERE digest = ?1",
            params![digest],
            |row| Ok(PlaybookVersion { digest: row.get(0)?, name: row.get(1)?, text: row.get(2)? }),
        )?
        .pop()
        .ok_or_else(|| Error::NotFound { what: "playbook version", id: digest.to_owned() })
    }

    /// How far a playbook is trusted here; none if nobody said.
    ///
    /// # Errors
    /// The database's.
    pub fn mode(&self, tenant: &TenantId, playbook: &str) -> Result<Option<Mode>, Error> {
        let word: Option<String> = self.one(
            "SELECT mode FROM playbook_mode WHERE tenant = ?1 AND name = ?2",
            params![tenant.0, playbook],
        )?;
        Ok(word.map(|word| serde_json::from_value(serde_json::Value::String(word))).transpose()?)
    }

    /// Whether a trigger fired for that version and key.
    ///
    /// # Errors
    /// The database's.
    pub fn has_fired(
        &self,
        tenant: &TenantId,
        digest: &str,
        dedup_key: &str,
    ) -> Result<bool, Error> {
        let found: Option<i64> = self.one(
            "SELECT 1 FROM fired WHERE tenant = ?1 AND digest = ?2 AND dedup_key = ?3",
            params![tenant.0, digest, dedup_key],
        )?;
        Ok(found.is_some())
    }

    /// How often a trigger fired for that version since `since`.
    ///
    /// # Errors
    /// The database's.
    pub fn fired_since(&self, tenant: &TenantId, digest: &str, since: Time) -> Result<u32, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM fired WHERE tenant = ?1 AND digest = ?2 AND at > ?3",
            params![tenant.0, digest, since.micros()],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }
}
