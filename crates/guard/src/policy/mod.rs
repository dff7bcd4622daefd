//! The policy file: what people decided once, so that nobody has to decide it at night.
//!
//! Every field may be left out; what is left out is the strict built-in value. Unknown keys are
//! refused, because a misspelt limit would be no limit.

mod asset;
mod budget;
mod pattern;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stanch_model::guard::ApprovalTerms;

pub use asset::{Asset, Automatic, SharedRange};
pub use budget::{Budget, FleetShare, Scope};
pub use pattern::{Pattern, PatternError};

/// What may be done to what, how often, and who is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Assets that are never acted on by themselves.
    pub protected: Vec<Asset>,
    /// Ranges and names that many share, beside the built-in resolvers and root servers.
    pub shared: Vec<SharedRange>,
    /// Limits on intents; they replace the built-in one of the same class and scope.
    pub budgets: Vec<Budget>,
    /// How much of the fleet may be acted on.
    pub fleet: FleetShare,
    /// What is asked for where the guard asks.
    pub approval: ApprovalPolicy,
}

/// What is asked for where the guard asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApprovalPolicy {
    /// How many people have to say yes. 0 counts as 1.
    pub count: u32,
    /// Whether whoever requested the run may not answer.
    pub not_requester: bool,
    /// How long the question stands.
    #[serde(with = "stanch_model::duration::text")]
    pub within: Duration,
}

impl Default for ApprovalPolicy {
    /// One person, not the requester, within an hour.
    fn default() -> Self {
        Self { count: 1, not_requester: true, within: Duration::from_secs(3_600) }
    }
}

impl Policy {
    /// The terms for a question that asks at least `count` people.
    #[must_use]
    pub fn terms(&self, count: u32) -> ApprovalTerms {
        let ApprovalPolicy { count: least, not_requester, within } = self.approval;
        ApprovalTerms { count: count.max(least).max(1), not_requester, within }
    }

    /// The budgets in force: the policy's, and the built-in ones that it does not replace.
    #[must_use]
    pub fn budgets(&self) -> Vec<Budget> {
        let replaced = |built_in: &Budget| {
            self.budgets.iter().any(|b| (&b.class, b.scope) == (&built_in.class, built_in.scope))
        };
        let built_in = budget::built_in().into_iter().filter(|budget| !replaced(budget));
        self.budgets.iter().cloned().chain(built_in).collect()
    }
}
