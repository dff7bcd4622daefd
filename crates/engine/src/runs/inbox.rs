//! What is said to a run from outside. It is written down with the answer to whoever said it, and taken by
//! the run's driver with the journal record that it becomes; so a process that dies loses none of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stanch_model::{RunId, TenantId, Time, plan::StepKey, run::RunState};
use stanch_playbook::{Run, RunEvent};
use stanch_store::InboxEntry;

use super::{
    Message, Runs,
    driver::{Driver, Ride},
    record::More,
};
use crate::{Error, clock::Clock};

/// What is said to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub(crate) enum Said {
    /// It is to stop.
    Cancel {
        /// Who says so.
        by: String,
        /// Why.
        reason: String,
    },
    /// What became of an act.
    Resolve {
        /// The step.
        key: StepKey,
        /// Whether it happened.
        happened: bool,
        /// Who found out.
        by: String,
    },
    /// A signal.
    Signal {
        /// Its name.
        name: String,
        /// What comes with it.
        data: Map<String, Value>,
        /// Who sent it.
        by: String,
    },
    /// A run that it called has ended.
    ChildEnded {
        /// The step that called it.
        key: StepKey,
        /// How.
        state: RunState,
        /// Why.
        note: String,
        /// What it gives back.
        outputs: Map<String, Value>,
        /// Whether something in it was only recorded.
        recorded: bool,
    },
}

impl Said {
    /// What a run that has ended says to the one that called it; which step that was is not known yet.
    pub(super) fn ended(run: &Run) -> Option<Self> {
        let (state, note) = run.ended()?.clone();
        let key = StepKey(String::new());
        let (outputs, recorded) = (run.outputs().clone(), run.is_recorded());
        Some(Self::ChildEnded { key, state, note, outputs, recorded })
    }

    /// The same, to the step.
    pub(super) fn to(mut self, step: StepKey) -> Self {
        if let Self::ChildEnded { key, .. } = &mut self {
            *key = step;
        }
        self
    }

    pub(crate) fn entry(&self, id: String, at: Time) -> Result<InboxEntry, stanch_store::Error> {
        Ok(InboxEntry { id, at, message: serde_json::to_value(self)? })
    }

    /// What it means for the run as it stands; nothing if it is kept until it means something.
    fn event(self, run: &Run) -> Option<RunEvent> {
        Some(match self {
            Self::Cancel { by, reason } => RunEvent::Cancelled { by, reason },
            Self::Resolve { key, happened, by } => RunEvent::Resolved { key, happened, by },
            Self::Signal { name, data, by } => {
                let waiting = run.listening_for();
                let (key, _) = waiting.into_iter().find(|(_, signal)| *signal == name)?;
                RunEvent::Signalled { key, data, by }
            }
            Self::ChildEnded { key, state, note, outputs, recorded } => {
                RunEvent::ChildEnded { key, state, note, outputs, recorded }
            }
        })
    }
}

/// An id that is greater than those before it.
pub(crate) fn new_id(clock: &Clock) -> String {
    format!("{:020}-{}", clock.now().micros(), clock.uuid())
}

impl Runs {
    /// Tells a run that there is something in its inbox.
    pub(crate) async fn mail(&self, tenant: &TenantId, run: RunId) {
        self.send(tenant, run, Message::Mail).await;
    }

    /// The same from a driver, which must not wait for another run's mailbox.
    pub(super) fn mail_later(&self, tenant: &TenantId, run: RunId) {
        let (runs, tenant) = (self.clone(), tenant.clone());
        self.shared.tasks.spawn(async move { runs.mail(&tenant, run).await });
    }
}

impl Driver {
    /// Takes what is in the inbox, in order.
    pub(super) async fn read_inbox(&mut self, ride: &mut Ride) -> Result<(), Error> {
        let run = self.id;
        let entries = self.runs.shared.core.store.read(move |view| view.inbox(run)).await?;
        for entry in entries {
            let said: Said = serde_json::from_value(entry.message).map_err(|error| {
                Error::Content(format!("inbox of {run}, entry {}: {error}", entry.id))
            })?;
            let Some(event) = said.event(&ride.run) else { continue };
            let id = entry.id;
            if let Err(illegal) = ride.run.admits(&event) {
                // A late or doubled word is no error: it finds the run elsewhere.
                tracing::info!(%run, %illegal, "late word");
                self.runs.shared.core.store.write(move |tx| tx.take_inbox(run, &id)).await?;
                continue;
            }
            let more: More = Box::new(move |tx| tx.take_inbox(run, &id));
            self.happened(ride, vec![event], Some(more)).await?;
            if ride.run.ended().is_some() {
                break;
            }
        }
        Ok(())
    }
}
