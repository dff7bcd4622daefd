//! What the clock does with a question that stands: puts it to others, lets the delay of a small team
//! end, or lapses it.

use serde_json::{Value, json};
use stanch_model::{
    TenantId, Time,
    guard::{Approval, ApprovalState},
    people::Role,
};
use stanch_store::{Error as StoreError, Tx};

use super::{
    People,
    votes::{DELAY, Standing, able, standing},
};
use crate::{
    Error,
    core::{audit, tell},
    runs::Message,
};

impl People {
    /// Sees to the approvals whose time is over.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lapse_approvals(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.approvals_due(now)).await?;
        for approval in due {
            let owners = self.assets.owners(&approval.plan);
            let (tenant, id) = (approval.tenant, approval.id);
            let moved = self.core.store.write(move |tx| {
                let approval = tx.approval(&tenant, id)?;
                if approval.state != ApprovalState::Waiting || approval.expires_at > now {
                    return Ok(None);
                }
                time_is_over(tx, approval, owners.iter().cloned().collect(), now).map(Some)
            });
            let Some(approval) = moved.await? else { continue };
            self.core.live.tell("approval", id);
            if approval.state != ApprovalState::Waiting {
                let message = Message::Answered { approval: id };
                self.runs.send(&approval.tenant, approval.run, message).await;
            }
        }
        Ok(())
    }
}

fn time_is_over(
    tx: &Tx<'_>,
    mut approval: Approval,
    owners: Vec<String>,
    now: Time,
) -> Result<Approval, StoreError> {
    if approval.alone_until.is_some() {
        return delay_is_over(tx, approval, now);
    }
    if approval.terms.escalate && approval.escalated_at.is_none() {
        let (to, what) = asked_next(tx, &approval.tenant, owners)?;
        if !to.is_empty() {
            return escalate(tx, approval, to, what, now);
        }
    }
    approval.state = ApprovalState::Expired;
    let told = "nobody answered in time";
    let detail = json!({ "plan_hash": approval.plan_hash, "escalated_to": approval.escalated_to });
    write(tx, &approval, ("approval.expire", told, detail), now)?;
    Ok(approval)
}

/// Puts the question to those who are asked next, for as long again.
fn escalate(
    tx: &Tx<'_>,
    mut approval: Approval,
    to: Vec<String>,
    what: &str,
    now: Time,
) -> Result<Approval, StoreError> {
    let told = format!("nobody answered in time: now {what} asked: {}", to.join(", "));
    approval.escalated_at = Some(now);
    approval.expires_at = now.plus(approval.terms.within);
    let detail = json!({
        "plan_hash": approval.plan_hash, "to": to, "who": what, "until": approval.expires_at,
    });
    approval.escalated_to = to;
    write(tx, &approval, ("approval.escalate", &told, detail), now)?;
    Ok(approval)
}

/// The targets' owners who may decide, else the admins.
fn asked_next(
    tx: &Tx<'_>,
    tenant: &TenantId,
    mut owners: Vec<String>,
) -> Result<(Vec<String>, &'static str), StoreError> {
    let able = able(tx, tenant)?;
    owners.retain(|owner| able.contains(owner));
    if !owners.is_empty() {
        return Ok((owners, "the owners of the targets are"));
    }
    let people = tx.people(tenant)?.into_iter();
    let admins = people.filter(|user| user.role == Role::Admin).map(|user| user.name).collect();
    Ok((admins, "the admins are"))
}

/// The delay takes the place of those who do not exist, unless somebody does by now.
fn delay_is_over(tx: &Tx<'_>, mut approval: Approval, now: Time) -> Result<Approval, StoreError> {
    let yes: Vec<&str> = approval.votes.iter().map(|vote| vote.by.as_str()).collect();
    let mut detail = json!({
        "plan_hash": approval.plan_hash, "yes": yes, "needed": approval.terms.count,
        "delay": stanch_model::duration::format(DELAY),
    });
    if standing(&approval, &able(tx, &approval.tenant)?) == Standing::Alone {
        approval.state = ApprovalState::Approved;
        let told = "APPROVED BY FEWER PEOPLE THAN ARE ASKED FOR: nobody else can decide here, and the \
                    delay is over";
        write(tx, &approval, ("approval.after_delay", told, detail), now)?;
        return Ok(approval);
    }
    approval.alone_until = None;
    approval.expires_at = now.plus(approval.terms.within);
    let told = "there are others who can decide by now: the delay does not take their place";
    if let Value::Object(detail) = &mut detail {
        detail.insert("until".to_owned(), json!(approval.expires_at));
    }
    write(tx, &approval, ("approval.not_alone", told, detail), now)?;
    Ok(approval)
}

fn write(
    tx: &Tx<'_>,
    approval: &Approval,
    (verb, told, detail): (&'static str, &str, Value),
    now: Time,
) -> Result<(), StoreError> {
    tx.move_approval(approval)?;
    let subject = approval.id.to_string();
    let what = ("approval", "engine", subject.as_str());
    tell(tx, &approval.tenant, approval.incident, now, what, told)?;
    audit(tx, &approval.tenant, now, ("engine", verb, &subject), detail)
}
