//! The policy file: what people decided once, so that nobody has to decide it at night.
//!
//! Every field may be left out; what is left out is the strict built-in value. Unknown keys are
//! refused, because a misspelt limit would be no limit, and so is what would limit nothing.

mod breaker;
mod budget;
mod canary;
mod class;
mod freeze;
mod pattern;
mod protected;
mod rights;
mod trust;
mod value;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stanch_model::guard::ApprovalTerms;

pub use breaker::{Breaker, BreakerError};
pub use budget::{Budget, FleetShare, Scope};
pub use canary::Canary;
pub use class::{ClassError, ClassPattern};
pub use freeze::{Clock, Dates, Day, Freeze, FreezeError, FreezeThen, Zone};
pub use pattern::{Pattern, PatternError};
pub use protected::{Automatic, Protected, ProtectedError, SharedRange, Which};
pub use rights::{Effect, On, Right, RightError, Who};
pub use trust::{LooseningPolicy, PromotionPolicy};

pub(crate) use class::{among, cover};

use crate::rights::Rights;

/// What may be done to what, how often, and who is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What a file of its own begins with: its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub policy: String,
    /// What it is for, in a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Assets that are never acted on by themselves.
    pub protected: Vec<Protected>,
    /// Ranges and names that many share, beside the built-in resolvers and root servers.
    pub shared: Vec<SharedRange>,
    /// Limits on intents; they replace the built-in one of the same class and scope.
    pub budgets: Vec<Budget>,
    /// How much of the fleet may be acted on.
    pub fleet: FleetShare,
    /// What is asked for where the guard asks.
    pub approval: ApprovalPolicy,
    /// Times in which acts are refused or asked.
    pub freeze: Vec<Freeze>,
    /// What stops acts that go wrong; they replace the built-in one of the same class and scope.
    pub breakers: Vec<Breaker>,
    /// How many acts of a run go first; they replace the built-in one of the same class.
    pub canaries: Vec<Canary>,
    /// Who may do what to which target.
    pub rights: Rights,
    /// What a mode is earned with, and lost with.
    pub promotion: PromotionPolicy,
    /// What a looser policy takes.
    pub loosening: LooseningPolicy,
}

/// What is asked for where the guard asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApprovalPolicy {
    /// The group of which they have to be; anybody who may decide if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How many people have to say yes. 0 counts as 1.
    pub count: u32,
    /// Whether whoever requested the run may not answer.
    pub not_requester: bool,
    /// How long the question stands.
    #[serde(with = "stanch_model::duration::text")]
    pub within: Duration,
    /// What happens if nobody answers in time.
    pub otherwise: Otherwise,
}

/// What happens if nobody answers in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Otherwise {
    /// It counts as a no.
    #[default]
    Deny,
    /// The targets' owners are asked, else the admins, once and as long again; then it counts as a no.
    Escalate,
}

impl Default for ApprovalPolicy {
    /// One person, not the requester, within an hour; silence is a no.
    fn default() -> Self {
        let (within, otherwise) = (Duration::from_secs(3_600), Otherwise::Deny);
        Self { by: None, count: 1, not_requester: true, within, otherwise }
    }
}

impl Policy {
    /// The terms for a question that asks at least `count` people.
    #[must_use]
    pub fn terms(&self, count: u32) -> ApprovalTerms {
        let ApprovalPolicy { by, count: least, not_requester, within, otherwise } = &self.approval;
        ApprovalTerms {
            count: count.max(*least).max(1),
            not_requester: *not_requester,
            within: *within,
            groups: by.iter().cloned().collect(),
            escalate: *otherwise == Otherwise::Escalate,
        }
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

    /// The breakers in force, likewise.
    #[must_use]
    pub fn breakers(&self) -> Vec<Breaker> {
        let replaced = |built_in: &Breaker| {
            self.breakers.iter().any(|b| (&b.class, b.scope) == (&built_in.class, built_in.scope))
        };
        let built_in = breaker::built_in().into_iter().filter(|breaker| !replaced(breaker));
        self.breakers.iter().cloned().chain(built_in).collect()
    }

    /// The canary of a class: the entry that names it most exactly, the first of equals.
    #[must_use]
    pub fn canary(&self, class: &str) -> Canary {
        let named = self.canaries.iter().filter(|canary| canary.class.matches(class));
        let closest = named.reduce(|best, other| {
            if best.class.covers(&other.class) && best.class != other.class { other } else { best }
        });
        closest.cloned().unwrap_or_else(canary::built_in)
    }

    /// Whether it asks for what only an inventory knows.
    #[must_use]
    pub fn needs_inventory(&self) -> bool {
        let by_right = |right: &Right| {
            let On { tag, group, site, criticality, kind: _, pattern: _, practice: _ } = &right.on;
            tag.is_some() || group.is_some() || site.is_some() || !criticality.is_empty()
        };
        let by_scope = |scope: Scope| matches!(scope, Scope::Site | Scope::Group);
        self.protected.iter().any(|entry| entry.which.needs_inventory())
            || self.budgets.iter().any(|budget| by_scope(budget.scope))
            || self.breakers.iter().any(|breaker| by_scope(breaker.scope))
            || self.rights.list().iter().any(by_right)
    }
}
