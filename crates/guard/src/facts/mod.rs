//! What the engine knows at the moment of the decision.

mod act;
mod asset;
mod party;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use stanch_model::{
    Observable, Time,
    event::Trust,
    guard::{Counter, Mode},
};

pub use act::{Act, Outcome};
pub use asset::{AssetFacts, AssetRecord, Fleet};
pub use party::{Parties, Party, PartyKind};

pub(crate) use asset::folded;

/// Everything a rule may look at beside policy and action. There is no default: whoever decides has
/// to have looked, or to say in `unreadable` what could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no facts, set by name")]
pub struct Facts {
    /// When the decision is made. It never goes backwards.
    pub now: Time,
    /// What is counted: see [`crate::class`].
    pub class: String,
    /// The playbook that acts.
    pub playbook: String,
    /// The run that acts; canaries count by it.
    pub run: String,
    /// How far the playbook is trusted here.
    pub mode: Mode,
    /// The most that its text allows.
    pub max_mode: Mode,
    /// Whether `auto` was earned for targets that are no practice. False on a fresh installation.
    pub auto_earned: bool,
    /// Whether the kill switch is engaged.
    pub kill_switch: bool,
    /// Whether a person started this run, rather than a trigger.
    pub requested_by_person: bool,
    /// The lowest trust of the sources that the alert came from.
    pub source_trust: Trust,
    /// Whether the alert is about something that we did ourselves.
    pub self_caused: bool,
    /// Addresses of the host that Stanch runs on.
    pub own_addresses: Vec<IpAddr>,
    /// Its host names, and the accounts that it acts with.
    pub own_names: Vec<String>,
    /// Next hops of its routes.
    pub gateways: Vec<IpAddr>,
    /// The resolvers that it asks.
    pub resolvers: Vec<IpAddr>,
    /// The warning list that the target is on, if it is on one.
    pub shared_infrastructure: Option<String>,
    /// Other names of the target that are known: a host's addresses, an account's mailbox.
    pub aliases: Vec<Observable>,
    /// What the inventory says of the target.
    pub asset: AssetRecord,
    /// How many hosts there are.
    pub fleet: Fleet,
    /// Intents so far, for each of [`crate::counters`].
    pub counts: Vec<Counted>,
    /// What became of earlier acts, for each of [`crate::breaker_keys`].
    pub breakers: Vec<BreakerFacts>,
    /// The acts of this class that this run has on disk, this one not among them.
    pub canary: Vec<Act>,
    /// Whether this very act has an intent on disk: it failed for certain, and is tried again.
    pub again: bool,
    /// In whose name the act is done. Looked at only if the policy has `rights`.
    pub parties: Parties,
    /// How many different people said yes to exactly this plan.
    pub approved_by: u32,
    /// What could not be read, in plain words. Anything here refuses.
    pub unreadable: Vec<String>,
}

/// How many intents a counter holds in its window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The counter.
    pub counter: Counter,
    /// Intents in its window, unknown outcomes and undone acts included.
    pub intents: u32,
}

/// What became of the acts that a breaker watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerFacts {
    /// One of [`crate::breaker_keys`].
    pub key: String,
    /// The last acts under that key, at most [`crate::breaker::ACTS_MAX`], in any order.
    pub acts: Vec<Act>,
    /// When people closed it by hand, last; what came before does not count.
    pub reset_at: Option<Time>,
}
