//! The reconciler: asks targets whether they still show what the ledger says, and notes where not.
//!
//! It changes nothing at a target. What it finds is a [`Drift`] on the ledger's row, a line in the
//! incident's timeline and an entry in the audit, once when it begins and once when it is over. What
//! becomes of it is for people: they undo once more, accept it, or run the playbook again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stanch_model::{
    Time,
    containment::{Containment, ContainmentState, Drift, DriftKind},
};

use super::{Acting, idempotency_key};
use crate::{
    Error,
    core::{audit, tell},
};

/// How many targets are asked at once.
const AT_ONCE: usize = 4;

/// How many rows are read from the store at a time.
const PAGE: u32 = 200;

/// How long what was undone is still looked after.
const UNDONE_FOR: Duration = Duration::from_secs(24 * 3_600);

/// How close to its end a containment that the target lifts by itself may be gone already.
const LIFTED_EARLY: Duration = Duration::from_secs(120);

/// What one look at all targets found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reconciliation {
    /// Rows whose target answered.
    pub checked: u32,
    /// Rows whose effect is gone though the ledger holds it.
    pub missing: u32,
    /// Rows whose effect is there though the ledger says undone.
    pub still_there: u32,
    /// Rows whose target could not be asked.
    pub unreadable: u32,
    /// Rows whose connector has no way to ask (a block list that firewalls poll).
    pub not_checkable: u32,
}

/// Asks targets whether they show what the ledger says. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reconciler {
    acting: Acting,
    every: Duration,
    next: Arc<Mutex<Option<Time>>>,
    /// One look at a time: slow targets are not asked by several at once.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// What a target shows for a row.
enum Shown {
    AsWritten,
    Otherwise(DriftKind, String),
    NotCheckable,
}

impl Reconciler {
    /// A reconciler that is due `every` so often.
    #[must_use]
    pub fn new(acting: Acting, every: Duration) -> Self {
        Self { acting, every, next: Arc::default(), turn: Arc::default() }
    }

    /// Whether a look is due at `now`; the next one is due a period later. The first is due a period
    /// after the start; none is while another goes on.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        let mut next = self.next.lock().expect("invariant: nothing panics while it holds this");
        if self.turn.try_lock().is_err() {
            return false;
        }
        let due = next.is_some_and(|next| now >= next);
        if due || next.is_none() {
            *next = Some(now.plus(self.every));
        }
        due
    }

    /// Asks every target once.
    ///
    /// # Errors
    /// Those of the store; what a target answers is no error here.
    pub async fn look(&self) -> Result<Reconciliation, Error> {
        let _turn = self.turn.lock().await;
        let mut found = Reconciliation::default();
        let mut after = String::new();
        loop {
            let from = after.clone();
            let rows = self
                .acting
                .core
                .store
                .read(move |view| view.containments_held(&from, PAGE))
                .await?;
            let Some(last) = rows.last() else { break };
            after = last.id.to_string();
            self.look_at(rows, &mut found).await?;
        }
        let since = self.acting.core.clock.now().minus(UNDONE_FOR);
        let lately = |row: &Containment| row.undone_at.is_some_and(|at| at >= since) && !row.prior;
        let mut undone = self.acting.core.store.read(|view| view.containments_undone(PAGE)).await?;
        undone.retain(lately);
        // Two rows of one effect: the later one speaks for both.
        let mut latest: BTreeMap<[String; 4], Containment> = BTreeMap::new();
        for row in undone {
            let (tenant, action) = (row.tenant.0.clone(), &row.action);
            let target = row.target.to_string();
            let effect = [tenant, action.instance.clone(), action.action.clone(), target];
            latest.entry(effect).or_insert(row);
        }
        self.look_at(latest.into_values().collect(), &mut found).await?;
        Ok(found)
    }

    async fn look_at(
        &self,
        rows: Vec<Containment>,
        found: &mut Reconciliation,
    ) -> Result<(), Error> {
        let mut shown = stream::iter(rows)
            .map(|row| async move {
                let shown = self.ask(&row).await;
                (row, shown)
            })
            .buffer_unordered(AT_ONCE);
        while let Some((row, shown)) = shown.next().await {
            let drift = match shown? {
                Shown::NotCheckable => {
                    found.not_checkable += 1;
                    continue;
                }
                Shown::AsWritten => {
                    found.checked += 1;
                    None
                }
                Shown::Otherwise(kind, note) => {
                    match kind {
                        DriftKind::Missing => found.missing += 1,
                        DriftKind::StillThere => found.still_there += 1,
                        DriftKind::Unreadable => found.unreadable += 1,
                    }
                    found.checked += u32::from(kind != DriftKind::Unreadable);
                    Some((kind, note))
                }
            };
            self.note(&row, drift).await?;
        }
        Ok(())
    }

    async fn ask(&self, row: &Containment) -> Result<Shown, Error> {
        let manifest = self.acting.manifest(&row.action);
        let can_ask = manifest.is_some_and(|manifest| manifest.undo.is_some());
        if self.acting.is_builtin(&row.action) || (manifest.is_some() && !can_ask) {
            return Ok(Shown::NotCheckable);
        }
        let undone = row.state == ContainmentState::Undone;
        if undone && self.acting.held_by_others(row).await? > 0 {
            return Ok(Shown::AsWritten);
        }
        let key = idempotency_key(row.run, &row.action.key);
        let gone = self.acting.hands.undo_verify(&row.action, &key, &row.output).await;
        let now = self.acting.core.clock.now();
        let lifts_itself = manifest.is_some_and(|manifest| manifest.native_expiry)
            && row.expires_at.is_some_and(|at| at <= now.plus(LIFTED_EARLY));
        Ok(match gone {
            Ok(gone) if gone == undone => Shown::AsWritten,
            Ok(true) if lifts_itself => Shown::AsWritten,
            Ok(true) => {
                let note =
                    "the target does not show the effect any more, and it was not lifted by us";
                Shown::Otherwise(DriftKind::Missing, note.to_owned())
            }
            Ok(false) => {
                let note = "the target shows the effect again, or still";
                Shown::Otherwise(DriftKind::StillThere, note.to_owned())
            }
            Err(error) => {
                let note = format!("the target could not be asked: {}", error.why);
                Shown::Otherwise(DriftKind::Unreadable, note)
            }
        })
    }

    /// Writes down what was found, unless the row has moved since it was read.
    async fn note(
        &self,
        seen: &Containment,
        drift: Option<(DriftKind, String)>,
    ) -> Result<(), Error> {
        let core = &self.acting.core;
        let now = core.clock.now();
        let (tenant, id, state) = (seen.tenant.clone(), seen.id, seen.state);
        let written = core.store.write(move |tx| {
            let mut row = tx.containment(&tenant, id)?;
            if row.state != state {
                return Ok(false);
            }
            let before = row.drift.as_ref().map(|drift| drift.kind);
            let after = drift.as_ref().map(|(kind, _)| *kind);
            row.checked_at =
                (after != Some(DriftKind::Unreadable)).then_some(now).or(row.checked_at);
            row.drift = drift.map(|(kind, note)| {
                let since = row.drift.as_ref().filter(|drift| drift.kind == kind);
                Drift { kind, since: since.map_or(now, |drift| drift.since), note }
            });
            tx.put_containment(&row)?;
            if before == after {
                return Ok(false);
            }
            let (verb, text) = match &row.drift {
                Some(drift) => ("containment.drift", drift.note.as_str()),
                None => ("containment.drift_over", "the target shows what the ledger says again"),
            };
            let subject = id.to_string();
            let text = format!("{} {}: {text}", row.action.title, row.target);
            let what = ("containment", "reconciler", subject.as_str());
            tell(tx, &tenant, row.incident, now, what, text)?;
            let detail = json!({ "target": row.target, "state": row.state, "drift": row.drift });
            audit(tx, &tenant, now, ("reconciler", verb, &subject), detail)?;
            Ok(true)
        });
        if written.await? {
            core.live.tell("containment", id);
        }
        Ok(())
    }
}
