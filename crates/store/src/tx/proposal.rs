//! Proposals, and the policies that were in force.

use stanch_model::{TenantId, proposal::Proposal};

use super::Tx;
use crate::{
    Error,
    sql::params,
    view::{PolicyVersion, word},
};

impl Tx<'_> {
    /// Writes a proposal, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_proposal(&self, proposal: &Proposal) -> Result<(), Error> {
        self.execute(
            "INSERT INTO proposal (tenant, id, state, due_at, document) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, id) DO UPDATE SET state = ?3, due_at = ?4, document = ?5",
            params![
                proposal.tenant.0,
                proposal.id.to_string(),
                word(proposal.state)?,
                proposal.due_at.micros(),
                serde_json::to_string(proposal)?
            ],
        )?;
        Ok(())
    }

    /// Puts a policy in force. The epoch goes up: nothing that was decided under the one before becomes an intent.
    ///
    /// # Errors
    /// [`Error::Conflict`] if that version is there already; the database's.
    pub fn add_policy(&self, tenant: &TenantId, policy: &PolicyVersion) -> Result<(), Error> {
        let new = self.execute(
            "INSERT INTO policy_history (tenant, version, document) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, version) DO NOTHING",
            params![tenant.0, i64::from(policy.version), serde_json::to_string(policy)?],
        )?;
        match new {
            1 => self.raise_epoch(),
            _ => Err(Error::Conflict("another policy came in force meanwhile".to_owned())),
        }
    }
}
