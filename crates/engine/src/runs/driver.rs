//! One run being carried out: journal, apply, carry out, and what came back is the next event.

use std::{collections::VecDeque, sync::Arc};

use stanch_model::{
    Alert, RunId, TenantId, Time,
    event::Trust,
    guard::{Approval, Mode},
    plan::StepKey,
    run::{JournalEntry, RunHead},
};
use stanch_playbook::{Effect, Graph, Run, RunEvent, check, graph, parse, run::timer};
use stanch_store::{Question, QuestionState};
use tokio::{sync::mpsc, task::JoinSet};

use super::{Message, Runs, record::More};
use crate::{Error, acting::Context, core::audit};

/// One run being carried out.
pub(super) struct Driver {
    pub(super) runs: Runs,
    pub(super) tenant: TenantId,
    pub(super) id: RunId,
    pub(super) mailbox: mpsc::Receiver<Message>,
    pub(super) operations: JoinSet<RunEvent>,
    /// What the guard holds until a moment; after a crash the run asks for it again.
    pub(super) held: Vec<Effect>,
    /// The moments.
    waits: JoinSet<()>,
    pub(super) effects: VecDeque<Effect>,
    /// Timers of deadlines that are written with the next record.
    pub(super) deadlines: Vec<(StepKey, Time)>,
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
        Self {
            runs,
            tenant,
            id,
            mailbox,
            operations: JoinSet::new(),
            held: Vec::new(),
            waits: JoinSet::new(),
            effects: VecDeque::new(),
            deadlines: Vec::new(),
        }
    }

    /// Takes an effect up again at a moment, or sooner if something else of the run settles.
    pub(super) fn come_back(&mut self, effect: Effect, at: Time) {
        let wait = at - self.runs.shared.core.clock.now();
        let wait = std::time::Duration::try_from(wait).unwrap_or_default();
        self.held.push(effect);
        self.waits.spawn(tokio::time::sleep(wait));
    }

    /// The guard is asked again about all that it holds: nobody else knows which of it has become free.
    pub(super) fn ask_again(&mut self) {
        self.effects.extend(self.held.drain(..));
        self.waits = JoinSet::new();
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
        if ride.sequence == 1 {
            // Whoever started the run wrote the first record alone.
            self.deadlines
                .extend(ride.run.deadline().map(|due_at| (timer::deadline(None), due_at)));
        }
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
            let idle = self.operations.is_empty() && self.held.is_empty();
            if idle && self.mailbox.is_empty() && self.runs.leave(self.id, &mut self.mailbox) {
                return Ok(());
            }
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                Some(done) = self.operations.join_next() => match done {
                    Ok(event) => self.came_back(&mut ride, event).await?,
                    Err(error) => return Err(Error::Content(format!("an operation died: {error}"))),
                },
                Some(_) = self.waits.join_next() => self.ask_again(),
                message = self.mailbox.recv() => match message {
                    Some(message) => self.hear(&mut ride, message).await?,
                    None => return Ok(()),
                },
            }
        }
    }

    pub(super) async fn read_back(&self) -> Result<Ride, Error> {
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

    /// What an operation came to. It may be late: its step's time was over, or the journal knows better.
    async fn came_back(&mut self, ride: &mut Ride, event: RunEvent) -> Result<(), Error> {
        let event = event.bounded();
        match ride.run.admits(&event) {
            Ok(()) => self.happened(ride, vec![event], None).await,
            Err(illegal) => {
                tracing::info!(run = %self.id, %illegal, "came too late");
                Ok(())
            }
        }
    }

    async fn carry_out(&mut self, ride: &mut Ride, effect: Effect) -> Result<(), Error> {
        let acting = self.runs.shared.acting.clone();
        let run = self.id;
        match effect {
            Effect::Plan { key, action } => {
                self.happened(ride, vec![RunEvent::Planned { key, action }], None).await
            }
            Effect::Read { key, live_only: true, .. }
            | Effect::Script { key, live_only: true, .. }
                if is_shadow(ride) =>
            {
                self.happened(ride, vec![RunEvent::Simulated { key }], None).await
            }
            Effect::Read { key, action, .. } => {
                let context = ride.context.clone();
                self.operations.spawn(async move { acting.read(&context, key, &action).await });
                Ok(())
            }
            Effect::Script { key, job, .. } => {
                self.operations.spawn(async move { acting.script(run, key, &job).await });
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
            waits => self.wait(ride, waits).await,
        }
    }

    /// What waits: for time, for people, for others.
    async fn wait(&mut self, ride: &mut Ride, effect: Effect) -> Result<(), Error> {
        match effect {
            Effect::Sleep { key, due_at } => {
                let more = self.timer(&key, due_at);
                self.happened(ride, vec![RunEvent::TimerSet { key, due_at }], Some(more)).await
            }
            Effect::Deadline { key, due_at } => {
                self.deadlines.push((timer::deadline(key.as_ref()), due_at));
                Ok(())
            }
            Effect::Ask { key, question } => self.question(ride, key, *question).await,
            Effect::Listen { key, due_at, .. } => {
                let more = self.timer(&key, due_at);
                self.happened(ride, vec![RunEvent::Listening { key, due_at }], Some(more)).await?;
                // The signal may have been there before anybody waited for it.
                self.read_inbox(ride).await
            }
            Effect::Call { key, playbook, inputs } => self.call(ride, key, playbook, inputs).await,
            Effect::CallOff { run, why, .. } => self.call_off(ride, run, why).await,
            Effect::End { state, note } => {
                self.happened(ride, vec![RunEvent::Ended { state, note }], None).await
            }
            Effect::Plan { .. }
            | Effect::Read { .. }
            | Effect::Script { .. }
            | Effect::Authorise { .. }
            | Effect::Act { .. }
            | Effect::Probe { .. }
            | Effect::Verify { .. } => unreachable!("invariant: carried out before"),
        }
    }

    fn timer(&self, key: &StepKey, due_at: Time) -> More {
        let (tenant, run, step) = (self.tenant.clone(), self.id, key.clone());
        Box::new(move |tx| tx.set_timer(&tenant, run, &step, due_at))
    }

    async fn question(
        &mut self,
        ride: &mut Ride,
        key: StepKey,
        asked: stanch_playbook::run::Asked,
    ) -> Result<(), Error> {
        let now = self.runs.shared.core.clock.now();
        let question = Question {
            id: question_id(self.id, &key),
            tenant: self.tenant.clone(),
            run: self.id,
            step: key.clone(),
            incident: ride.context.head.incident,
            title: ride.run.graph().title.clone(),
            text: asked.text,
            options: asked.options,
            otherwise: asked.otherwise,
            form: asked.form,
            values: None,
            group: asked.by,
            state: QuestionState::Waiting,
            answer: None,
            by: None,
            asked_at: now,
            expires_at: now.plus(asked.within),
        };
        let due_at = question.expires_at;
        self.runs.shared.core.live.tell("question", &question.id);
        let more: More = Box::new(move |tx| {
            tx.put_question(&question)?;
            let detail = serde_json::json!({
                "question": question.text, "options": question.options,
                "otherwise": question.otherwise, "until": question.expires_at,
            });
            let what = ("engine", "question.ask", question.id.as_str());
            audit(tx, &question.tenant, now, what, detail)
        });
        self.happened(ride, vec![RunEvent::QuestionAsked { key, due_at }], Some(more)).await
    }

    pub(super) async fn approval(&self, id: stanch_model::ApprovalId) -> Result<Approval, Error> {
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
        // It was checked when it started. What it names may be gone since; that fails the step that needs it,
        // and not the whole run.
        let (Some(playbook), _) = parse::parse(&version.text) else {
            return Err(Error::Content(format!(
                "the version of playbook {} that run {} started with cannot be read any more",
                head.playbook, head.id
            )));
        };
        let folder = self.shared.playbooks.folder(&self.shared.catalog);
        let context = check::Context::new(&self.shared.catalog).with_playbooks(&folder);
        graph::compile_in(&playbook, &context).map(Arc::new).map_err(|error| cannot(&error))
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

pub(crate) fn question_id(run: RunId, key: &StepKey) -> String {
    format!("{run}.{key}")
}
