//! The acts: what is sent, how often, and what event comes of it.

use std::time::Duration;

use serde_json::Value;
use stanch_connector::{Outcome, Presence};
use stanch_model::{
    RunId,
    manifest::{Idempotency, RateLimit, Transport},
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::RunEvent;
use tokio::time::{Instant, sleep};

use super::{Acting, Context, idempotency_key};

/// How often something that certainly did not happen is tried.
const TRIES_MAX: u32 = 4;

/// The first pause between two tries; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest pause that a target may ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);

impl Acting {
    /// Makes a read and says what came back.
    pub async fn read(&self, context: &Context, key: StepKey, action: &PlannedAction) -> RunEvent {
        if self.is_builtin(action) {
            return match self.builtin(context, action).await {
                Ok(output) => RunEvent::Read { key, output },
                Err(why) => RunEvent::Failed { key, why },
            };
        }
        let id = idempotency_key(context.head.id, &key);
        for try_number in 1..=TRIES_MAX {
            self.pace.wait(action, self.rate_limit(action)).await;
            match self.hands.act(action, &id).await {
                Outcome::Accepted { output } => return RunEvent::Read { key, output },
                Outcome::Failed { retry: true, retry_after, .. } if try_number < TRIES_MAX => {
                    sleep(pause(try_number, retry_after)).await;
                }
                Outcome::Failed { why, .. } | Outcome::Unknown { why } => {
                    return RunEvent::Failed { key, why };
                }
            }
        }
        RunEvent::Failed { key, why: "no answer".to_owned() }
    }

    /// Acts. The intent is on disk.
    #[tracing::instrument(name = "engine.acting.act", skip_all, fields(action = %action.name))]
    pub async fn act(&self, run: RunId, key: StepKey, action: &PlannedAction) -> RunEvent {
        if self.is_builtin(action) {
            // On the block list an act is its row in the ledger, which the intent has written.
            return RunEvent::Accepted { key, output: action.input.clone() };
        }
        let id = idempotency_key(run, &key);
        for try_number in 1..=TRIES_MAX {
            self.pace.wait(action, self.rate_limit(action)).await;
            // The intent may be old: it waited for its turn, or the target was asked after a crash.
            if self.is_stopped().await {
                let why = "the kill switch was engaged before the act was sent".to_owned();
                return RunEvent::Failed { key, why };
            }
            match self.hands.act(action, &id).await {
                Outcome::Accepted { output } => return RunEvent::Accepted { key, output },
                Outcome::Unknown { why } => return RunEvent::Unsure { key, why },
                Outcome::Failed { retry: true, retry_after, .. } if try_number < TRIES_MAX => {
                    sleep(pause(try_number, retry_after)).await;
                }
                Outcome::Failed { why, .. } => return RunEvent::Failed { key, why },
            }
        }
        RunEvent::Failed { key, why: "no answer".to_owned() }
    }

    /// Looks an act up whose outcome is not on record.
    pub async fn probe(&self, run: RunId, key: StepKey, action: &PlannedAction) -> RunEvent {
        if self.is_builtin(action) {
            return RunEvent::Probed { key, present: true };
        }
        let id = idempotency_key(run, &key);
        let mut why = String::new();
        for try_number in 1..=TRIES_MAX {
            match self.hands.probe(action, &id, &Value::Null).await {
                Ok(Presence::Present) => return RunEvent::Probed { key, present: true },
                Ok(Presence::Absent) if self.may_repeat(action) => {
                    return RunEvent::Probed { key, present: false };
                }
                Ok(Presence::Absent) => {
                    let why = "the target shows no effect, and sending it again is not safe: find out by hand";
                    return RunEvent::Unresolved { key, why: why.to_owned() };
                }
                Err(error) => {
                    why = error.why;
                    if !error.retry || try_number == TRIES_MAX {
                        break;
                    }
                    sleep(pause(try_number, None)).await;
                }
            }
        }
        RunEvent::Unresolved { key, why: format!("the target cannot be asked: {why}") }
    }

    /// Asks the target until the effect is seen or the manifest's time is over.
    pub async fn verify(
        &self,
        run: RunId,
        key: StepKey,
        action: &PlannedAction,
        output: &Value,
    ) -> RunEvent {
        let Some((every, within)) = self.verify_pace(action) else {
            return RunEvent::Unverified {
                key,
                why: "the manifest names no way to verify".to_owned(),
            };
        };
        let id = idempotency_key(run, &key);
        let deadline = Instant::now() + within;
        let since = self.core.clock.now();
        loop {
            let seen = if self.is_builtin(action) {
                Ok(self.core.feeds.fetched_since(since))
            } else {
                self.hands.verify(action, &id, output).await
            };
            if let Ok(true) = seen {
                return RunEvent::Verified { key };
            }
            if Instant::now() + every > deadline {
                let within = stanch_model::duration::format(within);
                let why = match seen {
                    Err(error) => error.why,
                    Ok(_) => "the target does not show the effect".to_owned(),
                };
                return RunEvent::Unverified {
                    key,
                    why: format!("not seen within {within}: {why}"),
                };
            }
            sleep(every).await;
        }
    }

    /// Whether the effect is at the target before we act; then it is not ours to take back. What has
    /// no probe counts as absent.
    ///
    /// # Errors
    /// A target that cannot be asked: without its state before the act an undo could not tell what
    /// is ours.
    pub async fn was_there_before(
        &self,
        run: RunId,
        key: &StepKey,
        action: &PlannedAction,
    ) -> Result<bool, String> {
        if self.manifest(action).is_none_or(|found| found.probe.is_none()) {
            return Ok(false);
        }
        let id = idempotency_key(run, key);
        let mut try_number = 1;
        loop {
            match self.hands.probe(action, &id, &Value::Null).await {
                Ok(presence) => return Ok(presence == Presence::Present),
                Err(error) if error.retry && try_number < TRIES_MAX => {
                    sleep(pause(try_number, None)).await;
                    try_number += 1;
                }
                Err(error) => return Err(error.why),
            }
        }
    }

    fn may_repeat(&self, action: &PlannedAction) -> bool {
        self.manifest(action).is_some_and(|found| found.idempotency != Idempotency::None)
    }

    fn verify_pace(&self, action: &PlannedAction) -> Option<(Duration, Duration)> {
        let verify = self.manifest(action)?.verify.as_ref()?;
        Some((verify.every, verify.within))
    }

    pub(super) fn manifest(
        &self,
        action: &PlannedAction,
    ) -> Option<&stanch_model::manifest::ActionManifest> {
        self.catalog.manifests.get(&action.connector)?.actions.get(&action.action)
    }

    fn rate_limit(&self, action: &PlannedAction) -> Option<&RateLimit> {
        self.manifest(action)?.rate_limit.as_ref()
    }

    pub(super) fn is_builtin(&self, action: &PlannedAction) -> bool {
        let manifest = self.catalog.manifests.get(&action.connector);
        manifest.is_some_and(|manifest| manifest.transport == Transport::Builtin)
    }

    async fn is_stopped(&self) -> bool {
        let switch = self.core.store.read(|view| view.kill_switch()).await;
        switch.map_or(true, |switch| switch.engaged)
    }
}

pub(super) fn pause(try_number: u32, asked: Option<Duration>) -> Duration {
    asked.unwrap_or_else(|| PAUSE.saturating_mul(1 << try_number.min(6))).min(PAUSE_MAX)
}
