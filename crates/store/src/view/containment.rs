//! The containment ledger, and the intents that budgets count.

use std::time::Duration;

use stanch_model::{
    ContainmentId, IncidentId, RunId, TenantId, Time, containment::Containment, plan::StepKey,
};

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// The containment by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn containment(&self, tenant: &TenantId, id: ContainmentId) -> Result<Containment, Error> {
        self.document(
            "SELECT document FROM containment WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "containment", id: id.to_string() })
    }

    /// The containment that a step of a run made.
    ///
    /// # Errors
    /// The database's.
    pub fn containment_of(&self, run: RunId, step: &StepKey) -> Result<Option<Containment>, Error> {
        self.document(
            "SELECT document FROM containment WHERE run = ?1 AND step = ?2",
            params![run.to_string(), step.0],
        )
    }

    /// The ledger, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn containments(
        &self,
        tenant: &TenantId,
        live: Option<bool>,
        incident: Option<IncidentId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Containment>, Option<i64>), Error> {
        self.page(
            "SELECT number, document FROM containment
             WHERE tenant = ?1 AND number < ?2 AND (?4 IS NULL OR live = ?4) AND (?5 IS NULL OR incident = ?5)
             ORDER BY number DESC LIMIT ?3",
            params![
                tenant.0,
                before.unwrap_or(i64::MAX),
                limit.saturating_add(1),
                live,
                incident.map(|id| id.to_string())
            ],
            limit,
        )
    }

    /// Verified containments of all tenants whose time is over at `now`, and undos that a crash cut off.
    ///
    /// # Errors
    /// The database's.
    pub fn containments_due(&self, now: Time) -> Result<Vec<Containment>, Error> {
        self.documents(
            "SELECT document FROM containment
             WHERE live = 1 AND expires_at <= ?1 AND state IN ('verified', 'accepted', 'unverified', 'unknown')
             ORDER BY expires_at LIMIT 200",
            params![now.micros()],
        )
    }

    /// Containments of all tenants in that state.
    ///
    /// # Errors
    /// The database's.
    pub fn containments_in(&self, state: &str) -> Result<Vec<Containment>, Error> {
        self.documents("SELECT document FROM containment WHERE state = ?1", params![state])
    }

    /// How many other live containments hold the same effect at the same target.
    ///
    /// # Errors
    /// The database's.
    pub fn holders(
        &self,
        tenant: &TenantId,
        effect_key: &str,
        except: ContainmentId,
    ) -> Result<u32, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM containment
             WHERE tenant = ?1 AND effect_key = ?2 AND live = 1 AND id <> ?3
               AND state IN ('intended', 'accepted', 'verified', 'unverified', 'unknown')",
            params![tenant.0, effect_key, except.to_string()],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }

    /// All other live containments of the same effect at the same target, in whatever state.
    ///
    /// # Errors
    /// The database's.
    pub fn live_with(
        &self,
        tenant: &TenantId,
        effect_key: &str,
        except: ContainmentId,
    ) -> Result<Vec<Containment>, Error> {
        self.documents(
            "SELECT document FROM containment
             WHERE tenant = ?1 AND effect_key = ?2 AND live = 1 AND id <> ?3",
            params![tenant.0, effect_key, except.to_string()],
        )
    }

    /// How many intents of `class` there are in the `window` before `now`.
    ///
    /// # Errors
    /// The database's.
    pub fn intents(
        &self,
        tenant: &TenantId,
        class: &str,
        now: Time,
        window: Duration,
    ) -> Result<u32, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM intent WHERE tenant = ?1 AND class = ?2 AND at > ?3",
            params![tenant.0, class, now.minus(window).micros()],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }
}
