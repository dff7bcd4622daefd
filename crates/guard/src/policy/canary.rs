//! How many acts of a run go first, as it stands in the policy file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ClassPattern, value};

/// The first acts of a class in a run, whose outcome the others wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// Which acts; `*` is every class without an entry of its own, each counted for itself.
    pub class: ClassPattern,
    /// How many go first.
    #[serde(deserialize_with = "value::positive")]
    pub first: u32,
    /// How long the others wait after the last of the first was seen to have worked.
    #[serde(with = "value::span")]
    pub wait: Duration,
    /// What share of the run's acts of that class, in percent, may fail or be taken back.
    #[serde(default, deserialize_with = "value::percent")]
    pub tolerate: u32,
}

/// In force for every class that a policy has no entry for. One of the first five may fail.
pub(super) fn built_in() -> Canary {
    Canary { class: ClassPattern::all(), first: 5, wait: Duration::from_secs(600), tolerate: 20 }
}
