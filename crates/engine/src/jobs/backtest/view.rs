//! What a backtest came to, as it is shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stanch_measure::Share;
use stanch_model::{Time, manifest::EffectClass};

/// What playing history through a playbook came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Backtest {
    /// The playbook.
    pub playbook: String,
    /// From when on alerts were looked at.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// Alerts that were raised in that time.
    pub alerts: u64,
    /// How many of them were looked at: the newest ones, up to the limit.
    pub looked_at: u64,
    /// The limit.
    pub limit: u32,
    /// What was assumed, in plain words.
    pub assumptions: Vec<String>,
    /// The version in force.
    pub version: Replayed,
    /// The version that it is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Replayed>,
    /// What the two differ in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// What one version would have done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replayed {
    /// Its number; none if it was never kept as one.
    pub number: Option<u32>,
    /// SHA-256 of its text.
    pub digest: String,
    /// Alerts that its trigger holds for.
    pub matched: u64,
    /// Runs that they would have started.
    pub runs: u64,
    /// Why the others would have started none, in plain words, with how many.
    pub not_started: BTreeMap<String, u64>,
    /// How the runs would have ended, with how many.
    pub ended: BTreeMap<String, u64>,
    /// Where runs stop because nobody knows any more how they would have gone on.
    pub not_known: Vec<NotKnown>,
    /// Questions to people, with what they were taken to be answered with.
    pub assumed: Vec<Assumed>,
    /// The acts, by action and target.
    pub effects: Vec<EffectRow>,
    /// Acts that are in no row, because there are too many rows.
    pub left_out: u64,
    /// The incidents that they belong to, by disposition; `open` are those without one.
    pub dispositions: BTreeMap<String, u64>,
    /// Of those that have a disposition, the true positives; with its 95 % interval.
    pub precision: Share,
    /// What the guard would not simply have let through, by rule.
    pub guard: Vec<GuardHits>,
}

/// One action on one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EffectRow {
    /// The action.
    pub action: String,
    /// The target, as `kind:value`; empty if the action has none.
    pub target: String,
    /// What it does to the world.
    pub effect: EffectClass,
    /// Whether the target is the practice target.
    pub practice: bool,
    /// How often runs came to it.
    pub count: u64,
    /// How often the guard would have refused it then.
    pub refused: u64,
    /// The first time.
    pub first_at: Time,
    /// The last time.
    pub last_at: Time,
    /// The incidents that it belongs to, by disposition.
    pub dispositions: BTreeMap<String, u64>,
    /// Of those that have a disposition, the true positives; with its 95 % interval.
    pub precision: Share,
    /// On what the runs rested when they came to it, with how often: `alert` if nothing was read, `recorded` on
    /// what was answered then, `ours` on what our own lists say today, `example` on an example in a manifest.
    pub rests_on: BTreeMap<String, u64>,
}

/// Where runs stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotKnown {
    /// At what: an action, a script, a form, a signal.
    pub name: String,
    /// Why.
    pub why: String,
    /// How many runs.
    pub count: u64,
}

/// A question to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Assumed {
    /// The step that asks.
    pub step: String,
    /// The answer.
    pub answer: String,
    /// In how many runs.
    pub count: u64,
}

/// How often a rule of the guard would have objected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GuardHits {
    /// The rule's name.
    pub rule: String,
    /// Would have asked people.
    pub asked: u64,
    /// Would have held the act for a time.
    pub held: u64,
    /// Would have refused it.
    pub refused: u64,
}

/// What two versions differ in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// Effects that only the version in force has.
    pub only_version: Vec<EffectName>,
    /// Effects that only the other one has.
    pub only_against: Vec<EffectName>,
    /// How many effects both have.
    pub both: u64,
}

/// An effect, by name.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct EffectName {
    /// The action.
    pub action: String,
    /// The target.
    pub target: String,
}
