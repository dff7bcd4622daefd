//! Block lists that firewalls poll: who fetched one, and when last. Being fetched is what makes an
//! address on the list a blocked one.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use stanch_model::Time;

/// When the list of blocked addresses was last handed to a firewall.
#[derive(Clone, Debug, Default)]
pub struct Feeds {
    fetched_at_micros: Arc<AtomicI64>,
}

impl Feeds {
    /// Notes that a list read from the ledger at `read_at` was handed out.
    pub fn fetched(&self, read_at: Time) {
        self.fetched_at_micros.fetch_max(read_at.micros(), Ordering::AcqRel);
    }

    /// Whether a list read from the ledger after `moment` was handed out.
    #[must_use]
    pub fn fetched_since(&self, moment: Time) -> bool {
        self.fetched_at_micros.load(Ordering::Acquire) > moment.micros()
    }
}
