//! The clock and the ids: the one place where time and chance enter.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use stanch_model::Time;
use uuid::Uuid;

/// Gives moments that never go backwards and never stand still, not even over a restart, and ids.
///
/// A host's clock that is set back would refund budgets, and one that stood still until it caught up
/// would delay expiries. So the latest moment that was committed is a floor, and from the last
/// moment given on at least as much time passes as the host counts without regard to its clock.
#[derive(Clone, Debug)]
pub struct Clock {
    hand: Arc<Mutex<Hand>>,
}

/// The last moment given, and when that was by a count that nobody can set.
#[derive(Debug)]
struct Hand {
    micros: i64,
    at: Instant,
}

impl Hand {
    fn read(&mut self, system: i64, at: Instant) -> i64 {
        // Whole microseconds only are taken off the count, so that no read loses a part of one.
        let passed = at.saturating_duration_since(self.at).as_micros();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        self.at += Duration::from_micros(passed);
        self.micros = system.max(self.micros.saturating_add_unsigned(passed));
        self.micros
    }
}

impl Clock {
    /// A clock that starts no earlier than `high_water`.
    #[must_use]
    pub fn new(high_water: Time) -> Self {
        let hand = Hand { micros: high_water.micros(), at: Instant::now() };
        Self { hand: Arc::new(Mutex::new(hand)) }
    }

    /// This moment.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the hand.
    #[must_use]
    pub fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let system = Time::from(jiff::Timestamp::now()).micros();
        let mut hand = self.hand.lock().expect("invariant: no panic while it holds the hand");
        Time::from_micros(hand.read(system, Instant::now()))
    }

    /// Puts the clock forward, for tests and drills: what is due within `duration` is due now. There
    /// is no way back; a restart forgets it, down to the latest moment that was committed.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the hand.
    pub fn advance(&self, duration: Duration) {
        let to = self.now().plus(duration).micros();
        let mut hand = self.hand.lock().expect("invariant: no panic while it holds the hand");
        hand.micros = hand.micros.max(to);
    }

    /// A new id.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_host_forward_and_never_back_nor_stands_still() {
        let start = Instant::now();
        let mut hand = Hand { micros: 500, at: start };
        for (what, nanos, system, expect) in [
            ("the floor of an earlier start counts", 0, 100, 500),
            ("and time passes from there", 10_000, 110, 510),
            ("the host's clock is ahead again", 20_000, 2_000, 2_000),
            ("it was set back", 30_000, 0, 2_010),
            ("part of a microsecond", 30_600, 0, 2_010),
            ("is not lost", 31_200, 0, 2_011),
            ("two threads read in the other order", 31_000, 0, 2_011),
            ("it caught up", 40_000, 9_000, 9_000),
        ] {
            assert_eq!(hand.read(system, start + Duration::from_nanos(nanos)), expect, "{what}");
        }
    }

    #[test]
    fn a_drill_puts_it_forward_and_not_out_of_range() {
        let clock = Clock::new(Time::default());
        let before = clock.now();
        clock.advance(Duration::from_secs(3_600));
        assert!(clock.now() >= before.plus(Duration::from_secs(3_600)));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Time::from_micros(i64::MAX));
    }
}
