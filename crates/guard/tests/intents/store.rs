//! The store, as far as intents go: what `commit_intent` and the queries behind it do, in one transaction each.

use std::time::Duration;

use stanch_model::{Time, guard::Counter};

use crate::model::{KEYS, Protocol};

/// An intent: one row under each of its step's keys. Nothing takes a row away: not a failure, not an undo, not an
/// unknown outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Row {
    pub(crate) at: i64,
    pub(crate) step: usize,
}

/// What two workers share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Store {
    pub(crate) epoch: u8,
    pub(crate) engaged: bool,
    pub(crate) tightened: bool,
    pub(crate) rows: Vec<Row>,
    /// The fencing token of each run's lease.
    pub(crate) leases: [u8; 2],
    /// The steps whose intent is in the journal.
    pub(crate) intended: Vec<usize>,
}

/// Why an intent did not commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rejected;

impl Store {
    /// How many intents a key holds in the window that ends at `now`. What lies after `now`, by another worker's
    /// clock, counts as well.
    pub(crate) fn intents(&self, key: &str, window: Duration, now: Time, ahead: bool) -> u32 {
        let since = now.minus(window).micros();
        let counts = |row: &&Row| {
            let counted = KEYS[row.step].iter().any(|own| own == key);
            counted && row.at > since && (ahead || row.at <= now.micros())
        };
        u32::try_from(self.rows.iter().filter(counts).count()).unwrap()
    }

    pub(crate) fn commit_intent(
        &mut self,
        (run, step): (usize, usize),
        (token, epoch): (u8, u8),
        counters: &[Counter],
        now: Time,
        protocol: Protocol,
    ) -> Result<(), Rejected> {
        let stale = protocol.epoch && epoch != self.epoch;
        let fenced = protocol.fence && (token != self.leases[run] || self.intended.contains(&step));
        let over = counters.iter().any(|counter| {
            let held = self.intents(&counter.class, counter.window, now, protocol.ahead);
            protocol.budget && held >= counter.limit
        });
        if stale || fenced || over {
            return Err(Rejected);
        }
        let row = Row { at: now.micros(), step };
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        // Two orders of the same rows are one state.
        self.rows.sort_unstable();
        self.intended.push(step);
        self.intended.sort_unstable();
        Ok(())
    }

    /// A change of what the guard rests on: in the same transaction what was decided before becomes void.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Self)) {
        change(self);
        self.epoch += 1;
    }
}
