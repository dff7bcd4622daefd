//! How many acts fit into a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// At most `limit` intents of `class` in any `window`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// A capability (`edr.isolate_host`), `connector.action`, or `*` for all acts together.
    pub class: String,
    /// How many; 0 forbids the class.
    pub limit: u32,
    /// The sliding window.
    #[serde(with = "stanch_model::duration::text")]
    pub window: Duration,
    /// Whose acts are counted together.
    #[serde(default)]
    pub scope: Scope,
}

/// Whose acts are counted together.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// All playbooks' together.
    #[default]
    Tenant,
    /// Each playbook's for itself.
    Playbook,
}

/// How much of the fleet one class of action may touch in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FleetShare {
    /// Percent of all hosts, rounded down.
    pub percent: u32,
    /// Hosts that may be touched however small the fleet is.
    pub at_least: u32,
    /// The sliding window.
    #[serde(with = "stanch_model::duration::text")]
    pub window: Duration,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Default for FleetShare {
    /// 2 % in an hour, and at least one.
    fn default() -> Self {
        Self { percent: 2, at_least: 1, window: HOUR }
    }
}

impl FleetShare {
    /// Hosts that may be touched; an unknown fleet counts as the smallest.
    #[must_use]
    pub fn limit(&self, fleet_size: Option<u32>) -> u32 {
        let share = u64::from(fleet_size.unwrap_or(0)) * u64::from(self.percent) / 100;
        u32::try_from(share).unwrap_or(u32::MAX).max(self.at_least)
    }
}

/// In force unless a policy says otherwise: what a busy day of a mid-sized site stays below.
pub(super) fn built_in() -> [Budget; 4] {
    let budget = |class: &str, limit| Budget {
        class: class.to_owned(),
        limit,
        window: HOUR,
        scope: Scope::Tenant,
    };
    [
        budget("edr.isolate_host", 5),
        budget("firewall.block_address", 50),
        budget("directory.disable_account", 5),
        budget("*", 200),
    ]
}
