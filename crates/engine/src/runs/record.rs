//! What happened, written: journal, timers, ledger, audit and head in one store change.

use std::collections::VecDeque;

use stanch_model::{
    RunId, Time,
    plan::{PlannedAction, StepKey},
    run::{RunHead, RunState, StepState},
};
use stanch_playbook::{Effect, Run, RunEvent, run::timer};
use stanch_store::{Tx, UnknownOutcome};

use super::{
    CrashPoint,
    driver::{Driver, Ride},
    inbox::{self, Said},
};
use crate::{
    Error,
    acting::{Context, follow},
    core::{audit, tell},
};

/// More to be written in the same store change as the journal records.
pub(super) type More = Box<dyn FnOnce(&Tx<'_>) -> Result<(), stanch_store::Error> + Send + 'static>;

/// One record, and what it means to the books beside the journal.
#[derive(Clone)]
struct Record {
    event: RunEvent,
    action: Option<PlannedAction>,
    /// What the ledger takes it for.
    mirrored: RunEvent,
}

/// Records, and what follows from them.
#[derive(Default)]
struct Absorbed {
    records: Vec<Record>,
    deadlines: Vec<(StepKey, Time)>,
    left: Vec<Effect>,
}

impl Driver {
    /// Journals events and what follows from them at once, then takes up the effects.
    pub(super) async fn happened(
        &mut self,
        ride: &mut Ride,
        events: Vec<RunEvent>,
        more: Option<More>,
    ) -> Result<(), Error> {
        let now = self.runs.shared.core.clock.now();
        let mut absorbed = absorb(&mut ride.run, now, events)?;
        absorbed.deadlines.append(&mut self.deadlines);
        let Absorbed { records, deadlines, left } = absorbed;
        let only_held = !self.held.is_empty() && self.operations.is_empty() && left.is_empty();
        settle_head(&mut ride.context, &ride.run, now, only_held);
        let settled = records.iter().any(|record| settles(&record.event));
        let head = ride.context.head.clone();
        let ended = head.state.is_final().then(|| Said::ended(&ride.run)).flatten();
        let id = inbox::new_id(&self.runs.shared.core.clock);
        let (first, words) = (ride.sequence, words(&records));
        if let Some(crash) = &self.runs.shared.crash {
            crash.passes(words.iter().copied());
        }
        self.unless_dead().await?;
        let written = self.runs.shared.core.store.write(move |tx| {
            let changed = write(tx, &head, (&records, first), now)?;
            if let Some(more) = more {
                more(tx)?;
            }
            for (name, due_at) in deadlines {
                tx.set_timer(&head.tenant, head.id, &name, due_at)?;
            }
            tx.put_run(&head)?;
            let caller = match ended {
                None => None,
                Some(said) => close(tx, &head, (id, said), now)?,
            };
            Ok((changed, caller))
        });
        let (ledger_changed, caller) = written.await?;
        if let Some(crash) = &self.runs.shared.crash {
            crash.passed(words.iter().copied());
        }
        self.unless_dead().await?;
        ride.sequence += u64::try_from(words.len()).unwrap_or(u64::MAX);
        self.effects.extend(left);
        if settled {
            self.ask_again();
        }
        self.tell_onlookers(&ride.context.head, ledger_changed);
        if let Some(caller) = caller {
            self.runs.mail_later(&self.tenant, caller);
        }
        Ok(())
    }

    /// Where a test has struck, nothing is written any more.
    async fn unless_dead(&self) -> Result<(), Error> {
        let shared = &self.runs.shared;
        if shared.crash.as_ref().is_some_and(CrashPoint::is_dead) {
            shared.shutdown.cancelled().await;
            return Err(Error::Poisoned);
        }
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
}

fn words(records: &[Record]) -> Vec<&'static str> {
    records.iter().map(|record| record.event.word()).collect()
}

/// Applies events, answers what needs no world (plans, the end), and returns what to journal and
/// what is left to do.
#[tracing::instrument(name = "playbook.apply", skip_all)]
fn absorb(run: &mut Run, now: Time, events: Vec<RunEvent>) -> Result<Absorbed, Error> {
    let mut absorbed = Absorbed::default();
    let mut queue: VecDeque<RunEvent> = events.into();
    while let Some(event) = queue.pop_front() {
        for effect in take(run, now, event, &mut absorbed.records)? {
            match effect {
                Effect::Plan { key, action } => queue.push_back(RunEvent::Planned { key, action }),
                Effect::Deadline { key, due_at } => {
                    absorbed.deadlines.push((timer::deadline(key.as_ref()), due_at));
                }
                other => absorbed.left.push(other),
            }
        }
    }
    // The end is only the end if nothing else is left to do.
    if let [Effect::End { state, note }] = absorbed.left.as_slice() {
        let event = RunEvent::Ended { state: *state, note: note.clone() };
        take(run, now, event, &mut absorbed.records)?;
        absorbed.left.clear();
    } else {
        absorbed.left.retain(|effect| !matches!(effect, Effect::End { .. }));
    }
    Ok(absorbed)
}

fn take(
    run: &mut Run,
    now: Time,
    event: RunEvent,
    records: &mut Vec<Record>,
) -> Result<Vec<Effect>, Error> {
    let before = event.key().and_then(|key| run.step_state(key));
    let effects = run
        .apply(now, &event)
        .map_err(|illegal| Error::Content(format!("driver and run disagree: {illegal}")))?;
    let action = event.key().and_then(|key| run.action(key)).cloned();
    let mirrored = mirror(run, before, &event);
    records.push(Record { event, action, mirrored });
    Ok(effects)
}

/// What an event means to the ledger.
fn mirror(run: &Run, before: Option<StepState>, event: &RunEvent) -> RunEvent {
    let after = event.key().and_then(|key| run.step_state(key));
    let why = || event.key().and_then(|key| run.step_note(key)).unwrap_or_default().to_owned();
    match event {
        // Looked up, not there, and not sent again: no more of it is in the journal.
        RunEvent::Probed { key, present: false } if after == Some(StepState::Failed) => {
            RunEvent::Failed { key: key.clone(), why: why() }
        }
        RunEvent::Found { key, output } => {
            RunEvent::Accepted { key: key.clone(), output: output.clone() }
        }
        RunEvent::Overflowed { key, .. } => {
            RunEvent::Accepted { key: key.clone(), output: serde_json::Value::Null }
        }
        RunEvent::Stopped { key, why } => RunEvent::Failed { key: key.clone(), why: why.clone() },
        RunEvent::TimedOut { key } if before == Some(StepState::Accepted) => {
            RunEvent::Unverified { key: key.clone(), why: why() }
        }
        other => other.clone(),
    }
}

fn write(
    tx: &Tx<'_>,
    head: &RunHead,
    (records, first): (&[Record], u64),
    now: Time,
) -> Result<bool, stanch_store::Error> {
    let mut changed = false;
    for (record, sequence) in records.iter().zip(first..) {
        let Record { event, action, mirrored } = record;
        tx.append_journal(head.id, sequence, now, &serde_json::to_value(event)?)?;
        match event {
            RunEvent::TimerFired { key } | RunEvent::Signalled { key, .. } => {
                tx.clear_timer(head.id, key)?;
            }
            RunEvent::TimedOut { key } => tx.clear_timer(head.id, &timer::deadline(Some(key)))?,
            _ => {}
        }
        decided(tx, head, action.as_ref(), event, now)?;
        unknown(tx, head, action.as_ref(), event, now)?;
        changed |= follow(tx, head, action.as_ref(), mirrored, now)?;
    }
    Ok(changed)
}

/// An act of which nobody knows whether it happened is work for people until somebody says it.
fn unknown(
    tx: &Tx<'_>,
    head: &RunHead,
    action: Option<&PlannedAction>,
    event: &RunEvent,
    now: Time,
) -> Result<(), stanch_store::Error> {
    match (event, action) {
        (RunEvent::Unresolved { key, why }, Some(action)) => {
            tx.put_unknown_outcome(&UnknownOutcome {
                tenant: head.tenant.clone(),
                run: head.id,
                step: key.clone(),
                playbook: head.playbook.clone(),
                incident: head.incident,
                action: action.clone(),
                why: why.clone(),
                at: now,
            })
        }
        (RunEvent::Resolved { key, .. }, _) => tx.clear_unknown_outcome(&head.tenant, head.id, key),
        _ => Ok(()),
    }
}

/// Whether it says what became of an act.
fn settles(event: &RunEvent) -> bool {
    matches!(
        event,
        RunEvent::Verified { .. }
            | RunEvent::Unverified { .. }
            | RunEvent::Failed { .. }
            | RunEvent::Found { .. }
            | RunEvent::Probed { .. }
            | RunEvent::Unresolved { .. }
            | RunEvent::Resolved { .. }
    )
}

fn settle_head(context: &mut Context, run: &Run, now: Time, only_held: bool) {
    let head = &mut context.head;
    if let Some((state, note)) = run.ended() {
        head.state = *state;
        head.note.clone_from(note);
        head.ended_at = Some(now);
    } else {
        let waits = only_held || run.is_waiting();
        head.state = if waits { RunState::Waiting } else { RunState::Running };
    }
}

/// Writes the guard's decisions into the audit, with their evidence.
fn decided(
    tx: &Tx<'_>,
    head: &RunHead,
    action: Option<&PlannedAction>,
    event: &RunEvent,
    now: Time,
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

/// Closes the books of a run that ended, and tells the run that called it, if one did.
fn close(
    tx: &Tx<'_>,
    head: &RunHead,
    (id, said): (String, Said),
    now: Time,
) -> Result<Option<RunId>, stanch_store::Error> {
    tx.close_run(&head.tenant, head.id)?;
    tx.close_inbox(&head.tenant, head.id)?;
    let subject = head.id.to_string();
    let state = serde_json::to_value(head.state)?;
    let word = state.as_str().unwrap_or_default();
    let note = if head.note.is_empty() { String::new() } else { format!(": {}", head.note) };
    let text = format!("playbook {} {word}{note}", head.playbook);
    tell(tx, &head.tenant, head.incident, now, ("run", &head.requested_by, &subject), text)?;
    let detail = serde_json::json!({ "state": head.state, "note": head.note });
    audit(tx, &head.tenant, now, ("engine", "run.end", &subject), detail)?;
    let Some(caller) = tx.caller(&head.tenant, head.id)? else { return Ok(None) };
    tx.put_inbox(caller.parent, &said.to(caller.step).entry(id, now)?)?;
    Ok(Some(caller.parent))
}
