//! What the inventory says of a target.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stanch_model::guard::Criticality;

/// The answer of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AssetRecord {
    /// It knows the target.
    Known {
        /// What it has.
        asset: AssetFacts,
    },
    /// It was asked, and has no such target: then the target counts as one without tags, groups and site, and
    /// wherever the policy asks for those, that is said.
    NotListed,
    /// It could not be asked. Refuses.
    Unreadable {
        /// Why, in plain words.
        why: String,
    },
}

impl AssetRecord {
    /// What is known of the target.
    #[must_use]
    pub const fn known(&self) -> Option<&AssetFacts> {
        match self {
            Self::Known { asset } => Some(asset),
            Self::NotListed | Self::Unreadable { .. } => None,
        }
    }
}

/// A host or a person as the inventory has it. Upper and lower case are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssetFacts {
    /// What it is: `domain-controller`, `workstation`.
    pub tags: BTreeSet<String>,
    /// Who it belongs to: `executives`, `finance`; all of the target's other names included.
    pub groups: BTreeSet<String>,
    /// Where it is.
    pub site: Option<String>,
    /// How much depends on it.
    pub criticality: Option<Criticality>,
    /// Who looks after it.
    pub owner: Option<String>,
}

impl AssetFacts {
    pub(crate) fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| folded(own) == tag)
    }

    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.groups.iter().any(|own| folded(own) == group)
    }
}

/// How names of tags, groups and sites are compared.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// How many hosts there are. What is not known counts as the smallest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// In all.
    pub hosts: Option<u32>,
    /// At the target's site; for a host that is listed without a site, all that are.
    pub site_hosts: Option<u32>,
}
