//! Acting: the guard's facts, the acts themselves, and the ledger of what they left behind.

mod act;
mod blast;
mod builtin;
mod facts;
mod hindsight;
mod history;
mod ledger;
mod network;
mod pace;
mod parties;
mod policies;
mod reconcile;
mod script;
mod undo;

use std::sync::Arc;

use stanch_connector::Hands;
use stanch_intel::Intel;
use stanch_model::{
    RunId, containment::Containment, manifest::Catalog, plan::StepKey, run::RunHead,
};

use self::pace::Pace;
pub use self::{
    facts::Weighed,
    network::Network,
    policies::Policies,
    reconcile::{Reconciler, Reconciliation},
    undo::Ledger,
};
pub(crate) use hindsight::{Answer, Hindsight};
pub(crate) use ledger::{follow, open_row};

use crate::{assets::Assets, core::Core};

/// The acting stage.
#[derive(Clone, Debug)]
pub struct Acting {
    core: Core,
    catalog: Arc<Catalog>,
    hands: Hands,
    policies: Policies,
    assets: Arc<Assets>,
    network: Arc<Network>,
    intel: Arc<Intel>,
    pace: Pace,
}

/// The run in whose name something is done.
#[derive(Clone, Debug)]
pub struct Context {
    /// Its head.
    pub head: RunHead,
    /// How far the alert's source is believed; the lowest if there is no alert to look at.
    pub trust: stanch_model::event::Trust,
    /// Whether the alert is about an act of our own.
    pub self_caused: bool,
    /// The most that the playbook's text allows.
    pub max_mode: stanch_model::guard::Mode,
}

impl Acting {
    /// The stage over what `catalog` offers.
    #[must_use]
    pub fn new(
        core: Core,
        catalog: Arc<Catalog>,
        hands: Hands,
        policies: Policies,
        assets: Arc<Assets>,
        network: Arc<Network>,
        intel: Arc<Intel>,
    ) -> Self {
        Self { core, catalog, hands, policies, assets, network, intel, pace: Pace::default() }
    }

    /// How many other live containments hold the same effect at the same target.
    async fn held_by_others(&self, row: &Containment) -> Result<u32, stanch_store::Error> {
        let row = row.clone();
        self.core.store.write(move |tx| tx.other_holders(&row)).await
    }
}

/// The idempotency key of a step's act: the same on every retry, never the same for two acts.
#[must_use]
pub fn idempotency_key(run: RunId, key: &StepKey) -> String {
    format!("{run}/{key}")
}
