//! One run being carried out: journal, apply, carry out, and what came back is the next event.

use std::{collections::VecDeque, sync::Arc};

use stanch_model::{
    Alert, RunId, TenantId,
    event::Trust,
    guard::{Approval, ApprovalState, Mode},
    plan::{PlannedAction, StepKey},
    run::{JournalEntry, RunHead, RunState, StepState},
};
use stanch_playbook::{Effect, Graph, Run, RunEvent, graph};
use stanch_store::{Question, QuestionState, Tx};
use tokio::{sync::mpsc, task::JoinSet};

use super::{Message, Runs, playbooks::Loaded};
use crate::{
    Error,
    acting::{Context, follow},
    core::{audit, tell},
};

/// More to be written in the same store change as the journal records.
pub(super) type More = Box<dyn FnOnce(&Tx<'_>) -> Result<(), stanch_store::Error> + Send + 'static>;

/// One run being carried out.
pub(super) struct Driver {
    pub(super) runs: Runs,
    tenant: TenantId,
    id: RunId,
    mailbox: mpsc::Receiver<Message>,
    operations: JoinSet<RunEvent>,
    effects: VecDeque<Effect>,
}

/// A run as it was read back.
pub(super) struct Ride {
    pub(super) run: Run,
    pub(super) context: Context,
    pub(super) sequence: u64,
}

impl Driver {
    pub(super) fn new(
        runs: Runs,
        tenant: TenantId,
        id: RunId,
        mailbox: mpsc::Receiver<Message>,
    ) -> Self {
        let operations = JoinSet::new();
        Self { runs, tenant, id, mailbox, operations, effects: VecDeque::new() }
    }

    /// Carries the run out until it ends, waits, or the process does.
    pub(super) async fn drive(mut self) -> Result<(), Error> {
        let shutdown = self.runs.shared.shutdown.clone();
        let mut ride = match self.read_back().await {
            Ok(ride) => ride,
            Err(error) => {
                self.runs.leave(self.id, &mut self.mailbox);
                return Err(error);
            }
        };
        self.effects = ride.run.outstanding().into();
        self.catch_up(&mut ride).await?;
        loop {
            while let Some(effect) = self.effects.pop_front() {
                if !ride.run.still_wants(&effect) {
                    continue;
                }
                if let Err(error) = self.carry_out(&mut ride, effect).await {
                    self.mailbox.close();
                    return Err(error);
                }
            }
            let idle = self.operations.is_empty();
            if idle && self.mailbox.is_empty() && self.runs.leave(self.id, &mut self.mailbox) {
                return Ok(());
            }
            let event = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                Some(done) = self.operations.join_next() => match done {
                    Ok(event) => Some(event),
                    Err(error) => return Err(Error::Content(format!("an operation died: {error}"))),
                },
                message = self.mailbox.recv() => match message {
                    Some(message) => self.heard(&ride, message).await?,
                    None => return Ok(()),
                },
            };
            if let Some(event) = event {
                self.happened(&mut ride, vec![event], None).await?;
            }
        }
    }

    async fn read_back(&self) -> Result<Ride, Error> {
        let shared = &self.runs.shared;
        let (tenant, id) = (self.tenant.clone(), self.id);
        let (head, journal, alert) = shared
            .core
            .store
            .read(move |view| {
                let head = view.run(&tenant, id)?;
                let alert = head.alert.map(|alert| view.alert(&tenant, alert)).transpose()?;
                Ok((head, view.journal(id)?, alert))
            })
            .await?;
        let graph = self.runs.graph_of(&head).await?;
        let max_mode = graph.max_mode;
        let run = load(graph, &journal)?;
        let sequence = u64::try_from(journal.len()).unwrap_or(u64::MAX);
        Ok(Ride { run, context: context(head, alert.as_ref(), max_mode), sequence })
    }

    /// What people said while nobody drove the run.
    async fn catch_up(&mut self, ride: &mut Ride) -> Result<(), Error> {
        for approval in ride.run.asked() {
            let approval = self.approval(approval).await?;
            if approval.state != ApprovalState::Waiting {
                self.happened(ride, vec![answered(&approval)], None).await?;
            }
        }
        for key in ride.run.questioned() {
            let (tenant, id) = (self.tenant.clone(), question_id(self.id, &key));
            let asked = self.runs.shared.core.store.read(move |view| view.question(&tenant, &id));
            let question = asked.await?;
            if let (Some(answer), Some(by)) = (question.answer, question.by) {
                let event = RunEvent::QuestionAnswered { key, answer, by };
                self.happened(ride, vec![event], None).await?;
            }
        }
        Ok(())
    }

    /// What a message means for the run as it stands; nothing if it is late.
    async fn heard(&self, ride: &Ride, message: Message) -> Result<Option<RunEvent>, Error> {
        let event = match message {
            Message::Wake => None,
            Message::Answered { approval } => {
                let waits = ride.run.asked().contains(&approval);
                let approval = self.approval(approval).await?;
                (waits && approval.state != ApprovalState::Waiting).then(|| answered(&approval))
            }
            Message::QuestionAnswered { key, answer, by } => ride
                .run
                .questioned()
                .contains(&key)
                .then_some(RunEvent::QuestionAnswered { key, answer, by }),
            Message::TimerFired { key } => Some(RunEvent::TimerFired { key }),
            Message::Resolved { key, happened, by } => {
                Some(RunEvent::Resolved { key, happened, by })
            }
            Message::Cancelled { by, reason } => Some(RunEvent::Cancelled { by, reason }),
        };
        // A late or doubled message is no error: it finds the run elsewhere.
        Ok(event.filter(|event| {
            let fits = ride.run.clone().apply(self.runs.shared.core.clock.now(), event);
            fits.inspect_err(|illegal| tracing::info!(run = %self.id, %illegal, "late message"))
                .is_ok()
        }))
    }

    /// Journals events and what follows from them at once, then takes up the effects.
    pub(super) async fn happened(
        &mut self,
        ride: &mut Ride,
        events: Vec<RunEvent>,
        more: Option<More>,
    ) -> Result<(), Error> {
        let now = self.runs.shared.core.clock.now();
        let (journal, effects) = absorb(&mut ride.run, now, events)?;
        let context = &mut ride.context;
        settle_head(context, &ride.run, &journal, now);
        let head = context.head.clone();
        let first = ride.sequence;
        let actions: Vec<Option<PlannedAction>> = journal
            .iter()
            .map(|event| key_of(event).and_then(|key| ride.run.action(key)).cloned())
            .collect();
        let written = journal.clone();
        let mirrored: Vec<RunEvent> =
            journal.iter().map(|event| as_mirrored(&ride.run, event)).collect();
        let end = head.state.is_final();
        let ledger_changed = self
            .runs
            .shared
            .core
            .store
            .write(move |tx| {
                let mut changed = false;
                for ((event, action), sequence) in written.iter().zip(&actions).zip(first..) {
                    tx.append_journal(head.id, sequence, now, &serde_json::to_value(event)?)?;
                    if let RunEvent::TimerFired { key } = event {
                        tx.clear_timer(head.id, key)?;
                    }
                    decided(tx, &head, action.as_ref(), event, now)?;
                }
                for (event, action) in mirrored.iter().zip(&actions) {
                    changed |= follow(tx, &head, action.as_ref(), event, now)?;
                }
                if let Some(more) = more {
                    more(tx)?;
                }
                tx.put_run(&head)?;
                if end {
                    close(tx, &head, now)?;
                }
                Ok(changed)
            })
            .await?;
        if let Some(crash) = &self.runs.shared.crash {
            crash.passed(journal.iter().map(RunEvent::word));
        }
        ride.sequence += u64::try_from(journal.len()).unwrap_or(u64::MAX);
        self.effects.extend(effects);
        self.tell_onlookers(&ride.context.head, ledger_changed);
        Ok(())
    }

    fn tell_onlookers(&self, head: &RunHead, ledger_changed: bool) {
        let live = &self.runs.shared.core.live;
        live.tell("run", head.id);
        if let Some(incident) = head.incident {
            live.tell("incident", incident);
        }
        if ledger_changed {
            live.tell("containment", head.id);
        }
    }

    async fn carry_out(&mut self, ride: &mut Ride, effect: Effect) -> Result<(), Error> {
        let acting = self.runs.shared.acting.clone();
        let run = self.id;
        match effect {
            Effect::Plan { key, action } => {
                self.happened(ride, vec![RunEvent::Planned { key, action }], None).await
            }
            Effect::Read { key, live_only, .. } if live_only && is_shadow(ride) => {
                self.happened(ride, vec![RunEvent::Simulated { key }], None).await
            }
            Effect::Read { key, action, .. } => {
                let context = ride.context.clone();
                self.operations.spawn(async move { acting.read(&context, key, &action).await });
                Ok(())
            }
            Effect::Authorise { key, action } => self.authorise(ride, key, *action).await,
            Effect::Act { key, action } => {
                self.operations.spawn(async move { acting.act(run, key, &action).await });
                Ok(())
            }
            Effect::Probe { key, action } => {
                self.operations.spawn(async move { acting.probe(run, key, &action).await });
                Ok(())
            }
            Effect::Verify { key, action, output } => {
                self.operations
                    .spawn(async move { acting.verify(run, key, &action, &output).await });
                Ok(())
            }
            Effect::Sleep { key, duration } => {
                let due_at = self.runs.shared.core.clock.now().plus(duration);
                let (tenant, step) = (self.tenant.clone(), key.clone());
                let more: More = Box::new(move |tx| tx.set_timer(&tenant, run, &step, due_at));
                self.happened(ride, vec![RunEvent::TimerSet { key, due_at }], Some(more)).await
            }
            Effect::Ask { key, text, options, within, otherwise } => {
                let now = self.runs.shared.core.clock.now();
                let question = Question {
                    id: question_id(run, &key),
                    tenant: self.tenant.clone(),
                    run,
                    step: key.clone(),
                    incident: ride.context.head.incident,
                    title: ride.run.graph().title.clone(),
                    text,
                    options,
                    otherwise,
                    state: QuestionState::Waiting,
                    answer: None,
                    by: None,
                    asked_at: now,
                    expires_at: now.plus(within),
                };
                let due_at = question.expires_at;
                self.runs.shared.core.live.tell("question", &question.id);
                let more: More = Box::new(move |tx| tx.put_question(&question));
                self.happened(ride, vec![RunEvent::QuestionAsked { key, due_at }], Some(more)).await
            }
            Effect::End { state, note } => {
                self.happened(ride, vec![RunEvent::Ended { state, note }], None).await
            }
        }
    }

    async fn approval(&self, id: stanch_model::ApprovalId) -> Result<Approval, Error> {
        let tenant = self.tenant.clone();
        Ok(self.runs.shared.core.store.read(move |view| view.approval(&tenant, id)).await?)
    }
}

impl Runs {
    /// The graph of the version that the run started with.
    pub(crate) async fn graph_of(&self, head: &RunHead) -> Result<Arc<Graph>, Error> {
        let current = self.shared.playbooks.get(&head.playbook);
        let cannot = |error: &graph::CompileError| Error::Content(error.to_string());
        if let Some(loaded) = current.filter(|loaded| loaded.digest() == head.playbook_digest) {
            return loaded.graph().cloned().map_err(cannot);
        }
        let digest = head.playbook_digest.clone();
        let version = self.shared.core.store.read(move |v| v.playbook_version(&digest)).await?;
        match Loaded::new(&version.text, &self.shared.catalog) {
            Ok((loaded, _)) => loaded.graph().cloned().map_err(cannot),
            Err(_) => Err(Error::Content(format!(
                "the version of playbook {} that run {} started with does not load any more",
                head.playbook, head.id
            ))),
        }
    }
}

/// Reads a run back from its journal.
///
/// # Errors
/// A journal that this build cannot read, or that does not fit the playbook.
pub(crate) fn load(graph: Arc<Graph>, journal: &[JournalEntry]) -> Result<Run, Error> {
    let mut run = Run::new(graph);
    for entry in journal {
        let event: RunEvent = serde_json::from_value(entry.payload.clone()).map_err(|error| {
            Error::Content(format!("journal record {}: {error}", entry.sequence))
        })?;
        run.apply(entry.at, &event).map_err(|error| {
            Error::Content(format!("journal record {}: {error}", entry.sequence))
        })?;
    }
    Ok(run)
}

/// Applies events, answers what needs no world (plans, the end), and returns what to journal and
/// what is left to do.
#[tracing::instrument(name = "playbook.apply", skip_all)]
fn absorb(
    run: &mut Run,
    now: stanch_model::Time,
    events: Vec<RunEvent>,
) -> Result<(Vec<RunEvent>, Vec<Effect>), Error> {
    let mut journal = Vec::new();
    let mut left = Vec::new();
    let mut queue: VecDeque<RunEvent> = events.into();
    while let Some(event) = queue.pop_front() {
        let effects = run
            .apply(now, &event)
            .map_err(|illegal| Error::Content(format!("driver and run disagree: {illegal}")))?;
        journal.push(event);
        for effect in effects {
            match effect {
                Effect::Plan { key, action } => queue.push_back(RunEvent::Planned { key, action }),
                other => left.push(other),
            }
        }
    }
    // The end is only the end if nothing else is left to do.
    if let [Effect::End { state, note }] = left.as_slice() {
        let event = RunEvent::Ended { state: *state, note: note.clone() };
        run.apply(now, &event)
            .map_err(|illegal| Error::Content(format!("driver and run disagree: {illegal}")))?;
        journal.push(event);
        left.clear();
    } else {
        left.retain(|effect| !matches!(effect, Effect::End { .. }));
    }
    Ok((journal, left))
}

fn context(head: RunHead, alert: Option<&Alert>, max_mode: Mode) -> Context {
    Context {
        trust: alert.map_or(Trust::Low, |alert| alert.trust),
        self_caused: alert.is_some_and(|alert| alert.self_caused),
        head,
        max_mode,
    }
}

pub(super) fn is_shadow(ride: &Ride) -> bool {
    ride.context.head.mode == Mode::Shadow
}

fn settle_head(context: &mut Context, run: &Run, journal: &[RunEvent], now: stanch_model::Time) {
    let head = &mut context.head;
    if let Some((state, note)) = run.ended() {
        head.state = *state;
        head.note.clone_from(note);
        head.ended_at = Some(now);
    } else if !journal.is_empty() {
        head.state = if run.is_waiting() { RunState::Waiting } else { RunState::Running };
    }
}

/// Writes the guard's decisions into the audit, with their evidence.
fn decided(
    tx: &Tx<'_>,
    head: &RunHead,
    action: Option<&PlannedAction>,
    event: &RunEvent,
    now: stanch_model::Time,
) -> Result<(), stanch_store::Error> {
    let (RunEvent::Decided { key, decision }, Some(action)) = (event, action) else {
        return Ok(());
    };
    let subject = crate::acting::idempotency_key(head.id, key);
    let detail = serde_json::json!({
        "decision": decision, "action": action.name, "instance": action.instance,
        "target": action.target, "fingerprint": action.fingerprint(), "mode": head.mode,
        "alert": head.alert, "incident": head.incident, "playbook": head.playbook_digest,
    });
    audit(tx, &head.tenant, now, ("guard", "guard.decide", &subject), detail)
}

fn close(tx: &Tx<'_>, head: &RunHead, now: stanch_model::Time) -> Result<(), stanch_store::Error> {
    tx.close_run(&head.tenant, head.id)?;
    let id = head.id.to_string();
    let state = serde_json::to_value(head.state)?;
    let word = state.as_str().unwrap_or_default();
    let note = if head.note.is_empty() { String::new() } else { format!(": {}", head.note) };
    let text = format!("playbook {} {word}{note}", head.playbook);
    tell(tx, &head.tenant, head.incident, now, ("run", &head.requested_by, &id), text)?;
    let detail = serde_json::json!({ "state": head.state, "note": head.note });
    audit(tx, &head.tenant, now, ("engine", "run.end", &id), detail)
}

fn answered(approval: &Approval) -> RunEvent {
    let mut yes: Vec<&str> =
        approval.votes.iter().filter(|vote| vote.approve).map(|vote| vote.by.as_str()).collect();
    yes.sort_unstable();
    yes.dedup();
    let last = approval.votes.last().map(|vote| vote.by.clone());
    RunEvent::Answered {
        approval: approval.id,
        state: approval.state,
        by: last.unwrap_or_else(|| "expiry".to_owned()),
        people: u32::try_from(yes.len()).unwrap_or(u32::MAX),
        fingerprints: approval.plan.actions.iter().map(PlannedAction::fingerprint).collect(),
    }
}

/// What an event means to the ledger. An act that was looked up, is not there and is not sent again
/// has failed, though the journal holds no more of it than the answer.
fn as_mirrored(run: &Run, event: &RunEvent) -> RunEvent {
    if let RunEvent::Probed { key, present: false } = event
        && let Some(step) = run.step_views().into_iter().find(|step| step.key == key.0)
        && step.state == StepState::Failed
    {
        return RunEvent::Failed { key: key.clone(), why: step.note };
    }
    event.clone()
}

pub(crate) fn question_id(run: RunId, key: &StepKey) -> String {
    format!("{run}.{key}")
}

fn key_of(event: &RunEvent) -> Option<&StepKey> {
    match event {
        RunEvent::Decided { key, .. }
        | RunEvent::Accepted { key, .. }
        | RunEvent::Verified { key }
        | RunEvent::Unverified { key, .. }
        | RunEvent::Failed { key, .. }
        | RunEvent::Probed { key, .. }
        | RunEvent::Unresolved { key, .. }
        | RunEvent::Resolved { key, .. } => Some(key),
        _ => None,
    }
}
