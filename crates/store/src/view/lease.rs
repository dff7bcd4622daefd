//! Leases: what one process holds at a time.

use stanch_model::Time;

use super::View;
use crate::{Error, sql::params};

/// What one process holds at a time, until it lapses or is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What is held.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// How often it was taken: goes up with every new holder, and never down.
    pub epoch: u64,
    /// Until when, unless it is renewed.
    pub expires_at: Time,
}

impl View<'_> {
    /// Who held that lease last; none if nobody ever did.
    ///
    /// # Errors
    /// The database's.
    pub fn lease(&self, name: &str) -> Result<Option<Lease>, Error> {
        self.first(
            "SELECT name, holder, epoch, expires_at FROM lease WHERE name = ?1",
            params![name],
            |row| {
                Ok(Lease {
                    name: row.get(0)?,
                    holder: row.get(1)?,
                    epoch: row.get(2)?,
                    expires_at: Time::from_micros(row.get(3)?),
                })
            },
        )
    }

    /// Refuses unless `lease` was taken by nobody else since. In a change: what the change does is
    /// done under the lease, or not at all.
    ///
    /// # Errors
    /// [`Error::StaleLease`]; the database's.
    pub fn demand_lease(&self, lease: &Lease) -> Result<(), Error> {
        let found = self.lease(&lease.name)?;
        match found {
            Some(found) if found.epoch == lease.epoch && found.holder == lease.holder => Ok(()),
            found => Err(Error::StaleLease {
                name: lease.name.clone(),
                holder: found.map_or_else(|| "nobody".to_owned(), |found| found.holder),
                epoch: lease.epoch,
            }),
        }
    }
}
