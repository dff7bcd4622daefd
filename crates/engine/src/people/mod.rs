//! People: what they decide, and who they are.

mod approvals;
mod auth;
mod drafts;
mod incidents;
mod lapse;
mod ledger;
mod notices;
mod password;
pub mod proposals;
mod questions;
mod runs;
mod switch;
mod team;
mod throttle;
pub(crate) mod trust;
mod votes;

use std::sync::{Arc, Mutex, atomic::AtomicI64};

use tokio::sync::Semaphore;

use self::throttle::Throttle;
use crate::{
    acting::{Ledger, Policies},
    assets::Assets,
    core::Core,
    runs::{Runs, Versions},
};

pub use self::{
    auth::{Caller, Credential, NewToken},
    notices::Notices,
};

/// The people stage.
#[derive(Clone, Debug)]
pub struct People {
    core: Core,
    runs: Runs,
    ledger: Ledger,
    versions: Versions,
    policies: Policies,
    assets: Arc<Assets>,
    throttle: Arc<Mutex<Throttle>>,
    trust_looked: Arc<AtomicI64>,
    hashing: Arc<Semaphore>,
}

/// What holds here, and what people change.
#[derive(Debug)]
pub struct InForce {
    /// Which text of each playbook.
    pub versions: Versions,
    /// Which policy.
    pub policies: Policies,
    /// Who answers for what.
    pub assets: Arc<Assets>,
}

/// How many passwords are hashed at once, at 19 MiB each; more wait.
const HASHES_AT_ONCE_MAX: usize = 4;

impl People {
    /// The stage.
    #[must_use]
    pub fn new(core: Core, runs: Runs, ledger: Ledger, in_force: InForce) -> Self {
        let (throttle, hashing) = (Arc::default(), Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)));
        let InForce { versions, policies, assets } = in_force;
        Self {
            core,
            runs,
            ledger,
            versions,
            policies,
            assets,
            throttle,
            trust_looked: Arc::default(),
            hashing,
        }
    }
}

/// Marks a refusal that is about who asks, on its way through the store.
pub(crate) const FORBIDDEN: &str = "forbidden: ";

/// A refusal that is about who asks.
fn forbid(why: &str) -> stanch_store::Error {
    stanch_store::Error::Conflict(format!("{FORBIDDEN}{why}"))
}
