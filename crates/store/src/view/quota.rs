//! Requests counted against quotas.

use stanch_model::TenantId;

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// How many requests of an instance were counted, by period.
    ///
    /// # Errors
    /// the database's.
    pub fn requests_counted(
        &self,
        tenant: &TenantId,
        instance: &str,
    ) -> Result<Vec<(String, u32)>, Error> {
        self.rows(
            "SELECT period, count FROM quota_used WHERE tenant = ?1 AND instance = ?2 ORDER BY period",
            params![tenant.0, instance],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}
