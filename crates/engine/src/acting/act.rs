//! The acts: what is sent, how often, and what event comes of it.

use std::time::Duration;

use serde_json::{Value, json};
use stanch_connector::{Look, Outcome, Presence};
use stanch_model::{
    RunId,
    manifest::{Idempotency, RateLimit, Transport},
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::{RunEvent, graph::SCRIPT};
use tokio::time::{Instant, sleep};

use super::{Acting, Context, idempotency_key};

/// How often something that certainly did not happen is tried.
const TRIES_MAX: u32 = 4;

/// The first pause between two tries; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest pause. A target that asks for a longer one is not asked again: it would be too early.
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
                Outcome::Failed { why, retry, retry_after } => {
                    match again(try_number, retry, retry_after) {
                        Some(pause) => sleep(pause).await,
                        None => return RunEvent::Failed { key, why },
                    }
                }
                Outcome::Unknown { why } => return RunEvent::Failed { key, why },
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
                return RunEvent::Stopped { key, why };
            }
            if !self.core.holds_lease().await {
                let why = "another process may have taken over before the act was sent".to_owned();
                return RunEvent::Failed { key, why };
            }
            match self.hands.act(action, &id).await {
                Outcome::Accepted { output } => return RunEvent::Accepted { key, output },
                Outcome::Unknown { why } => return RunEvent::Unsure { key, why },
                Outcome::Failed { why, retry, retry_after } => {
                    match again(try_number, retry, retry_after) {
                        Some(pause) => sleep(pause).await,
                        None => return RunEvent::Failed { key, why },
                    }
                }
            }
        }
        RunEvent::Failed { key, why: "no answer".to_owned() }
    }

    /// Looks an act up whose outcome is not on record.
    pub async fn probe(&self, run: RunId, key: StepKey, action: &PlannedAction) -> RunEvent {
        if self.is_builtin(action) {
            return RunEvent::Found { key, output: action.input.clone() };
        }
        if action.connector == SCRIPT {
            let why = "what a script did cannot be looked up: find out by hand".to_owned();
            return RunEvent::Unresolved { key, why };
        }
        let id = idempotency_key(run, &key);
        let mut why = String::new();
        for try_number in 1..=TRIES_MAX {
            match self.hands.seen(action, &id).await {
                Ok(Some(output)) => return RunEvent::Found { key, output },
                Ok(None) if self.may_repeat(action) => {
                    return RunEvent::Probed { key, present: false };
                }
                Ok(None) => {
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
        // A mail is with the relay: nobody can be asked what became of it.
        // What a script of a playbook did is what it says.
        let by_script = action.connector == SCRIPT;
        if by_script || self.manifest(action).is_some_and(|found| found.handed_over) {
            return RunEvent::Verified { key };
        }
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

    /// What is at the target before we act: whether the effect is there already, which is then not
    /// ours to take back, and what an undo will have to go back to. What has no probe counts as absent.
    ///
    /// # Errors
    /// A target that cannot be asked: without its state before the act an undo could not tell what
    /// is ours.
    pub async fn look_before(
        &self,
        run: RunId,
        key: &StepKey,
        action: &PlannedAction,
    ) -> Result<Look, String> {
        if self.manifest(action).is_none_or(|found| found.probe.is_none()) {
            return Ok(Look { presence: Presence::Absent, before: json!({}) });
        }
        let id = idempotency_key(run, key);
        let mut try_number = 1;
        loop {
            match self.hands.look(action, &id).await {
                Ok(look) => return Ok(look),
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

    pub(super) async fn is_stopped(&self) -> bool {
        let switch = self.core.store.read(|view| view.kill_switch()).await;
        switch.map_or(true, |switch| switch.engaged)
    }
}

/// How long to wait before what certainly did not happen is tried again; none if it is not.
fn again(try_number: u32, retry: bool, asked: Option<Duration>) -> Option<Duration> {
    let is_soon = asked.is_none_or(|asked| asked <= PAUSE_MAX);
    (retry && is_soon && try_number < TRIES_MAX).then(|| pause(try_number, asked))
}

/// The pause before the next try: what the target asks for and a little more, or one that doubles.
/// Up to a quarter more by chance, so that those who were refused together do not come back together.
pub(super) fn pause(try_number: u32, asked: Option<Duration>) -> Duration {
    let least =
        asked.unwrap_or_else(|| PAUSE.saturating_mul(1 << try_number.min(6))).min(PAUSE_MAX);
    least + least.mul_f64(rand::random_range(0.0..0.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_target_asks_for_is_obeyed_or_it_is_left_alone() {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        for (try_number, retry, asked, least) in [
            (1, true, None, Some(PAUSE * 2)),
            (3, true, None, Some(PAUSE * 8)),
            (1, true, Some(second), Some(second)),
            (2, true, Some(PAUSE_MAX), Some(PAUSE_MAX)),
            (1, true, Some(minute), None),
            (1, false, None, None),
            (1, false, Some(second), None),
            (TRIES_MAX, true, None, None),
        ] {
            let pause = again(try_number, retry, asked);
            assert_eq!(pause.is_some(), least.is_some(), "{try_number} {retry} {asked:?}");
            if let (Some(pause), Some(least)) = (pause, least) {
                assert!(pause >= least && pause <= least.mul_f64(1.25), "{pause:?} {least:?}");
            }
        }
    }

    #[test]
    fn two_that_were_refused_together_do_not_come_back_together() {
        let pauses: std::collections::BTreeSet<Duration> =
            (0..20).map(|_| pause(1, None)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}
