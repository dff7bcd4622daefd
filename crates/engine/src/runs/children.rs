//! Runs of called playbooks: begun with the record that says so, called off with the run that called them.

use serde_json::{Map, Value};
use stanch_model::{
    RunId,
    guard::{Approval, ApprovalState, Mode},
    plan::StepKey,
    run::{RunHead, RunState},
};
use stanch_playbook::{
    Graph, RunEvent,
    run::{Approved, callable},
};
use stanch_store::Child;

use super::{
    driver::{Driver, Ride},
    inbox::{Said, new_id},
    record::More,
};
use crate::{Error, triage::write_begin};

impl Driver {
    /// Starts the run of another playbook, or fails the step where that cannot be.
    pub(super) async fn call(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        playbook: String,
        inputs: Map<String, Value>,
    ) -> Result<(), Error> {
        let callers = self.callers(&ride.context.head).await?;
        let called = self.runs.shared.playbooks.called();
        let graph = callable(&called, &callers, &playbook).cloned();
        let begins = graph.and_then(|graph| Ok((graph.given(inputs)?, graph)));
        let (inputs, graph) = match begins {
            Ok(begins) => begins,
            Err(why) => {
                return self.happened(ride, vec![RunEvent::Failed { key, why }], None).await;
            }
        };
        let approved = self.approved_with(ride, &key, &graph).await?;
        let started = ride.run.start_of_child(&key, inputs, approved);
        let mode = self.runs.mode(&self.tenant, &playbook).await?;
        let head = self.child_head(&ride.context.head, &graph, mode);
        let child =
            Child { tenant: self.tenant.clone(), run: head.id, parent: self.id, step: key.clone() };
        let event =
            RunEvent::ChildStarted { key, run: head.id, digest: head.playbook_digest.clone() };
        let (id, now) = (head.id, self.runs.shared.core.clock.now());
        let more: More = Box::new(move |tx| {
            tx.put_child(&child)?;
            write_begin(tx, &head, &started, now)
        });
        self.happened(ride, vec![event], Some(more)).await?;
        self.runs.shared.core.live.tell("run", id);
        let (runs, tenant) = (self.runs.clone(), self.tenant.clone());
        self.runs.shared.tasks.spawn(async move { runs.begin(&tenant, id).await });
        Ok(())
    }

    fn child_head(&self, parent: &RunHead, graph: &Graph, mode: Mode) -> RunHead {
        let clock = &self.runs.shared.core.clock;
        RunHead {
            id: RunId::new(clock.uuid()),
            playbook: graph.playbook.clone(),
            playbook_digest: graph.digest.clone(),
            // A call gives no playbook more than it has, and none more than who calls it.
            mode: mode.min(parent.mode),
            state: RunState::Running,
            note: String::new(),
            started_at: clock.now(),
            ended_at: None,
            ..parent.clone()
        }
    }

    /// The playbooks of the runs around this one and of itself, the innermost last.
    async fn callers(&self, head: &RunHead) -> Result<Vec<String>, Error> {
        let (tenant, id, own) = (self.tenant.clone(), self.id, head.playbook.clone());
        let read = self.runs.shared.core.store.read(move |view| {
            let (mut callers, mut run) = (vec![own], id);
            while let Some(caller) = view.caller(&tenant, run)? {
                callers.push(view.run(&tenant, caller.parent)?.playbook);
                run = caller.parent;
            }
            Ok(callers)
        });
        let mut callers = read.await?;
        callers.reverse();
        Ok(callers)
    }

    /// What people approved of the call with this run's plan, or with that of its own caller: only if they
    /// saw this version of the playbook that is called.
    async fn approved_with(
        &self,
        ride: &Ride,
        key: &StepKey,
        graph: &Graph,
    ) -> Result<Approved, Error> {
        let (tenant, run) = (self.tenant.clone(), self.id);
        let state = Some(ApprovalState::Approved);
        let store = &self.runs.shared.core.store;
        let read = store.read(move |view| view.approvals(&tenant, state, Some(run), None, 500));
        let (approvals, _) = read.await?;
        let saw =
            |approval: &&Approval| approval.plan.called.get(&graph.playbook) == Some(&graph.digest);
        let inside = format!("{key}/");
        let mut approved = ride.run.inherited(&graph.playbook, &graph.digest);
        for approval in approvals.iter().filter(saw) {
            approved.versions.extend(approval.plan.called.clone());
            for action in &approval.plan.actions {
                let people = ride.run.approved_by(action);
                if people > 0 && action.key.0.starts_with(&inside) {
                    approved.acts.insert(action.fingerprint(), people);
                }
            }
        }
        Ok(approved)
    }

    /// Tells a run that this one called to stop.
    pub(super) async fn call_off(
        &mut self,
        ride: &Ride,
        run: RunId,
        why: String,
    ) -> Result<(), Error> {
        let core = &self.runs.shared.core;
        let by = format!("playbook {}", ride.context.head.playbook);
        let (id, now) = (new_id(&core.clock), core.clock.now());
        let said = Said::Cancel { by, reason: why };
        core.store.write(move |tx| tx.put_inbox(run, &said.entry(id, now)?)).await?;
        self.runs.mail_later(&self.tenant, run);
        Ok(())
    }
}
