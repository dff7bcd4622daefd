//! Undo: by a person, by expiry, after a crash; always the same path.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde_json::json;
use stanch_connector::Outcome;
use stanch_model::{
    ContainmentId, TenantId,
    containment::{Containment, ContainmentState, DriftKind, EXPIRY},
};
use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Acting, act::pause, idempotency_key};
use crate::{
    Error,
    core::{audit, tell},
};

/// How often an undo is sent before a person is asked to look.
const TRIES_MAX: u32 = 6;

/// The pace at which an undo is verified if the manifest is gone meanwhile.
const PACE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The containment ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    acting: Acting,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    /// The undos that a task goes on with. A second task for one would send it twice and end it
    /// twice in the books.
    going_on: Arc<Mutex<BTreeSet<ContainmentId>>>,
}

impl Ledger {
    /// The ledger over `acting`; undos go on in `tasks` until `shutdown`, and after the next start.
    #[must_use]
    pub fn new(acting: Acting, tasks: TaskTracker, shutdown: CancellationToken) -> Self {
        Self { acting, tasks, shutdown, going_on: Arc::default() }
    }

    /// Begins to take a containment back and returns it as it stands then.
    ///
    /// # Errors
    /// No such containment; one that is not live, or is being taken back already.
    pub async fn undo(
        &self,
        tenant: &TenantId,
        id: ContainmentId,
        by: &str,
        reason: &str,
    ) -> Result<Containment, Error> {
        let core = &self.acting.core;
        let now = core.clock.now();
        let (tenant, by, reason) = (tenant.clone(), by.to_owned(), reason.to_owned());
        let begun = core.store.write(move |tx| {
            let mut row = tx.containment(&tenant, id)?;
            let under_way =
                matches!(row.state, ContainmentState::Intended | ContainmentState::Undoing);
            // What the reconciler still sees at the target can be lifted once more.
            let came_back = row.state == ContainmentState::Undone
                && row.drift.as_ref().is_some_and(|drift| drift.kind == DriftKind::StillThere);
            if (!row.state.is_live() && !came_back) || under_way {
                return Err(stanch_store::Error::Conflict(format!(
                    "containment {id} is {} and cannot be undone",
                    word(row.state)
                )));
            }
            row.came_back += u32::from(came_back);
            row.state = ContainmentState::Undoing;
            row.undone_by = Some(by.clone());
            row.note.clone_from(&reason);
            tx.put_containment(&row)?;
            let text = format!("undo of {} {} begun: {reason}", row.action.title, row.target);
            let what = ("containment", by.as_str(), &*id.to_string());
            tell(tx, &tenant, row.incident, now, what, text)?;
            let detail =
                json!({ "target": row.target, "action": row.action.name, "reason": reason });
            audit(tx, &tenant, now, (&by, "containment.undo", &id.to_string()), detail)?;
            Ok(row)
        });
        let row = begun.await?;
        core.live.tell("containment", id);
        self.go_on(row.clone());
        Ok(row)
    }

    /// Lifts what is due, and goes on with undos that a crash cut off (`at_start`).
    ///
    /// # Errors
    /// Those of the store.
    pub async fn lift_due(&self, at_start: bool) -> Result<(), Error> {
        let now = self.acting.core.clock.now();
        let due = self.acting.core.store.read(move |view| view.containments_due(now)).await?;
        for row in due {
            match self.undo(&row.tenant, row.id, EXPIRY, "its time was over").await {
                Ok(_) | Err(Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if at_start {
            let cut = self.acting.core.store.read(|view| view.containments_in("undoing")).await?;
            cut.into_iter().for_each(|row| self.go_on(row));
        }
        Ok(())
    }

    fn going_on(&self) -> MutexGuard<'_, BTreeSet<ContainmentId>> {
        self.going_on.lock().expect("invariant: nothing panics while it holds the set")
    }

    fn go_on(&self, row: Containment) {
        if !self.going_on().insert(row.id) {
            return;
        }
        let (ledger, id) = (self.clone(), row.id);
        self.tasks.spawn(async move {
            let taken_back = tokio::select! {
                () = ledger.shutdown.cancelled() => return,
                taken_back = ledger.take_back(&row) => taken_back,
            };
            let (state, note) = taken_back;
            if let Err(error) = ledger.close(row, state, note).await {
                tracing::error!(%error, "the end of an undo could not be written");
            }
            ledger.going_on().remove(&id);
        });
    }

    async fn take_back(&self, row: &Containment) -> (ContainmentState, String) {
        if row.prior {
            let note = "it was there before we acted, so it stays".to_owned();
            return (ContainmentState::Undone, note);
        }
        match self.acting.held_by_others(row).await {
            Ok(0) => {}
            Ok(others) => {
                let note =
                    format!("{others} other containment(s) hold the same effect, so it stays");
                return (ContainmentState::Undone, note);
            }
            Err(error) => return (ContainmentState::UndoFailed, error.to_string()),
        }
        if self.acting.is_builtin(&row.action) {
            return self.off_the_list(row).await;
        }
        // A target that remembers keys would take the second undo for the first.
        let key = match row.came_back {
            0 => idempotency_key(row.run, &row.action.key),
            times => format!("{}.again{times}", idempotency_key(row.run, &row.action.key)),
        };
        let mut why = String::new();
        for try_number in 1..=TRIES_MAX {
            // What the target lifted by itself needs no undo, and may refuse one.
            if self.is_gone(row, &key).await {
                return (ContainmentState::Undone, String::new());
            }
            if !self.acting.core.holds_lease().await {
                let why = "another process may have taken over before the undo was sent".to_owned();
                return (ContainmentState::UndoFailed, why);
            }
            match self.acting.hands.undo(&row.action, &key, &row.output).await {
                Outcome::Accepted { .. } | Outcome::Unknown { .. } => {
                    if self.seen_to_be_gone(row, &key).await {
                        return (ContainmentState::Undone, String::new());
                    }
                    "the target still shows the effect".clone_into(&mut why);
                }
                Outcome::Failed { why: refused, .. } => why = refused,
            }
            if try_number < TRIES_MAX {
                sleep(pause(try_number, None)).await;
            }
        }
        (ContainmentState::UndoFailed, why)
    }

    /// A row that is being undone is off the list; it is undone once the shorter list was fetched.
    async fn off_the_list(&self, row: &Containment) -> (ContainmentState, String) {
        let (every, within) = self.pace(row);
        let (since, deadline) = (self.acting.core.clock.now(), Instant::now() + within);
        while !self.acting.core.feeds.fetched_since(since) {
            if Instant::now() + every > deadline {
                let within = stanch_model::duration::format(within);
                let note = format!("no firewall fetched the list within {within}");
                return (ContainmentState::UndoFailed, note);
            }
            sleep(every).await;
        }
        (ContainmentState::Undone, String::new())
    }

    fn pace(&self, row: &Containment) -> (Duration, Duration) {
        let undo = self.acting.manifest(&row.action).and_then(|found| found.undo.as_ref());
        undo.map_or(PACE, |undo| (undo.verify.every, undo.verify.within))
    }

    async fn is_gone(&self, row: &Containment, key: &str) -> bool {
        matches!(self.acting.hands.undo_verify(&row.action, key, &row.output).await, Ok(true))
    }

    async fn seen_to_be_gone(&self, row: &Containment, key: &str) -> bool {
        let (every, within) = self.pace(row);
        let deadline = Instant::now() + within;
        loop {
            if self.is_gone(row, key).await {
                return true;
            }
            if Instant::now() + every > deadline {
                return false;
            }
            sleep(every).await;
        }
    }

    async fn close(
        &self,
        row: Containment,
        state: ContainmentState,
        note: String,
    ) -> Result<(), Error> {
        let core = &self.acting.core;
        let now = core.clock.now();
        let id = row.id;
        let written = core.store.write(move |tx| {
            let mut row = tx.containment(&row.tenant, row.id)?;
            row.state = state;
            row.drift = None;
            if !note.is_empty() {
                row.note.clone_from(&note);
            }
            row.undone_at = (state == ContainmentState::Undone).then_some(now);
            tx.put_containment(&row)?;
            // A breaker may have tripped: what was decided before is decided again.
            tx.raise_epoch()?;
            let by = row.undone_by.clone().unwrap_or_default();
            let done = if state == ContainmentState::Undone { "undone" } else { "UNDO FAILED" };
            let text = format!("{} {}: {done} {note}", row.action.title, row.target);
            let what = ("containment", by.as_str(), &*id.to_string());
            tell(tx, &row.tenant, row.incident, now, what, text.trim_end())?;
            let detail = json!({ "state": row.state, "target": row.target, "note": note });
            audit(tx, &row.tenant, now, (&by, "containment.undone", &id.to_string()), detail)
        });
        written.await?;
        core.live.tell("containment", id);
        Ok(())
    }
}

fn word(state: ContainmentState) -> String {
    let json = serde_json::to_value(state).unwrap_or_default();
    json.as_str().unwrap_or("in another state").replace('_', " ")
}
