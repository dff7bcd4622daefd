//! What people, and programs with a token, say to runs.

use serde_json::{Map, Value, json};
use stanch_model::{
    AlertId, ContainmentId, RunId, TenantId,
    containment::Containment,
    people::Actor,
    plan::StepKey,
    run::{RunHead, RunState, StepState},
};
use stanch_playbook::{RunEvent, run::Beginning};
use stanch_store::UnknownOutcome;

use super::{People, votes::voter};
use crate::{
    Error,
    core::audit,
    runs::{Said, incident_context, load, new_id},
    triage::write_begin,
};

/// How much may lie in the inbox of one run: signals wait there until a step waits for them.
const INBOX_MAX: usize = 100;

/// Bytes of what comes with a signal, as JSON.
const SIGNAL_BYTES_MAX: usize = 64 * 1_024;

impl People {
    /// Starts a playbook by hand, on an alert, with what it asks for, or both.
    ///
    /// # Errors
    /// No such playbook or alert; a playbook that lacks a binding; inputs that do not fit.
    pub async fn start_run(
        &self,
        actor: &Actor,
        playbook: &str,
        alert: Option<AlertId>,
        inputs: Map<String, Value>,
    ) -> Result<RunHead, Error> {
        let loaded = self
            .runs
            .playbooks()
            .get(playbook)
            .ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        let graph = loaded.graph().map_err(|error| Error::Conflict(error.to_string()))?;
        let inputs = graph.given(inputs).map_err(Error::Invalid)?;
        let mode = self.runs.mode(&actor.tenant, playbook).await?;
        let now = self.core.clock.now();
        let mut head = RunHead {
            id: RunId::new(self.core.clock.uuid()),
            tenant: actor.tenant.clone(),
            playbook: playbook.to_owned(),
            playbook_digest: loaded.digest().to_owned(),
            mode,
            incident: None,
            alert,
            requested_by: actor.name.clone(),
            state: RunState::Running,
            note: String::new(),
            started_at: now,
            ended_at: None,
        };
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            crate::backup::may_act(tx)?;
            // The person, by whatever token: who requested a run may not answer for it.
            head.requested_by = voter(tx, &who)?.name;
            let alert = alert.map(|id| tx.alert(&head.tenant, id)).transpose()?;
            head.incident = alert.as_ref().and_then(|alert| alert.incident);
            let incident = head.incident.map(|id| tx.incident(&head.tenant, id)).transpose()?;
            let started = RunEvent::Started {
                alert: alert.map_or(Value::Null, |alert| alert.context()),
                incident: incident_context(incident.as_ref()),
                with: Box::new(Beginning { inputs, ..Beginning::default() }),
            };
            write_begin(tx, &head, &started, now)?;
            Ok(head)
        });
        let head = written.await?;
        self.core.live.tell("run", head.id);
        self.runs.begin(&head.tenant, head.id).await;
        Ok(head)
    }

    /// Stops a run and those that it called: what is in flight is still followed to its outcome, nothing
    /// new begins.
    ///
    /// # Errors
    /// No such run; one that has ended.
    pub async fn cancel_run(
        &self,
        actor: &Actor,
        id: RunId,
        reason: &str,
    ) -> Result<RunHead, Error> {
        let said = Said::Cancel { by: actor.name.clone(), reason: reason.to_owned() };
        self.say(actor, id, said, ("run.cancel", json!({ "reason": reason }))).await
    }

    /// Sends a signal to a run. One that no step waits for yet is kept until one does, or the run ends.
    ///
    /// # Errors
    /// No such run; one that has ended, or whose playbook never waits for that; too much of it.
    pub async fn signal(
        &self,
        actor: &Actor,
        id: RunId,
        name: &str,
        data: Map<String, Value>,
    ) -> Result<RunHead, Error> {
        let size = serde_json::to_string(&data).map_or(usize::MAX, |text| text.len());
        if size > SIGNAL_BYTES_MAX {
            let most = SIGNAL_BYTES_MAX / 1_024;
            return Err(Error::Invalid(format!("a signal carries at most {most} KiB")));
        }
        let tenant = actor.tenant.clone();
        let head = self.core.store.read(move |view| view.run(&tenant, id)).await?;
        let graph = self.runs.graph_of(&head).await?;
        if !graph.signals().any(|signal| signal == name) {
            let known: Vec<&str> = graph.signals().collect();
            let known = match known.as_slice() {
                [] => "it waits for none".to_owned(),
                known => format!("it waits for {}", known.join(", ")),
            };
            let playbook = &head.playbook;
            let why = format!("playbook {playbook} waits for no signal `{name}`: {known}");
            return Err(Error::NotFound(why));
        }
        let detail = json!({ "signal": name, "data": data });
        let said = Said::Signal { name: name.to_owned(), data, by: actor.name.clone() };
        self.say(actor, id, said, ("run.signal", detail)).await
    }

    /// Says what a person found out about an act whose outcome nobody knows. The run may be one that called
    /// the one that acted.
    ///
    /// # Errors
    /// No such run; a step whose outcome is known; no reason.
    pub async fn resolve_step(
        &self,
        actor: &Actor,
        run: RunId,
        step: &StepKey,
        (happened, reason): (bool, &str),
    ) -> Result<RunHead, Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid("this needs a reason: how was it found out?".to_owned()));
        }
        let run = self.who_acted(&actor.tenant, run, step).await?;
        let by = format!("{}: {reason}", actor.name);
        let detail = json!({ "step": step, "happened": happened, "reason": reason });
        let said = Said::Resolve { key: step.clone(), happened, by };
        self.say(actor, run, said, ("run.resolve", detail)).await
    }

    /// Says what a person found out about a containment whose outcome nobody knows.
    ///
    /// # Errors
    /// No such containment; one whose outcome the run knows. One that was undone meanwhile can be
    /// settled: the run still waits to hear.
    pub async fn resolve(
        &self,
        actor: &Actor,
        id: ContainmentId,
        happened: bool,
        reason: &str,
    ) -> Result<Containment, Error> {
        let tenant = actor.tenant.clone();
        let row = self.core.store.read(move |view| view.containment(&tenant, id)).await?;
        let (run, step) = (row.run, row.action.key.clone());
        match self.resolve_step(actor, run, &step, (happened, reason)).await {
            Ok(_) => Ok(row),
            Err(Error::Conflict(_)) => {
                Err(Error::Conflict(format!("the outcome of containment {id} is known")))
            }
            Err(error) => Err(error),
        }
    }

    /// Acts of which nobody knows whether they happened.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn unknown_outcomes(&self, tenant: &TenantId) -> Result<Vec<UnknownOutcome>, Error> {
        let tenant = tenant.clone();
        Ok(self.core.store.read(move |view| view.unknown_outcomes(&tenant)).await?)
    }

    /// The run of the step: this one, or one that it called. The step's outcome is not known there.
    async fn who_acted(
        &self,
        tenant: &TenantId,
        run: RunId,
        step: &StepKey,
    ) -> Result<RunId, Error> {
        let mut at = run;
        loop {
            let tenant = tenant.clone();
            let read = self.core.store.read(move |view| {
                let children = view.children(&tenant, at)?;
                Ok((view.run(&tenant, at)?, view.journal(at)?, children))
            });
            let (head, journal, children) = read.await?;
            let loaded = load(self.runs.graph_of(&head).await?, &journal)?;
            let inside = |child: &&stanch_store::Child| {
                step.0.strip_prefix(&child.step.0).is_some_and(|rest| rest.starts_with('/'))
            };
            match (loaded.step_state(step), children.iter().find(inside)) {
                (Some(StepState::Unknown), _) => return Ok(at),
                (None, Some(child)) => at = child.run,
                (None, None) => {
                    return Err(Error::NotFound(format!("run {run} has no step `{step}`")));
                }
                (Some(_), _) => {
                    let known = format!("the outcome of step `{step}` of run {run} is known");
                    return Err(Error::Conflict(known));
                }
            }
        }
    }

    /// Puts something into a run's inbox, with the audit of who said it, and wakes the run.
    async fn say(
        &self,
        actor: &Actor,
        id: RunId,
        said: Said,
        (verb, detail): (&'static str, Value),
    ) -> Result<RunHead, Error> {
        let (now, who) = (self.core.clock.now(), actor.clone());
        let entry = said.entry(new_id(&self.core.clock), now)?;
        let written = self.core.store.write(move |tx| {
            let head = tx.run(&who.tenant, id)?;
            if head.state.is_final() {
                return Err(stanch_store::Error::Conflict(format!("run {id} has ended")));
            }
            if tx.inbox(id)?.len() >= INBOX_MAX {
                let full = format!("run {id} has {INBOX_MAX} things in its inbox already");
                return Err(stanch_store::Error::Conflict(full));
            }
            tx.put_inbox(id, &entry)?;
            audit(tx, &who.tenant, now, (&who.name, verb, &id.to_string()), detail)?;
            Ok(head)
        });
        let head = written.await?;
        self.runs.mail(&head.tenant, id).await;
        Ok(head)
    }
}
