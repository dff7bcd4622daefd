//! Intents and the containment ledger.

use stanch_model::{
    RunId, TenantId, Time, canonical,
    containment::Containment,
    guard::Counter,
    plan::{PlannedAction, StepKey},
};

use super::Tx;
use crate::{Error, sql::params, view::word};

/// What two acts share if they hold the same effect at the same target.
pub(crate) fn effect_key(action: &PlannedAction) -> String {
    let target = action.target.as_ref().map(ToString::to_string).unwrap_or_default();
    canonical::sha256_bytes(format!("{}\n{}\n{target}", action.instance, action.action).as_bytes())
}

impl Tx<'_> {
    /// Commits the intent to act: only if nothing that the guard rests on changed since it decided,
    /// and every counter has room. Must be in the same change as the journal record of the intent.
    ///
    /// # Errors
    /// [`Error::StaleEpoch`], [`Error::OverBudget`]; the database's.
    #[tracing::instrument(name = "store.commit_intent", skip_all)]
    pub fn commit_intent(
        &self,
        tenant: &TenantId,
        (run, step): (RunId, &StepKey),
        decided_epoch: u64,
        counters: &[Counter],
        now: Time,
    ) -> Result<(), Error> {
        let found = self.guard_epoch()?;
        if found != decided_epoch {
            return Err(Error::StaleEpoch { decided: decided_epoch, found });
        }
        for counter in counters {
            let count = self.intents(tenant, &counter.class, now, counter.window)?;
            if count >= counter.limit {
                let class = counter.class.clone();
                return Err(Error::OverBudget { class, count, limit: counter.limit });
            }
        }
        let mut classes: Vec<&str> = counters.iter().map(|c| c.class.as_str()).collect();
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            self.execute(
                "INSERT INTO intent (tenant, class, at, run, step) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO NOTHING",
                params![tenant.0, class, now.micros(), run.to_string(), step.0],
            )?;
        }
        self.raise_high_water(now)
    }

    /// Writes a containment, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_containment(&self, containment: &Containment) -> Result<(), Error> {
        self.execute(
            "INSERT INTO containment
                 (tenant, id, run, step, incident, effect_key, state, live, expires_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, live = excluded.live,
                 expires_at = excluded.expires_at, document = excluded.document",
            params![
                containment.tenant.0,
                containment.id.to_string(),
                containment.run.to_string(),
                containment.action.key.0,
                containment.incident.map(|id| id.to_string()),
                effect_key(&containment.action),
                word(containment.state)?,
                containment.state.is_live(),
                containment.expires_at.map(Time::micros),
                serde_json::to_string(containment)?
            ],
        )?;
        Ok(())
    }

    /// How many other live containments hold the same effect at the same target.
    ///
    /// # Errors
    /// The database's.
    pub fn other_holders(&self, containment: &Containment) -> Result<u32, Error> {
        self.holders(&containment.tenant, &effect_key(&containment.action), containment.id)
    }

    /// All other live containments of the same effect at the same target, in whatever state.
    ///
    /// # Errors
    /// The database's.
    pub fn other_live(&self, containment: &Containment) -> Result<Vec<Containment>, Error> {
        self.live_with(&containment.tenant, &effect_key(&containment.action), containment.id)
    }
}
