//! People: what they decide, and who they are.

mod approvals;
mod auth;
mod incidents;
mod ledger;
mod password;
mod questions;
mod switch;
mod throttle;

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use self::throttle::Throttle;
use crate::{acting::Ledger, core::Core, runs::Runs};

pub use self::auth::{Caller, Credential, NewToken};

/// The people stage.
#[derive(Clone, Debug)]
pub struct People {
    core: Core,
    runs: Runs,
    ledger: Ledger,
    throttle: Arc<Mutex<Throttle>>,
    hashing: Arc<Semaphore>,
}

/// How many passwords are hashed at once, at 19 MiB each; more wait.
const HASHES_AT_ONCE_MAX: usize = 4;

impl People {
    /// The stage.
    #[must_use]
    pub fn new(core: Core, runs: Runs, ledger: Ledger) -> Self {
        let (throttle, hashing) = (Arc::default(), Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)));
        Self { core, runs, ledger, throttle, hashing }
    }
}
