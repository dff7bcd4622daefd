//! Plans: the actions a run would take now, and the hash that an approval binds to.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Observable, TenantId, canonical, manifest::EffectClass};

/// Where in a run an action stands: the path of (step, iteration), `isolate`, `each.3/block`.
///
/// With the run's id it gives the idempotency key, which is the same on every retry.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct StepKey(pub String);

impl std::fmt::Display for StepKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An action with everything that matters resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlannedAction {
    /// Where in the run.
    pub key: StepKey,
    /// What the playbook calls it: a capability or `connector.action`.
    pub name: String,
    /// The manifest's title: `Block an address`.
    pub title: String,
    /// The instance that acts.
    pub instance: String,
    /// The connector behind it.
    pub connector: String,
    /// The action in the manifest.
    pub action: String,
    /// True where the target is the practice target.
    pub practice: bool,
    /// Digest of the manifest.
    pub manifest_digest: String,
    /// What it does to the world.
    pub effect: EffectClass,
    /// What it acts on, canonical; none for reads without a target.
    pub target: Option<Observable>,
    /// The input after the manifest's schema.
    #[schema(value_type = Object)]
    pub input: Value,
    /// How it would be taken back, in plain words; none if it cannot be.
    pub undo: Option<String>,
    /// How long it stays unless undone before.
    #[serde(with = "crate::duration::option_text")]
    #[schema(value_type = Option<String>, example = "24h")]
    pub expires: Option<Duration>,
}

impl PlannedAction {
    /// SHA-256 over the canonical JSON: two actions with the same fingerprint are the same act.
    ///
    /// # Panics
    /// Never: a planned action has a JSON form.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        canonical::sha256(self).expect("invariant: a planned action is JSON")
    }
}

/// The actions a run would take from where it stands to the next point that depends on the
/// outcome of one of them, or on an answer of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    /// Whose.
    pub tenant: TenantId,
    /// The playbook.
    pub playbook: String,
    /// SHA-256 of the playbook's text.
    pub playbook_digest: String,
    /// The actions that change something, in the order in which the run reaches them.
    pub actions: Vec<PlannedAction>,
    /// What was read to get here: (action name, digest of the answer). Not part of the hash.
    pub evidence: Vec<Evidence>,
    /// Where planning had to stop, in plain words; none if it reached the end.
    pub stops_at: Option<String>,
}

/// An answer that a plan rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Evidence {
    /// Where in the run.
    pub key: StepKey,
    /// What was asked.
    pub name: String,
    /// What came back.
    #[schema(value_type = Object)]
    pub output: Value,
}

impl Plan {
    /// SHA-256 over RFC 8785 JSON of tenant, playbook digest and actions.
    ///
    /// # Panics
    /// Never: a plan has a JSON form.
    #[must_use]
    pub fn hash(&self) -> String {
        let bound = (&self.tenant, &self.playbook, &self.playbook_digest, &self.actions);
        canonical::sha256(&bound).expect("invariant: a plan is JSON")
    }
}
