//! What the reconciler looks at.

use stanch_model::containment::Containment;

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// Containments of all tenants whose effect the ledger says is at the target, after the id
    /// `after` (empty for the first), in the order of their ids.
    ///
    /// # Errors
    /// The database's.
    pub fn containments_held(&self, after: &str, limit: u32) -> Result<Vec<Containment>, Error> {
        self.documents(
            "SELECT document FROM containment
             WHERE live = 1 AND state IN ('verified', 'unverified') AND id > ?1
             ORDER BY id LIMIT ?2",
            params![after, limit],
        )
    }

    /// The containments of all tenants that were made last among those that are undone.
    ///
    /// # Errors
    /// The database's.
    pub fn containments_undone(&self, limit: u32) -> Result<Vec<Containment>, Error> {
        self.documents(
            "SELECT document FROM containment WHERE state = 'undone' ORDER BY id DESC LIMIT ?1",
            params![limit],
        )
    }
}
