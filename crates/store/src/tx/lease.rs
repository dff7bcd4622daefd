//! Leases: taken, renewed, given back.

use std::time::Duration;

use stanch_model::Time;

use super::Tx;
use crate::{Error, sql::params, view::Lease};

impl Tx<'_> {
    /// Takes a lease that nobody holds, that has lapsed, or that the same holder had before it was
    /// started anew. Whoever had it before cannot write under it after this is committed.
    ///
    /// # Errors
    /// [`Error::Held`]; the database's.
    pub fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: Time,
        time: Duration,
    ) -> Result<Lease, Error> {
        let before = self.lease(name)?;
        if let Some(before) = &before
            && before.holder != holder
            && before.expires_at > now
        {
            return Err(Error::Held {
                name: before.name.clone(),
                holder: before.holder.clone(),
                until: before.expires_at,
            });
        }
        let lease = Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            epoch: before.map_or(0, |before| before.epoch) + 1,
            expires_at: now.plus(time),
        };
        self.execute(
            "INSERT INTO lease (name, holder, epoch, expires_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch,
                 expires_at = excluded.expires_at",
            params![
                lease.name,
                lease.holder,
                i64::try_from(lease.epoch).unwrap_or(i64::MAX),
                lease.expires_at.micros()
            ],
        )?;
        Ok(lease)
    }

    /// Holds a lease for longer. One that has lapsed meanwhile is still ours if nobody took it.
    ///
    /// # Errors
    /// [`Error::StaleLease`]; the database's.
    pub fn renew_lease(&self, lease: &Lease, now: Time, time: Duration) -> Result<Lease, Error> {
        self.demand_lease(lease)?;
        let expires_at = now.plus(time);
        self.execute(
            "UPDATE lease SET expires_at = ?2 WHERE name = ?1",
            params![lease.name, expires_at.micros()],
        )?;
        Ok(Lease { expires_at, ..lease.clone() })
    }

    /// Gives a lease back: the next holder need not wait until it lapses.
    ///
    /// # Errors
    /// [`Error::StaleLease`]; the database's.
    pub fn release_lease(&self, lease: &Lease) -> Result<(), Error> {
        self.renew_lease(lease, Time::default(), Duration::ZERO).map(|_given_back| ())
    }
}
