//! When a class of acts stops by itself, as it stands in the policy file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ClassPattern, Scope, value};

/// Opens when too many acts failed or were undone by people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BreakerText", into = "BreakerText")]
pub struct Breaker {
    /// Which acts it watches together.
    pub class: ClassPattern,
    /// Whose.
    pub scope: Scope,
    /// How far it looks back.
    pub window: Duration,
    /// So many failed or unknown acts in the window open it.
    pub failures: Option<u32>,
    /// So many acts of the window that people took back open it.
    pub undos: Option<u32>,
    /// That share of the window's acts, in percent, failed or taken back, opens it.
    pub percent: Option<u32>,
    /// How many acts there have to be before the share counts.
    pub at_least: u32,
    /// Taken back within that time after the intent; later is a change of mind.
    pub undone_within: Duration,
    /// How long it stays open before one act is let through to see.
    pub cool_down: Duration,
}

/// A breaker that would never open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a breaker that watches nothing never opens: give it `failures`, `undos` or `percent`")]
pub struct BreakerError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakerText {
    class: ClassPattern,
    #[serde(default)]
    scope: Scope,
    #[serde(default = "hour", with = "value::span")]
    window: Duration,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::positive_option"
    )]
    failures: Option<u32>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::positive_option"
    )]
    undos: Option<u32>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::percent_option"
    )]
    percent: Option<u32>,
    #[serde(default = "ten", deserialize_with = "value::positive")]
    at_least: u32,
    #[serde(default = "day", with = "value::span")]
    undone_within: Duration,
    #[serde(default = "half_hour", with = "value::span")]
    cool_down: Duration,
}

const fn hour() -> Duration {
    Duration::from_secs(3_600)
}

const fn half_hour() -> Duration {
    Duration::from_secs(1_800)
}

const fn day() -> Duration {
    Duration::from_secs(86_400)
}

const fn ten() -> u32 {
    10
}

impl TryFrom<BreakerText> for Breaker {
    type Error = BreakerError;
    fn try_from(text: BreakerText) -> Result<Self, BreakerError> {
        let BreakerText {
            class,
            scope,
            window,
            failures,
            undos,
            percent,
            at_least,
            undone_within,
            cool_down,
        } = text;
        if failures.is_none() && undos.is_none() && percent.is_none() {
            return Err(BreakerError);
        }
        Ok(Self {
            class,
            scope,
            window,
            failures,
            undos,
            percent,
            at_least,
            undone_within,
            cool_down,
        })
    }
}

impl From<Breaker> for BreakerText {
    fn from(breaker: Breaker) -> Self {
        let Breaker {
            class,
            scope,
            window,
            failures,
            undos,
            percent,
            at_least,
            undone_within,
            cool_down,
        } = breaker;
        Self { class, scope, window, failures, undos, percent, at_least, undone_within, cool_down }
    }
}

/// In force unless a policy says otherwise: a playbook whose acts go wrong one after the other.
pub(super) fn built_in() -> [Breaker; 1] {
    [Breaker {
        class: ClassPattern::all(),
        scope: Scope::Playbook,
        window: hour(),
        failures: Some(5),
        undos: Some(5),
        percent: Some(50),
        at_least: ten(),
        undone_within: day(),
        cool_down: half_hour(),
    }]
}
