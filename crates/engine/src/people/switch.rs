//! The kill switch and modes: what stops everything, and how far a playbook is trusted.

use serde_json::json;
use stanch_model::{
    guard::Mode,
    people::{Actor, Role},
};
use stanch_store::KillSwitch;

use super::{People, proposals::Came, trust::forget};
use crate::{Error, core::audit};

impl People {
    /// Moves the kill switch. Engaging is any responder's; releasing is an admin's. After this
    /// returns no intent that was decided before commits.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] without a reason.
    pub async fn set_kill_switch(
        &self,
        actor: &Actor,
        engaged: bool,
        reason: &str,
    ) -> Result<KillSwitch, Error> {
        if !engaged && actor.role < Role::Admin {
            return Err(Error::Forbidden("releasing the kill switch takes an admin".to_owned()));
        }
        if reason.trim().is_empty() {
            return Err(Error::Invalid("the kill switch needs a reason".to_owned()));
        }
        let now = self.core.clock.now();
        let (who, why) = (actor.clone(), reason.to_owned());
        let written = self.core.store.write(move |tx| {
            let switch = tx.set_kill_switch(engaged, &who.name, &why, now)?;
            let verb = if engaged { "kill_switch.engage" } else { "kill_switch.release" };
            let detail = json!({ "reason": why, "epoch": switch.epoch });
            audit(tx, &who.tenant, now, (&who.name, verb, "kill_switch"), detail)?;
            Ok(switch)
        });
        let switch = written.await?;
        self.core.live.tell("kill_switch", switch.epoch);
        Ok(switch)
    }

    /// Says how far a playbook is trusted from now on; `auto` stays out of reach where its text or
    /// a target that is no practice forbids it.
    ///
    /// # Errors
    /// No such playbook; a mode above the playbook's `max_mode`, or `auto` on a fresh installation
    /// for targets that are no practice; one that is further than now, which has to be proposed;
    /// [`Error::Forbidden`] below admin.
    pub async fn set_mode(&self, actor: &Actor, playbook: &str, mode: Mode) -> Result<Mode, Error> {
        match self.change_mode(actor, playbook, mode, None).await? {
            Came::Done(mode) => Ok(mode),
            Came::Proposed(_) => Err(Error::Conflict("it has to be proposed".to_owned())),
        }
    }

    /// Says how far a playbook is trusted: less at once, and so for the practice target; further takes a
    /// second person and a day, and a reason.
    ///
    /// # Errors
    /// As [`Self::set_mode`].
    pub async fn change_mode(
        &self,
        actor: &Actor,
        playbook: &str,
        mode: Mode,
        reason: Option<&str>,
    ) -> Result<Came<Mode>, Error> {
        if actor.role < Role::Admin {
            return Err(Error::Forbidden("changing a mode takes an admin".to_owned()));
        }
        let loaded = self
            .runs
            .playbooks()
            .get(playbook)
            .ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        let most = loaded.playbook().max_mode;
        if mode > most {
            return Err(Error::Conflict(format!(
                "playbook {playbook} cannot go beyond {} here",
                most.word()
            )));
        }
        let trusted = self.runs.mode(&actor.tenant, playbook).await?;
        if mode > trusted && !loaded.is_practice() {
            let earned = self.promotion(&actor.tenant, playbook, mode).await?;
            if !earned.allowed {
                let (mode, because) = (mode.word(), earned.because.join("; "));
                let why = format!("playbook {playbook} has not earned {mode}: {because}");
                return Err(Error::Conflict(why));
            }
            let why = "to trust a playbook further takes a second person and a day: say why, with a reason";
            let reason = reason.ok_or_else(|| Error::Invalid(why.to_owned()))?;
            let about = (playbook, loaded.digest());
            return self.propose_mode(actor, about, (trusted, mode), reason).await;
        }
        let now = self.core.clock.now();
        let (who, name) = (actor.clone(), playbook.to_owned());
        let written = self.core.store.write(move |tx| {
            tx.set_mode(&who.tenant, &name, mode)?;
            forget(tx, &who.tenant, &name)?;
            let detail = json!({ "mode": mode });
            audit(tx, &who.tenant, now, (&who.name, "playbook.mode", &name), detail)
        });
        written.await?;
        Ok(Came::Done(mode))
    }
}
