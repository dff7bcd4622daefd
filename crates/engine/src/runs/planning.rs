//! The plan driver: what a run would do from here, with reads made and acts only recorded.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use stanch_model::{
    RunId, TenantId,
    event::Trust,
    guard::{BlastRadius, Decision, Mode},
    plan::Plan,
    run::{RunHead, RunState},
};
use stanch_playbook::{Graph, Planner, PlannerStep, Run, RunEvent};

use super::{Runs, playbooks::incident_context};
use crate::{Error, acting::Context};

/// A plan with what the guard thinks of it now.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PlanView {
    /// The plan.
    pub plan: Plan,
    /// What an approval would bind to.
    pub plan_hash: String,
    /// What the guard would decide now, in the order of the actions.
    pub decisions: Vec<PlannedDecision>,
    /// What it would touch.
    pub blast_radius: BlastRadius,
}

/// What the guard would decide about one action now.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PlannedDecision {
    /// The step.
    pub key: String,
    /// The decision.
    pub decision: Decision,
}

impl Runs {
    /// Plans on from where a run stands.
    pub(super) async fn plan_on(&self, run: &Run, context: &Context) -> Result<Plan, Error> {
        let mut planner = Planner::new(run, self.shared.core.clock.now());
        while let PlannerStep::Read { key, action } = planner.advance() {
            let answer = match self.shared.acting.read(context, key.clone(), &action).await {
                RunEvent::Read { output, .. } => Ok(output),
                RunEvent::Failed { why, .. } => Err(why),
                other => Err(format!("a read gave `{}`", other.word())),
            };
            planner.answer(&key, &action.name, answer);
        }
        Ok(planner.into_plan(context.head.tenant.clone()))
    }

    /// Plans a playbook for an alert's context, with no side effect.
    ///
    /// # Errors
    /// No such playbook; one that lacks a binding; a store that cannot be read.
    pub async fn plan(
        &self,
        tenant: &TenantId,
        playbook: &str,
        alert: Value,
        requested_by: &str,
    ) -> Result<PlanView, Error> {
        let loaded = self
            .shared
            .playbooks
            .get(playbook)
            .ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        let graph = loaded.graph().map_err(|error| Error::Conflict(error.to_string()))?.clone();
        let now = self.shared.core.clock.now();
        let mode = self.mode(tenant, playbook).await?;
        let head = RunHead {
            id: RunId::new(self.shared.core.clock.uuid()),
            tenant: tenant.clone(),
            playbook: playbook.to_owned(),
            playbook_digest: loaded.digest().to_owned(),
            mode,
            incident: None,
            alert: None,
            requested_by: requested_by.to_owned(),
            state: RunState::Running,
            note: String::new(),
            started_at: now,
            ended_at: None,
        };
        let max_mode = graph.max_mode;
        let run = started(graph, alert, now)?;
        let context = Context { head, trust: Trust::Medium, self_caused: false, max_mode };
        let plan = self.plan_on(&run, &context).await?;
        let mut decisions = Vec::new();
        for action in &plan.actions {
            let weighed = self.shared.acting.weigh(&context, action, 0).await?;
            let key = action.key.0.clone();
            decisions.push(PlannedDecision { key, decision: weighed.decision });
        }
        let blast_radius = self.shared.acting.blast_radius(&context.head, &plan).await?;
        Ok(PlanView { plan_hash: plan.hash(), plan, decisions, blast_radius })
    }

    /// How far a playbook is trusted now.
    ///
    /// # Errors
    /// No such playbook; a store that cannot be read.
    pub async fn mode(&self, tenant: &TenantId, playbook: &str) -> Result<Mode, Error> {
        let loaded = self
            .shared
            .playbooks
            .get(playbook)
            .ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        let (tenant, name) = (tenant.clone(), playbook.to_owned());
        let said = self.shared.core.store.read(move |view| view.mode(&tenant, &name)).await?;
        Ok(said.unwrap_or_else(|| loaded.initial_mode()).min(loaded.playbook().max_mode))
    }
}

fn started(graph: Arc<Graph>, alert: Value, now: stanch_model::Time) -> Result<Run, Error> {
    let mut run = Run::new(graph);
    let event = RunEvent::Started { alert, incident: incident_context(None) };
    run.apply(now, &event).map_err(|illegal| Error::Invalid(illegal.to_string()))?;
    Ok(run)
}
