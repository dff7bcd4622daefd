//! Notices: people are told by mail and by webhook that something waits for them.
//!
//! What is told is read off the audit, which holds every question, escalation and unknown outcome as it was
//! committed; the place in it and the notices that came of it are one change of the store. So nothing that happened is
//! left out and nothing is told twice by us. A notice is a row until it was taken, and is tried again for about a day.
//!
//! A notice decides nothing. Its link opens a page that asks for a login and shows what waits; the yes is a POST
//! with the hash of the plan that was shown. Scanners of mail and chat follow links, and change nothing.

mod channels;
mod follow;
mod send;
mod write;

use std::{sync::Arc, time::Duration};

use stanch_connector::{Hands, Secrets};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use self::channels::Channels;
use crate::{Error, config::NoticesConfig, core::Core};

/// How often the audit is followed and what is due is sent.
const LOOK: Duration = Duration::from_secs(1);

/// The stage that tells people. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notices {
    core: Core,
    channels: Arc<Channels>,
    /// One look at a time: two would send the same twice.
    turn: Arc<Mutex<()>>,
}

impl Notices {
    /// The stage over the channels of the configuration.
    ///
    /// # Errors
    /// A channel that could never work.
    pub fn new(
        core: Core,
        config: &NoticesConfig,
        hands: Hands,
        secrets: Secrets,
    ) -> Result<Self, Error> {
        let channels = Arc::new(Channels::new(config, hands, secrets)?);
        Ok(Self { core, channels, turn: Arc::default() })
    }

    /// Tells until `shutdown`.
    ///
    /// # Errors
    /// Storage that failed.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Error> {
        let mut tick = tokio::time::interval(LOOK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                _ = tick.tick() => {}
            }
            match self.look().await {
                Ok(()) => {}
                Err(Error::Poisoned) => return Err(Error::Poisoned),
                Err(error) => tracing::error!(%error, "notices could not be written; tried again"),
            }
        }
    }

    /// Writes what there is to tell, and sends what is due.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn look(&self) -> Result<(), Error> {
        if self.channels.are_none() {
            return self.forget().await;
        }
        let _turn = self.turn.lock().await;
        self.follow().await?;
        self.look_ahead().await?;
        self.send_due().await
    }
}
