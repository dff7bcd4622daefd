//! The clock and the ids: the one place where time and chance enter.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
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
}

impl Clock {
    /// A clock that starts no earlier than `high_water`.
    #[must_use]
    pub fn new(high_water: Time) -> Self {
        Self { floor: Arc::new(AtomicI64::new(high_water.micros())) }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let system = Time::from(jiff::Timestamp::now()).micros();
        let before = self.floor.fetch_max(system, Ordering::AcqRel);
        Time::from_micros(before.max(system))
    }

    /// A new id.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
        Uuid::now_v7()
    }
}
