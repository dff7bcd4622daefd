//! People: what they decide, and who they are.

mod approvals;
mod auth;
mod incidents;
mod password;
mod questions;
mod switch;

use crate::{acting::Ledger, core::Core, runs::Runs};

pub use self::auth::{Caller, Credential, NewToken};

/// The people stage.
#[derive(Clone, Debug)]
pub struct People {
    core: Core,
    runs: Runs,
    ledger: Ledger,
}

impl People {
    /// The stage.
    #[must_use]
    pub fn new(core: Core, runs: Runs, ledger: Ledger) -> Self {
        Self { core, runs, ledger }
    }
}
