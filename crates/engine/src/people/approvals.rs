//! Approvals: a named person's yes or no to one plan hash.

use serde_json::json;
use stanch_model::{
    ApprovalId, Time,
    guard::{Approval, ApprovalState, people_for},
    people::Actor,
};
use stanch_store::Tx;

use super::{
    People,
    incidents::acknowledge,
    votes::{DELAY, NotYours, Roll, Standing, place, standing, voter},
};
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
    /// [`Error::Forbidden`] for whoever is not asked, requested it, or has answered.
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
        let approval = voted.await?;
        self.core.live.tell("approval", id);
        if approval.state != ApprovalState::Waiting {
            let message = Message::Answered { approval: id };
            self.runs.send(&approval.tenant, approval.run, message).await;
        }
        Ok(approval)
    }
}

/// Why a vote does not count.
enum NoVote {
    Conflict(String),
    Forbidden(String),
    Store(stanch_store::Error),
}

impl From<NotYours> for NoVote {
    fn from(NotYours(why): NotYours) -> Self {
        Self::Forbidden(why)
    }
}

impl From<stanch_store::Error> for NoVote {
    fn from(error: stanch_store::Error) -> Self {
        Self::Store(error)
    }
}

fn refused(no_vote: NoVote) -> stanch_store::Error {
    match no_vote {
        NoVote::Conflict(text) => stanch_store::Error::Conflict(text),
        NoVote::Forbidden(text) => super::forbid(&text),
        NoVote::Store(error) => error,
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
    let approve = plan_hash.is_some();
    let voter = voter(tx, actor)?;
    let roll = Roll::read(tx, &approval, &voter.name, now)?;
    let on_behalf_of = place(&approval, &voter, &roll, approve)?;
    approval.votes.push(voter.vote(on_behalf_of, approve, reason, now));
    settle(tx, &mut approval, &roll, approve, now)?;
    tx.move_approval(&approval)?;
    if let Some(incident) = approval.incident {
        acknowledge(tx, &actor.tenant, incident, &actor.name, now)?;
    }
    record(tx, &approval, actor, now)?;
    Ok(approval)
}

/// What the votes so far come to.
fn settle(
    tx: &Tx<'_>,
    approval: &mut Approval,
    roll: &Roll,
    approve: bool,
    now: Time,
) -> Result<(), stanch_store::Error> {
    if !approve {
        approval.state = ApprovalState::Denied;
        return Ok(());
    }
    match standing(approval, &roll.able) {
        Standing::Enough => {
            approval.state = ApprovalState::Approved;
            approval.alone_until = None;
        }
        Standing::Alone if approval.alone_until.is_none() => {
            let until = now.plus(DELAY);
            approval.alone_until = Some(until);
            approval.expires_at = until;
            let subject = approval.id.to_string();
            let delay = stanch_model::duration::format(DELAY);
            let text = format!(
                "NOBODY ELSE CAN DECIDE HERE: {} are asked for; unless somebody says no, a delay of \
                 {delay} takes the place of those who do not exist",
                approval.terms.count
            );
            tracing::warn!(approval = %subject, %until, "fewer people exist than are asked for");
            let what = ("approval", "engine", subject.as_str());
            tell(tx, &approval.tenant, approval.incident, now, what, text)?;
            let detail = json!({
                "plan_hash": approval.plan_hash, "needed": approval.terms.count,
                "able": roll.able, "until": until,
            });
            audit(tx, &approval.tenant, now, ("engine", "approval.alone", &subject), detail)?;
        }
        Standing::Alone | Standing::Open => {}
    }
    Ok(())
}

/// Tells the incident and the audit of the last vote.
fn record(
    tx: &Tx<'_>,
    approval: &Approval,
    actor: &Actor,
    now: Time,
) -> Result<(), stanch_store::Error> {
    let Some(vote) = approval.votes.last() else { return Ok(()) };
    let subject = approval.id.to_string();
    let (verb, word) = if vote.approve {
        ("approval.approve", "approved the plan")
    } else {
        ("approval.deny", "denied the plan")
    };
    let whose = vote.on_behalf_of.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
    let why = if vote.reason.is_empty() { String::new() } else { format!(": {}", vote.reason) };
    let what = ("approval", vote.by.as_str(), subject.as_str());
    tell(tx, &actor.tenant, approval.incident, now, what, format!("{word}{whose}{why}"))?;
    let detail = json!({
        "plan_hash": approval.plan_hash, "reason": vote.reason, "by": vote.by,
        "on_behalf_of": vote.on_behalf_of, "token": vote.token, "is_person": vote.is_person,
        "people": people_for(&approval.votes), "needed": approval.terms.count,
        "state": approval.state,
    });
    audit(tx, &actor.tenant, now, (&actor.name, verb, &subject), detail)
}
