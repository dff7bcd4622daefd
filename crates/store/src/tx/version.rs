//! Versions of playbooks.

use stanch_model::version::Version;

use super::Tx;
use crate::{Error, sql::params, view::word};

impl Tx<'_> {
    /// Writes a version, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_version(&self, version: &Version) -> Result<(), Error> {
        self.execute(
            "INSERT INTO playbook_history (tenant, name, version, digest, state, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, name, version) DO UPDATE SET state = ?5, document = ?6",
            params![
                version.tenant.0,
                version.playbook,
                i64::from(version.number),
                version.digest,
                word(version.state)?,
                serde_json::to_string(version)?
            ],
        )?;
        Ok(())
    }
}
