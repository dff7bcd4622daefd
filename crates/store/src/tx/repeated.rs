//! Requests that may be sent again, and what they were answered.

use stanch_model::{TenantId, Time};

use super::Tx;
use crate::{Error, sql::params, view::Repeated};

impl Tx<'_> {
    /// Notes a request that is under way, or what it was answered.
    ///
    /// # Errors
    /// The database's.
    pub fn put_repeated(
        &self,
        tenant: &TenantId,
        (actor, key): (&str, &str),
        repeated: &Repeated,
    ) -> Result<(), Error> {
        self.execute(
            "INSERT INTO repeated (tenant, actor, key, request, at, status, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant, actor, key) DO UPDATE SET
                 request = ?4, at = ?5, status = ?6, body = ?7",
            params![
                tenant.0,
                actor,
                key,
                repeated.request,
                repeated.at.micros(),
                repeated.status.map(i64::from),
                repeated.body
            ],
        )?;
        Ok(())
    }

    /// Forgets a request, so that it can be sent again as if it had not been.
    ///
    /// # Errors
    /// The database's.
    pub fn forget_repeated(
        &self,
        tenant: &TenantId,
        (actor, key): (&str, &str),
    ) -> Result<(), Error> {
        self.execute(
            "DELETE FROM repeated WHERE tenant = ?1 AND actor = ?2 AND key = ?3",
            params![tenant.0, actor, key],
        )?;
        Ok(())
    }

    /// Forgets what came before a moment.
    ///
    /// # Errors
    /// The database's.
    pub fn forget_repeated_before(&self, before: Time) -> Result<(), Error> {
        self.execute("DELETE FROM repeated WHERE at < ?1", params![before.micros()])?;
        Ok(())
    }
}
