//! The clock and the ids: the one place where time and chance enter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use stanch_model::Time;
use uuid::Uuid;

/// Gives moments that never go backwards, not even over a restart, and ids.
///
/// A clock that was set back would refund budgets and delay expiries; so the latest moment that
/// was committed is a floor.
#[derive(Clone, Debug)]
pub struct Clock {
    floor: Arc<AtomicI64>,
    /// How far it was put forward, in microseconds.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that starts no earlier than `high_water`.
    #[must_use]
    pub fn new(high_water: Time) -> Self {
        Self { floor: Arc::new(AtomicI64::new(high_water.micros())), ahead: Arc::default() }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let system = Time::from(jiff::Timestamp::now()).micros();
        let system = system.saturating_add(self.ahead.load(Ordering::Acquire));
        let before = self.floor.fetch_max(system, Ordering::AcqRel);
        Time::from_micros(before.max(system))
    }

    /// Puts the clock forward, for tests and drills: what is due within `duration` is due now. There
    /// is no way back; a restart forgets it, down to the latest moment that was committed.
    pub fn advance(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        // Saturates by hand: an overflow would set the clock back.
        let ahead = self.ahead.load(Ordering::Acquire).saturating_add(micros);
        self.ahead.fetch_max(ahead, Ordering::AcqRel);
    }

    /// A new id.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
        Uuid::now_v7()
    }
}
