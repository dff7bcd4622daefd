//! Approvals: a named person's yes or no to one plan hash.

use serde_json::json;
use stanch_model::{
    ApprovalId, Time,
    guard::{Approval, ApprovalState, Vote},
    people::Actor,
};
use stanch_store::Tx;

use super::{People, incidents::acknowledge};
use crate::{
    Error,
    core::{audit, tell},
    runs::Message,
};

impl People {
    /// Says yes to exactly the plan with `plan_hash`.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the plan is another one, or the question does not stand any more;
    /// [`Error::Forbidden`] if the requester may not answer, or has answered.
    pub async fn approve(
        &self,
        actor: &Actor,
        id: ApprovalId,
        plan_hash: &str,
        reason: &str,
    ) -> Result<Approval, Error> {
        self.vote(actor, id, Some(plan_hash.to_owned()), reason).await
    }

    /// Says no. The reason is mandatory.
    ///
    /// # Errors
    /// As [`Self::approve`]; [`Error::Invalid`] without a reason.
    pub async fn deny(
        &self,
        actor: &Actor,
        id: ApprovalId,
        reason: &str,
    ) -> Result<Approval, Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid("a no needs a reason".to_owned()));
        }
        self.vote(actor, id, None, reason).await
    }

    async fn vote(
        &self,
        actor: &Actor,
        id: ApprovalId,
        plan_hash: Option<String>,
        reason: &str,
    ) -> Result<Approval, Error> {
        let now = self.core.clock.now();
        let (who, why) = (actor.clone(), reason.to_owned());
        let voted = self.core.store.write(move |tx| {
            if plan_hash.is_some() {
                crate::backup::may_act(tx)?;
            }
            let approval = tx.approval(&who.tenant, id)?;
            cast(tx, approval, &who, plan_hash.as_deref(), &why, now).map_err(refused)
        });
        let approval = voted.await.map_err(forbidden)?;
        self.core.live.tell("approval", id);
        if approval.state != ApprovalState::Waiting {
            let message = Message::Answered { approval: id };
            self.runs.send(&approval.tenant, approval.run, message).await;
        }
        Ok(approval)
    }

    /// Lapses what nobody answered in time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lapse_approvals(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.approvals_due(now)).await?;
        for approval in due {
            let (tenant, id) = (approval.tenant.clone(), approval.id);
            let lapsed = self.core.store.write(move |tx| {
                let mut approval = tx.approval(&tenant, id)?;
                if approval.state != ApprovalState::Waiting {
                    return Ok(false);
                }
                approval.state = ApprovalState::Expired;
                tx.put_approval(&approval)?;
                let subject = id.to_string();
                let what = ("approval", "engine", subject.as_str());
                tell(tx, &tenant, approval.incident, now, what, "nobody answered in time")?;
                let detail = json!({ "plan_hash": approval.plan_hash });
                audit(tx, &tenant, now, ("engine", "approval.expire", &subject), detail)?;
                Ok(true)
            });
            if lapsed.await? {
                self.core.live.tell("approval", id);
                let message = Message::Answered { approval: id };
                self.runs.send(&approval.tenant, approval.run, message).await;
            }
        }
        Ok(())
    }
}

/// Why a vote does not count.
enum NoVote {
    Conflict(String),
    Forbidden(String),
    Store(stanch_store::Error),
}

impl From<stanch_store::Error> for NoVote {
    fn from(error: stanch_store::Error) -> Self {
        Self::Store(error)
    }
}

/// Marks a refusal that is about who asks, on its way through the store.
const FORBIDDEN: &str = "forbidden: ";

fn refused(no_vote: NoVote) -> stanch_store::Error {
    match no_vote {
        NoVote::Conflict(text) => stanch_store::Error::Conflict(text),
        NoVote::Forbidden(text) => stanch_store::Error::Conflict(format!("{FORBIDDEN}{text}")),
        NoVote::Store(error) => error,
    }
}

fn forbidden(error: stanch_store::Error) -> Error {
    match error {
        stanch_store::Error::Conflict(text) => match text.strip_prefix(FORBIDDEN) {
            Some(text) => Error::Forbidden(text.to_owned()),
            None => Error::Conflict(text),
        },
        other => other.into(),
    }
}

fn cast(
    tx: &Tx<'_>,
    mut approval: Approval,
    actor: &Actor,
    plan_hash: Option<&str>,
    reason: &str,
    now: Time,
) -> Result<Approval, NoVote> {
    if approval.state != ApprovalState::Waiting || approval.expires_at <= now {
        let text = format!("approval {} does not stand any more", approval.id);
        return Err(NoVote::Conflict(text));
    }
    if plan_hash.is_some_and(|hash| hash != approval.plan_hash) {
        let text = "the plan is not the one that was looked at: read it again".to_owned();
        return Err(NoVote::Conflict(text));
    }
    if approval.terms.not_requester && approval.requested_by == actor.name {
        let text = "who requested the run may not answer for it".to_owned();
        return Err(NoVote::Forbidden(text));
    }
    if approval.votes.iter().any(|vote| vote.by == actor.name) {
        return Err(NoVote::Forbidden("you have answered already".to_owned()));
    }
    let approve = plan_hash.is_some();
    approval.votes.push(Vote {
        by: actor.name.clone(),
        approve,
        reason: reason.to_owned(),
        at: now,
    });
    let yes = approval.votes.iter().filter(|vote| vote.approve).count();
    if !approve {
        approval.state = ApprovalState::Denied;
    } else if u32::try_from(yes).unwrap_or(u32::MAX) >= approval.terms.count {
        approval.state = ApprovalState::Approved;
    }
    tx.put_approval(&approval)?;
    if let Some(incident) = approval.incident {
        acknowledge(tx, &actor.tenant, incident, &actor.name, now)?;
    }
    let subject = approval.id.to_string();
    let (verb, word) = if approve {
        ("approval.approve", "approved the plan")
    } else {
        ("approval.deny", "denied the plan")
    };
    let text = if reason.is_empty() { word.to_owned() } else { format!("{word}: {reason}") };
    let what = ("approval", actor.name.as_str(), subject.as_str());
    tell(tx, &actor.tenant, approval.incident, now, what, text)?;
    let detail = json!({
        "plan_hash": approval.plan_hash, "reason": reason, "votes": approval.votes.len(),
        "needed": approval.terms.count, "state": approval.state,
    });
    audit(tx, &actor.tenant, now, (&actor.name, verb, &subject), detail)?;
    Ok(approval)
}
