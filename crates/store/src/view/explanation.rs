//! What the guard considered.

use stanch_model::{RunId, TenantId, guard::Explanation};

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// What was considered with each decision of a run, or about one of its steps, in the order of the decisions, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub fn explanations(
        &self,
        tenant: &TenantId,
        run: RunId,
        step: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Explanation>, Error> {
        self.documents(
            "SELECT document FROM explanation
             WHERE tenant = ?1 AND run = ?2 AND (?4 IS NULL OR step = ?4) ORDER BY number LIMIT ?3",
            params![tenant.0, run.to_string(), i64::from(limit), step],
        )
    }
}
