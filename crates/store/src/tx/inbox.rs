//! What is said to runs from outside, runs that others called, acts whose outcome nobody knows.

use stanch_model::{RunId, TenantId, plan::StepKey};

use super::Tx;
use crate::{
    Error,
    sql::params,
    view::{Child, InboxEntry, UnknownOutcome},
};

impl Tx<'_> {
    /// Puts something into the inbox of a run.
    ///
    /// # Errors
    /// The database's; an id that is taken.
    pub fn put_inbox(&self, run: RunId, entry: &InboxEntry) -> Result<(), Error> {
        self.execute(
            "INSERT INTO inbox (run, id, at, document) VALUES (?1, ?2, ?3, ?4)",
            params![run.to_string(), entry.id, entry.at.micros(), serde_json::to_string(entry)?],
        )?;
        Ok(())
    }

    /// Takes something out of the inbox of a run; in the same change as what it became.
    ///
    /// # Errors
    /// The database's.
    pub fn take_inbox(&self, run: RunId, id: &str) -> Result<(), Error> {
        self.execute("DELETE FROM inbox WHERE run = ?1 AND id = ?2", params![run.to_string(), id])?;
        Ok(())
    }

    /// Empties the inbox of a run that has ended, and takes its open work from people.
    ///
    /// # Errors
    /// The database's.
    pub fn close_inbox(&self, tenant: &TenantId, run: RunId) -> Result<(), Error> {
        self.execute("DELETE FROM inbox WHERE run = ?1", params![run.to_string()])?;
        self.execute(
            "DELETE FROM unknown_outcome WHERE tenant = ?1 AND run = ?2",
            params![tenant.0, run.to_string()],
        )?;
        Ok(())
    }

    /// Notes that a run was called by another.
    ///
    /// # Errors
    /// The database's.
    pub fn put_child(&self, child: &Child) -> Result<(), Error> {
        self.execute(
            "INSERT INTO child (tenant, run, parent, step) VALUES (?1, ?2, ?3, ?4)",
            params![child.tenant.0, child.run.to_string(), child.parent.to_string(), child.step.0],
        )?;
        Ok(())
    }

    /// Notes an act whose outcome nobody knows.
    ///
    /// # Errors
    /// The database's.
    pub fn put_unknown_outcome(&self, unknown: &UnknownOutcome) -> Result<(), Error> {
        self.execute(
            "INSERT INTO unknown_outcome (tenant, run, step, at, document)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, run, step) DO UPDATE SET
                 at = excluded.at, document = excluded.document",
            params![
                unknown.tenant.0,
                unknown.run.to_string(),
                unknown.step.0,
                unknown.at.micros(),
                serde_json::to_string(unknown)?
            ],
        )?;
        Ok(())
    }

    /// Takes an act away whose outcome is known now.
    ///
    /// # Errors
    /// The database's.
    pub fn clear_unknown_outcome(
        &self,
        tenant: &TenantId,
        run: RunId,
        step: &StepKey,
    ) -> Result<(), Error> {
        self.execute(
            "DELETE FROM unknown_outcome WHERE tenant = ?1 AND run = ?2 AND step = ?3",
            params![tenant.0, run.to_string(), step.0],
        )?;
        Ok(())
    }
}
