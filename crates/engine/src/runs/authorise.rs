//! From a planned act to its intent: the guard, then people or nobody, then one conditional commit.

use std::collections::BTreeMap;

use stanch_connector::Presence;
use stanch_model::{
    ApprovalId, ContainmentId, Time,
    guard::{Approval, ApprovalState, ApprovalTerms, Decision, Explanation, Reason},
    plan::{Plan, PlannedAction, StepKey},
};
use stanch_playbook::{Effect, RunEvent, ast::Approve};

use super::{
    driver::{Driver, Ride, is_shadow},
    record::More,
};
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
            let weighed = self.weigh(ride, ride.run.approve(&key), &action).await?;
            match &weighed.decision {
                Decision::Refuse { .. } => return self.decided(ride, key, &action, weighed).await,
                Decision::Ask { .. } => return self.ask(ride, key, &action, weighed).await,
                Decision::Hold { until, .. } => {
                    let until = *until;
                    return self.hold(ride, key, action, weighed, until).await;
                }
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
        approve: Option<&Approve>,
        action: &PlannedAction,
    ) -> Result<Weighed, Error> {
        let approved_by = ride.run.approved_by(action);
        let acting = &self.runs.shared.acting;
        let mut weighed = acting.weigh(&ride.context, action, approved_by).await?;
        let Some(approve) = approve else { return Ok(weighed) };
        let reason = Reason {
            rule: "playbook".to_owned(),
            text: format!("the step asks for the approval of {} people", approve.count),
        };
        match &mut weighed.decision {
            Decision::Allow { reasons } if approved_by < approve.count => {
                let mut reasons = std::mem::take(reasons);
                reasons.push(reason);
                let mut terms = acting.terms(approve.count);
                as_the_step_asks(&mut terms, approve);
                weighed.decision = Decision::Ask { terms, reasons };
            }
            Decision::Ask { terms, reasons } => {
                as_the_step_asks(terms, approve);
                reasons.push(reason);
            }
            // What is held is asked about when its time has come: the guard says allow first.
            Decision::Allow { .. } | Decision::Hold { .. } | Decision::Refuse { .. } => {}
        }
        Ok(weighed)
    }

    /// Writes down what is waited for, once, and comes back to it.
    async fn hold(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        action: PlannedAction,
        weighed: Weighed,
        until: Time,
    ) -> Result<(), Error> {
        let step = ride.run.step_views().into_iter().find(|step| step.key == key.0);
        let said = step.is_some_and(|step| step.reasons == weighed.decision.reasons());
        let again = Effect::Authorise { key: key.clone(), action: Box::new(action.clone()) };
        self.come_back(again, until);
        if said {
            return Ok(());
        }
        self.decided(ride, key, &action, weighed).await
    }

    /// Journals a decision after which nothing is done for now, with what was considered.
    async fn decided(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        action: &PlannedAction,
        weighed: Weighed,
    ) -> Result<(), Error> {
        let explained = self.explained(ride, &key, action, &weighed);
        let event = RunEvent::Decided { key, decision: weighed.decision };
        self.happened(ride, vec![event], Some(explained)).await
    }

    /// Keeps what was considered.
    fn explained(
        &self,
        ride: &Ride,
        key: &StepKey,
        action: &PlannedAction,
        weighed: &Weighed,
    ) -> More {
        let tenant = self.tenant.clone();
        let explanation = Explanation {
            run: ride.context.head.id,
            step: key.0.clone(),
            action: action.name.clone(),
            target: action.target.clone(),
            at: self.runs.shared.core.clock.now(),
            ruling: weighed.decision.ruling(),
            considered: weighed.considered.clone(),
        };
        Box::new(move |tx| tx.add_explanation(&tenant, &explanation))
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
        let look = match acting.look_before(ride.context.head.id, key, action).await {
            Ok(look) => look,
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
        let authorised_by = self.authorised_by(ride, action, &weighed.decision).await?;
        let (step, planned) = (key.clone(), action.clone());
        let explained = self.explained(ride, key, action, &weighed);
        let Weighed { decision, epoch, counters, considered: _ } = weighed;
        let more: More = Box::new(move |tx| {
            explained(tx)?;
            tx.commit_intent(&head.tenant, (head.id, &step), epoch, &counters, now)?;
            // A step that is tried again keeps its row.
            let id = tx.containment_of(head.id, &step)?.map_or(id, |row| row.id);
            let subject = idempotency_key(head.id, &step);
            let detail = serde_json::json!({
                "action": planned.name, "instance": planned.instance, "target": planned.target,
                "authorised_by": authorised_by, "epoch": epoch,
                "prior": look.presence == Presence::Present, "before": look.before,
            });
            open_row(tx, &head, &planned, (id, look, authorised_by.clone()), now)?;
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
                // Nothing was written: the run stands where its journal says, and the guard is asked again.
                *ride = self.read_back().await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Who let it happen: the people whose yes the decision rests on, else the guard.
    async fn authorised_by(
        &self,
        ride: &Ride,
        action: &PlannedAction,
        decision: &Decision,
    ) -> Result<String, Error> {
        let Some(reason) = decision.reasons().iter().find(|reason| reason.rule == "approval")
        else {
            return Ok("guard, mode auto".to_owned());
        };
        let approval = self.approval_of(ride, ApprovalState::Approved, action).await?;
        Ok(approval.map_or_else(|| reason.text.clone(), |approval| approved_by(&approval)))
    }

    /// Asks people about the plan from here on, or joins a question that covers this act already.
    async fn ask(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        action: &PlannedAction,
        weighed: Weighed,
    ) -> Result<(), Error> {
        let open = self.approval_of(ride, ApprovalState::Waiting, action).await?;
        let (approval, is_new) = match open {
            Some(approval) => (approval, false),
            None => (self.new_approval(ride, &key, action, &weighed).await?, true),
        };
        let explained = self.explained(ride, &key, action, &weighed);
        let events = vec![
            RunEvent::Decided { key: key.clone(), decision: weighed.decision },
            RunEvent::Asked { key, approval: approval.id, plan_hash: approval.plan_hash.clone() },
        ];
        self.runs.shared.core.live.tell("approval", approval.id);
        let more: More = Box::new(move |tx| {
            explained(tx)?;
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

    /// The question of this run that covers the act and stands so.
    async fn approval_of(
        &self,
        ride: &Ride,
        state: ApprovalState,
        action: &PlannedAction,
    ) -> Result<Option<Approval>, Error> {
        let (tenant, run) = (ride.context.head.tenant.clone(), ride.context.head.id);
        let read = self
            .runs
            .shared
            .core
            .store
            .read(move |view| view.approvals(&tenant, Some(state), Some(run), None, 100));
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
        let (plan, needs) = self.runs.plan_on(&ride.run, &ride.context).await?;
        let mut plan = cover(plan, action);
        let acting = &self.runs.shared.acting;
        let mut reasons = BTreeMap::new();
        let mut terms = match &weighed.decision {
            Decision::Ask { terms, .. } => terms.clone(),
            Decision::Allow { .. } | Decision::Hold { .. } | Decision::Refuse { .. } => {
                acting.terms(1)
            }
        };
        for planned in std::mem::take(&mut plan.actions) {
            let other = if planned.key == *key {
                weighed.clone()
            } else {
                self.weigh(ride, needs.get(&planned.key), &planned).await?
            };
            if let Decision::Ask { terms: more, .. } = &other.decision {
                if more.groups != terms.groups {
                    let others = format!("step `{}` is asked of other people", planned.key);
                    plan.stops_at.get_or_insert(others);
                    continue;
                }
                terms.escalate |= more.escalate;
                terms.count = terms.count.max(more.count);
                terms.within = terms.within.min(more.within);
                terms.not_requester |= more.not_requester;
            }
            reasons.insert(planned.key.0.clone(), other.decision.reasons().to_vec());
            plan.actions.push(planned);
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
            escalated_at: None,
            escalated_to: Vec::new(),
            alone_until: None,
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

/// The guard's terms, raised to what the step itself asks for.
fn as_the_step_asks(terms: &mut ApprovalTerms, approve: &Approve) {
    terms.count = terms.count.max(approve.count);
    terms.within = approve.within.unwrap_or(terms.within);
}

/// Who said yes, in words.
fn approved_by(approval: &Approval) -> String {
    let yes = approval.votes.iter().filter(|vote| vote.approve);
    let names = yes.map(|vote| match &vote.on_behalf_of {
        Some(away) => format!("{} for {away}", vote.by),
        None => vote.by.clone(),
    });
    let names = names.collect::<Vec<_>>().join(" and ");
    let alone = if approval.alone_until.is_some() { ", alone, after the delay" } else { "" };
    format!("{names} approved this plan{alone}")
}
