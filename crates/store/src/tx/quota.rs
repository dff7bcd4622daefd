//! Requests counted against quotas.

use stanch_model::TenantId;

use super::Tx;
use crate::{Error, sql::params};

impl Tx<'_> {
    /// Counts `requests` more of an instance in each of `periods`, given with how many fit; counts of
    /// periods that are over are forgotten. With `may_wait` nothing is counted where one is used up.
    ///
    /// # Errors
    /// [`Error::OverBudget`] with `may_wait`; the database's.
    pub fn count_requests(
        &self,
        tenant: &TenantId,
        instance: &str,
        periods: &[(String, u32)],
        requests: u32,
        may_wait: bool,
    ) -> Result<(), Error> {
        let used = self.requests_counted(tenant, instance)?;
        for (period, limit) in periods {
            let count = used.iter().find(|(of, _)| of == period).map_or(0, |(_, count)| *count);
            if may_wait && count.saturating_add(requests) > *limit {
                return Err(Error::OverBudget { class: period.clone(), count, limit: *limit });
            }
        }
        for (period, _) in used.iter().filter(|(of, _)| !periods.iter().any(|(now, _)| now == of)) {
            self.execute(
                "DELETE FROM quota_used WHERE tenant = ?1 AND instance = ?2 AND period = ?3",
                params![tenant.0, instance, period],
            )?;
        }
        for (period, _) in periods {
            self.execute(
                "INSERT INTO quota_used (tenant, instance, period, count) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, instance, period) DO UPDATE
                     SET count = quota_used.count + ?4",
                params![tenant.0, instance, period, requests],
            )?;
        }
        Ok(())
    }
}
