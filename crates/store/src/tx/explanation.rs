//! What the guard considered.

use stanch_model::{TenantId, guard::Explanation};

use super::Tx;
use crate::{Error, sql::params};

impl Tx<'_> {
    /// Keeps what was considered with a decision.
    ///
    /// # Errors
    /// The database's.
    pub fn add_explanation(
        &self,
        tenant: &TenantId,
        explanation: &Explanation,
    ) -> Result<(), Error> {
        self.execute(
            "INSERT INTO explanation (tenant, run, step, at, document)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                tenant.0,
                explanation.run.to_string(),
                explanation.step,
                explanation.at.micros(),
                serde_json::to_string(explanation)?
            ],
        )?;
        Ok(())
    }
}
