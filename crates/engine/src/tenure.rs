//! The lease under which this process writes and acts: taken at the start, renewed, given back.
//!
//! One engine at a time drives the runs of a store. Where the store is a file, the lock of the data
//! folder sees to that. In PostgreSQL it is a lease: it lapses if its holder dies, and goes to who asks
//! next. A holder that was only paused wakes up with a stale epoch, and the store refuses what it writes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use stanch_store::{Lease, Store};
use tokio_util::sync::CancellationToken;

use crate::{Error, clock::Clock};

/// The lease of the one engine that drives a store.
const NAME: &str = "engine";

/// How often somebody who waits for the lease asks for it.
const ASK: Duration = Duration::from_millis(500);

/// How often a lease is renewed while it lasts.
const RENEWALS: u32 = 5;

/// Who takes the lease, and on what terms.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Who: the same after every start on the same data folder.
    pub(crate) holder: String,
    /// How long it lasts unless it is renewed.
    pub(crate) time: Duration,
    /// Whether nobody else can have the store open to write: then it does not lapse.
    pub(crate) alone: bool,
}

/// The lease, while it lasts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tenure {
    lease: Lease,
    terms: Terms,
    /// When the last renewal was asked for, by a count that a pause does not stop.
    renewed: Arc<Mutex<Instant>>,
}

impl Tenure {
    /// Takes the lease, and waits for it while somebody else has it. From then on the store takes
    /// changes under it alone.
    pub(crate) async fn take(store: &Store, terms: Terms) -> Result<(Self, Clock), Error> {
        let mut said = false;
        loop {
            // Whoever held it before has moved the time on.
            let clock = Clock::new(store.read(|view| view.high_water()).await?);
            let (asked, now, wanted) = (Instant::now(), clock.now(), terms.clone());
            let taken =
                store.write(move |tx| tx.acquire_lease(NAME, &wanted.holder, now, wanted.time));
            match taken.await {
                Ok(lease) => {
                    tracing::info!(epoch = lease.epoch, holder = %lease.holder, "took the lease");
                    store.fence(lease.clone());
                    let renewed = Arc::new(Mutex::new(asked));
                    return Ok((Self { lease, terms, renewed }, clock));
                }
                Err(error @ stanch_store::Error::Held { .. }) => {
                    if !said {
                        tracing::warn!("waiting: {error}");
                    }
                    said = true;
                    tokio::time::sleep(ASK).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether nobody else can have taken over yet. Asked right before something is sent that cannot
    /// be called back: the store's own check was a moment ago, and a pause may lie in between. A lease
    /// that has lapsed meanwhile is renewed, if nobody took it.
    pub async fn holds(&self, store: &Store, clock: &Clock) -> bool {
        while !self.lasts() {
            if let Err(error) = self.renew(store, clock).await {
                tracing::warn!(%error, "the lease lapsed, and could not be renewed");
                return false;
            }
        }
        true
    }

    fn lasts(&self) -> bool {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        self.terms.alone || renewed.elapsed() < self.terms.time
    }

    async fn renew(&self, store: &Store, clock: &Clock) -> Result<(), stanch_store::Error> {
        // Counted from before the question: by the answer a part of the time is over.
        let (asked, now, tenure) = (Instant::now(), clock.now(), self.clone());
        store.write(move |tx| tx.renew_lease(&tenure.lease, now, tenure.terms.time)).await?;
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        *renewed = asked.max(*renewed);
        Ok(())
    }

    /// Renews the lease until `shutdown`, and then gives it back.
    pub(crate) async fn keep(
        self,
        store: Store,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let mut tick = tokio::time::interval(self.terms.time / RENEWALS);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                _ = tick.tick() => {}
            }
            match self.renew(&store, &clock).await {
                Ok(()) => {}
                // A full disk ends nothing; if it lasts, somebody else may take over.
                Err(error @ (stanch_store::Error::Full | stanch_store::Error::Conflict(_))) => {
                    tracing::warn!(%error, "the lease could not be renewed; tried again");
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Gives the lease back, so that the next holder need not wait until it lapses.
    pub(crate) async fn give_back(&self, store: &Store) {
        let lease = self.lease.clone();
        if let Err(error) = store.write(move |tx| tx.release_lease(&lease)).await {
            tracing::debug!(%error, "the lease was not given back; it lapses");
        }
    }
}
