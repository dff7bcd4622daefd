//! What people do with the ledger where it differs from its targets.

use serde_json::json;
use stanch_model::{
    ContainmentId,
    containment::{Containment, ContainmentState, DriftKind},
    people::{Actor, Role},
};

use super::People;
use crate::{
    Error, backup,
    core::{audit, tell},
};

impl People {
    /// Takes what the target shows for right: what is missing is undone from now on, what is still
    /// there is somebody else's.
    ///
    /// # Errors
    /// No such containment; one without drift, or whose target could not be asked; no reason.
    pub async fn accept_drift(
        &self,
        actor: &Actor,
        id: ContainmentId,
        reason: &str,
    ) -> Result<Containment, Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid("accepting a drift needs a reason".to_owned()));
        }
        let now = self.core.clock.now();
        let (who, why) = (actor.clone(), reason.to_owned());
        let written = self.core.store.write(move |tx| {
            let mut row = tx.containment(&who.tenant, id)?;
            let cannot =
                |why: &str| stanch_store::Error::Conflict(format!("containment {id} {why}"));
            let drift = row.drift.take().ok_or_else(|| cannot("has no drift to accept"))?;
            match drift.kind {
                DriftKind::Missing => {
                    row.state = ContainmentState::Undone;
                    row.undone_at = Some(now);
                    row.undone_by = Some(who.name.clone());
                    row.note = format!("not at the target any more, accepted: {why}");
                }
                DriftKind::StillThere => {
                    row.prior = true;
                    row.note = format!("at the target, but not ours, accepted: {why}");
                }
                DriftKind::Unreadable => {
                    return Err(cannot("could not be looked up at its target: nothing to accept"));
                }
            }
            tx.put_containment(&row)?;
            let subject = id.to_string();
            let text = format!("{} {}: {}", row.action.title, row.target, row.note);
            tell(tx, &who.tenant, row.incident, now, ("containment", &who.name, &subject), text)?;
            let detail = json!({ "drift": drift, "reason": why, "state": row.state });
            audit(tx, &who.tenant, now, (&who.name, "containment.accept_drift", &subject), detail)?;
            Ok(row)
        });
        let row = written.await?;
        self.core.live.tell("containment", id);
        Ok(row)
    }

    /// Lets a restored instance act although some targets could not be asked.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below admin; an instance that waits for nothing; no reason.
    pub async fn accept_unreadable(&self, actor: &Actor, reason: &str) -> Result<(), Error> {
        if actor.role < Role::Admin {
            let why = "letting a restored instance act takes an admin";
            return Err(Error::Forbidden(why.to_owned()));
        }
        if reason.trim().is_empty() {
            return Err(Error::Invalid("this needs a reason".to_owned()));
        }
        if self.core.restored().await?.is_none() {
            return Err(Error::Conflict("this instance waits for no target".to_owned()));
        }
        let now = self.core.clock.now();
        let (who, why) = (actor.name.clone(), reason.to_owned());
        self.core.store.write(move |tx| backup::release(tx, (&who, &why), now)).await?;
        self.core.released.notify_one();
        Ok(())
    }
}
