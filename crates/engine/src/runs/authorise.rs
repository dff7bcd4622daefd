//! From a planned act to its intent: the guard, then people or nobody, then one conditional commit.

use std::collections::BTreeMap;

use stanch_model::{
    ApprovalId, ContainmentId,
    guard::{Approval, ApprovalState, Decision, Reason},
    plan::{Plan, PlannedAction, StepKey},
};
use stanch_playbook::RunEvent;

use super::driver::{Driver, More, Ride, is_shadow};
use crate::{
    Error,
    acting::{Weighed, idempotency_key, open_row},
    core::{audit, tell},
};

/// How often an intent is decided anew because the guard's facts moved under it.
const DECISIONS_MAX: u32 = 8;

impl Driver {
    pub(super) async fn authorise(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        action: PlannedAction,
    ) -> Result<(), Error> {
        if is_shadow(ride) {
            return self.happened(ride, vec![RunEvent::Simulated { key }], None).await;
        }
        for _ in 0..DECISIONS_MAX {
            let weighed = self.weigh(ride, &key, &action).await?;
            match &weighed.decision {
                Decision::Refuse { .. } => {
                    let event = RunEvent::Decided { key, decision: weighed.decision };
                    return self.happened(ride, vec![event], None).await;
                }
                Decision::Ask { .. } => return self.ask(ride, key, &action, weighed).await,
                Decision::Allow { .. } => {
                    if self.intend(ride, &key, &action, weighed).await? {
                        return Ok(());
                    }
                }
            }
        }
        let why = "the guard's facts kept changing while the act was decided".to_owned();
        self.happened(ride, vec![RunEvent::Failed { key, why }], None).await
    }

    /// The guard's decision, raised to what the step itself asks for.
    async fn weigh(
        &self,
        ride: &Ride,
        key: &StepKey,
        action: &PlannedAction,
    ) -> Result<Weighed, Error> {
        let approved_by = ride.run.approved_by(action);
        let acting = &self.runs.shared.acting;
        let mut weighed = acting.weigh(&ride.context, action, approved_by).await?;
        let Some(approve) = ride.run.approve(key) else { return Ok(weighed) };
        let reason = Reason {
            rule: "playbook".to_owned(),
            text: format!("the step asks for the approval of {} people", approve.count),
        };
        match &mut weighed.decision {
            Decision::Allow { reasons } if approved_by < approve.count => {
                let mut reasons = std::mem::take(reasons);
                reasons.push(reason);
                let mut terms = acting.terms(approve.count);
                terms.within = approve.within.unwrap_or(terms.within);
                weighed.decision = Decision::Ask { terms, reasons };
            }
            Decision::Ask { terms, reasons } => {
                terms.count = terms.count.max(approve.count);
                terms.within = approve.within.unwrap_or(terms.within);
                reasons.push(reason);
            }
            Decision::Allow { .. } | Decision::Refuse { .. } => {}
        }
        Ok(weighed)
    }

    /// Commits the intent, or fails where that cannot be; false if the guard has to decide again.
    async fn intend(
        &mut self,
        ride: &mut Ride,
        key: &StepKey,
        action: &PlannedAction,
        weighed: Weighed,
    ) -> Result<bool, Error> {
        let acting = &self.runs.shared.acting;
        let prior = match acting.was_there_before(ride.context.head.id, key, action).await {
            Ok(prior) => prior,
            Err(why) => {
                let why = format!("nothing was done: the target cannot be asked first: {why}");
                let decided = RunEvent::Decided { key: key.clone(), decision: weighed.decision };
                let failed = RunEvent::Failed { key: key.clone(), why };
                return self.happened(ride, vec![decided, failed], None).await.map(|()| true);
            }
        };
        let clock = &self.runs.shared.core.clock;
        let (id, now) = (ContainmentId::new(clock.uuid()), clock.now());
        let head = ride.context.head.clone();
        let authorised_by = authorised_by(&weighed.decision);
        let (step, planned) = (key.clone(), action.clone());
        let Weighed { decision, epoch, counters } = weighed;
        let before = ride.run.clone();
        let more: More = Box::new(move |tx| {
            tx.commit_intent(&head.tenant, (head.id, &step), epoch, &counters, now)?;
            open_row(tx, &head, &planned, (id, prior, authorised_by.clone()), now)?;
            let subject = idempotency_key(head.id, &step);
            let detail = serde_json::json!({
                "action": planned.name, "instance": planned.instance, "target": planned.target,
                "authorised_by": authorised_by, "epoch": epoch, "prior": prior,
            });
            audit(tx, &head.tenant, now, ("engine", "action.intend", &subject), detail)
        });
        let events = vec![
            RunEvent::Decided { key: key.clone(), decision },
            RunEvent::Intended { key: key.clone() },
        ];
        match self.happened(ride, events, Some(more)).await {
            Ok(()) => Ok(true),
            Err(Error::Store(
                stanch_store::Error::StaleEpoch { .. } | stanch_store::Error::OverBudget { .. },
            )) => {
                // Nothing was written: the run stands where it stood, and the guard is asked again.
                ride.run = before;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks people about the plan from here on, or joins a question that covers this act already.
    async fn ask(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        action: &PlannedAction,
        weighed: Weighed,
    ) -> Result<(), Error> {
        let open = self.open_approval(ride, action).await?;
        let (approval, is_new) = match open {
            Some(approval) => (approval, false),
            None => (self.new_approval(ride, &key, action, &weighed).await?, true),
        };
        let events = vec![
            RunEvent::Decided { key: key.clone(), decision: weighed.decision },
            RunEvent::Asked { key, approval: approval.id, plan_hash: approval.plan_hash.clone() },
        ];
        self.runs.shared.core.live.tell("approval", approval.id);
        let more: More = Box::new(move |tx| {
            if !is_new {
                return Ok(());
            }
            tx.put_approval(&approval)?;
            let id = approval.id.to_string();
            let actor = format!("playbook {}", approval.playbook);
            let acts = approval.plan.actions.len();
            let text = format!("asks for approval of {acts} act(s)");
            let what = ("approval", actor.as_str(), id.as_str());
            tell(tx, &approval.tenant, approval.incident, approval.asked_at, what, text)?;
            let detail = serde_json::json!({
                "plan_hash": approval.plan_hash, "plan": approval.plan, "terms": approval.terms,
                "reasons": approval.reasons,
            });
            let what = (actor.as_str(), "approval.ask", id.as_str());
            audit(tx, &approval.tenant, approval.asked_at, what, detail)
        });
        self.happened(ride, events, Some(more)).await
    }

    async fn open_approval(
        &self,
        ride: &Ride,
        action: &PlannedAction,
    ) -> Result<Option<Approval>, Error> {
        let (tenant, run) = (ride.context.head.tenant.clone(), ride.context.head.id);
        let waiting = Some(ApprovalState::Waiting);
        let read = self
            .runs
            .shared
            .core
            .store
            .read(move |view| view.approvals(&tenant, waiting, Some(run), None, 100));
        let (open, _) = read.await?;
        let print = action.fingerprint();
        let covers = |a: &Approval| a.plan.actions.iter().any(|act| act.fingerprint() == print);
        Ok(open.into_iter().find(covers))
    }

    async fn new_approval(
        &self,
        ride: &Ride,
        key: &StepKey,
        action: &PlannedAction,
        weighed: &Weighed,
    ) -> Result<Approval, Error> {
        let plan = self.runs.plan_on(&ride.run, &ride.context).await?;
        let plan = cover(plan, action);
        let acting = &self.runs.shared.acting;
        let mut reasons = BTreeMap::new();
        let mut terms = match &weighed.decision {
            Decision::Ask { terms, .. } => terms.clone(),
            Decision::Allow { .. } | Decision::Refuse { .. } => acting.terms(1),
        };
        for planned in &plan.actions {
            let other = if planned.key == *key {
                weighed.clone()
            } else {
                self.weigh(ride, &planned.key, planned).await?
            };
            if let Decision::Ask { terms: more, .. } = &other.decision {
                terms.count = terms.count.max(more.count);
                terms.within = terms.within.min(more.within);
                terms.not_requester |= more.not_requester;
            }
            reasons.insert(planned.key.0.clone(), other.decision.reasons().to_vec());
        }
        let head = &ride.context.head;
        let blast_radius = acting.blast_radius(head, &plan).await?;
        let now = self.runs.shared.core.clock.now();
        Ok(Approval {
            id: ApprovalId::new(self.runs.shared.core.clock.uuid()),
            tenant: head.tenant.clone(),
            run: head.id,
            incident: head.incident,
            playbook: head.playbook.clone(),
            plan_hash: plan.hash(),
            plan,
            requested_by: head.requested_by.clone(),
            expires_at: now.plus(terms.within),
            terms,
            reasons,
            blast_radius,
            state: ApprovalState::Waiting,
            votes: Vec::new(),
            asked_at: now,
        })
    }
}

/// The plan holds at least the act that is asked about.
fn cover(mut plan: Plan, action: &PlannedAction) -> Plan {
    let print = action.fingerprint();
    if !plan.actions.iter().any(|planned| planned.fingerprint() == print) {
        plan.actions.insert(0, action.clone());
    }
    plan
}

fn authorised_by(decision: &Decision) -> String {
    let approval = decision.reasons().iter().find(|reason| reason.rule == "approval");
    approval.map_or_else(|| "guard, mode auto".to_owned(), |reason| reason.text.clone())
}
