//! What is true in the practice world now: rebuilt from the acts, read by the products.

use stanch_model::Time;

use crate::{
    answer::Answer, directory::Directory, edr::Fleet, firewall::Firewall, mailbox::Mailbox,
    order::Order,
};

/// Who ordered, and when it counts.
pub(crate) struct Stamp<'a> {
    /// The idempotency key.
    pub(crate) key: &'a str,
    /// When the order came.
    pub(crate) at: Time,
    /// When it takes effect; `None` if never.
    pub(crate) effective_at: Option<Time>,
}

/// All products. `apply` is a function of state, order and stamp, so that replaying the act log
/// gives the same world.
pub(crate) struct World {
    /// Whether unknown names come into being when asked for.
    pub(crate) auto_enrol: bool,
    /// The EDR.
    pub(crate) fleet: Fleet,
    /// The firewall.
    pub(crate) firewall: Firewall,
    /// The directory.
    pub(crate) directory: Directory,
    /// The mailbox.
    pub(crate) mailbox: Mailbox,
}

impl World {
    /// The world before the first act.
    pub(crate) fn seeded() -> Self {
        Self {
            auto_enrol: true,
            fleet: Fleet::seeded(),
            firewall: Firewall::default(),
            directory: Directory::seeded(),
            mailbox: Mailbox::seeded(),
        }
    }

    /// Does what is ordered, or says why it cannot be done and leaves everything as it is.
    pub(crate) fn apply(&mut self, order: &Order, stamp: &Stamp<'_>) -> Result<Answer, Answer> {
        let enrol = self.auto_enrol;
        match order {
            Order::IsolateHost { host } => self.fleet.turn(host, true, stamp),
            Order::ReleaseHost { host } => self.fleet.turn(host, false, stamp),
            Order::CollectTriagePackage { host } => self.fleet.collect(host, stamp),
            Order::BlockAddress { address, ttl_seconds } => {
                self.firewall.block(address, *ttl_seconds, stamp)
            }
            Order::UnblockAddress { address } => self.firewall.unblock(address, stamp),
            Order::DisableAccount { account } => self.directory.turn(account, true, enrol, stamp),
            Order::EnableAccount { account } => self.directory.turn(account, false, enrol, stamp),
            Order::QuarantineMessage { message } => self.mailbox.turn(message, true, enrol, stamp),
            Order::RestoreMessage { message } => self.mailbox.turn(message, false, enrol, stamp),
        }
    }
}
