//! Approvals that are put anew: to others, or for longer.

use stanch_model::guard::Approval;

use super::Tx;
use crate::{Error, sql::params, view::word};

impl Tx<'_> {
    /// Writes an approval whose time has moved.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn move_approval(&self, approval: &Approval) -> Result<(), Error> {
        let changed = self.execute(
            "UPDATE approval SET state = ?3, expires_at = ?4, document = ?5
             WHERE tenant = ?1 AND id = ?2",
            params![
                approval.tenant.0,
                approval.id.to_string(),
                word(approval.state)?,
                approval.expires_at.micros(),
                serde_json::to_string(approval)?
            ],
        )?;
        match changed {
            1 => Ok(()),
            _ => Err(Error::NotFound { what: "approval", id: approval.id.to_string() }),
        }
    }
}
