//! Rate limits of manifests: at most so many requests of an action to one instance in a time.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use stanch_model::{manifest::RateLimit, plan::PlannedAction};
use tokio::time::Instant;

/// When each action was last sent, by instance and action.
type Sent = BTreeMap<(String, String), VecDeque<Instant>>;

/// The slots that are taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    sent: Arc<Mutex<Sent>>,
}

impl Pace {
    /// Waits until the action may be sent, and counts it.
    pub(super) async fn wait(&self, action: &PlannedAction, limit: Option<&RateLimit>) {
        let Some(limit) = limit else { return };
        while let Some(pause) = self.take(action, limit) {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes a slot, or says how long until one is free.
    fn take(&self, action: &PlannedAction, limit: &RateLimit) -> Option<Duration> {
        let now = Instant::now();
        let mut sent =
            self.sent.lock().expect("invariant: nothing panics while it holds the slots");
        let slots = sent.entry((action.instance.clone(), action.action.clone())).or_default();
        while slots.front().is_some_and(|first| now.duration_since(*first) >= limit.per) {
            slots.pop_front();
        }
        if slots.len() < usize::try_from(limit.count).unwrap_or(usize::MAX) {
            slots.push_back(now);
            return None;
        }
        slots.front().map(|first| limit.per.saturating_sub(now.duration_since(*first)))
    }
}
