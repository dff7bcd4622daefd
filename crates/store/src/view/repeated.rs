//! Requests that may be sent again, and what they were answered.

use stanch_model::{TenantId, Time};

use super::View;
use crate::{Error, sql::params};

/// A request that was sent with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// SHA-256 of what was asked.
    pub request: String,
    /// When.
    pub at: Time,
    /// What it was answered; none while it is under way.
    pub status: Option<u16>,
    /// The answer's body; none if it holds what is shown once.
    pub body: Option<String>,
}

impl View<'_> {
    /// The request that this actor sent with that key.
    ///
    /// # Errors
    /// The database's.
    pub fn repeated(
        &self,
        tenant: &TenantId,
        (actor, key): (&str, &str),
    ) -> Result<Option<Repeated>, Error> {
        let mut found = self.rows(
            "SELECT request, at, status, body FROM repeated
             WHERE tenant = ?1 AND actor = ?2 AND key = ?3",
            params![tenant.0, actor, key],
            |row| {
                let status: Option<i64> = row.get(2)?;
                Ok(Repeated {
                    request: row.get(0)?,
                    at: Time::from_micros(row.get(1)?),
                    status: status.and_then(|status| u16::try_from(status).ok()),
                    body: row.get(3)?,
                })
            },
        )?;
        Ok(found.pop())
    }
}
