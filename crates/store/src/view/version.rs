//! Versions of playbooks, and the runs that used them.

use stanch_model::{
    TenantId,
    run::RunHead,
    version::{Version, VersionState},
};

use super::{View, incident::word};
use crate::{Error, sql::params};

impl View<'_> {
    /// The versions of a playbook, the newest first, at most 500.
    ///
    /// # Errors
    /// The database's.
    pub fn versions(&self, tenant: &TenantId, playbook: &str) -> Result<Vec<Version>, Error> {
        self.documents(
            "SELECT document FROM playbook_history WHERE tenant = ?1 AND name = ?2
             ORDER BY version DESC LIMIT 500",
            params![tenant.0, playbook],
        )
    }

    /// One version.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn version(
        &self,
        tenant: &TenantId,
        playbook: &str,
        number: u32,
    ) -> Result<Version, Error> {
        self.document(
            "SELECT document FROM playbook_history WHERE tenant = ?1 AND name = ?2 AND version = ?3",
            params![tenant.0, playbook, i64::from(number)],
        )?
        .ok_or_else(|| Error::NotFound { what: "version", id: format!("{playbook} {number}") })
    }

    /// The versions of all playbooks that stand so.
    ///
    /// # Errors
    /// The database's.
    pub fn versions_in(
        &self,
        tenant: &TenantId,
        state: VersionState,
    ) -> Result<Vec<Version>, Error> {
        self.documents(
            "SELECT document FROM playbook_history WHERE tenant = ?1 AND state = ?2
             ORDER BY name, version",
            params![tenant.0, word(state)?],
        )
    }

    /// Digests of every text that a playbook of that name ever had.
    ///
    /// # Errors
    /// The database's.
    pub fn digests_of(&self, playbook: &str) -> Result<Vec<String>, Error> {
        self.rows("SELECT digest FROM playbook_version WHERE name = ?1", params![playbook], |row| {
            let digest: String = row.get(0)?;
            Ok(digest)
        })
    }

    /// Runs that used the text with that digest, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn runs_of(
        &self,
        tenant: &TenantId,
        (playbook, digest): (&str, &str),
        limit: u32,
    ) -> Result<Vec<RunHead>, Error> {
        // A digest is hexadecimal, so it stands for nothing but itself in a pattern.
        let holds = format!("%\"playbook_digest\":\"{digest}\"%");
        self.documents(
            "SELECT document FROM run WHERE tenant = ?1 AND playbook = ?2 AND document LIKE ?3
             ORDER BY started_at DESC LIMIT ?4",
            params![tenant.0, playbook, holds, i64::from(limit)],
        )
    }
}
