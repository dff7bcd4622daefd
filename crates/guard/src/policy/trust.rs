//! What a mode is earned with, and what a looser policy takes, as it stands in the policy file.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::value;

/// What a playbook needs to be trusted further, and what it loses that with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromotionPolicy {
    /// For `assist`: how many runs there have to be that planned in `shadow`.
    pub plans: u32,
    /// For `auto`: the share of acts, in percent, that has to be clean; 1 to 99.
    #[serde(deserialize_with = "shown")]
    pub reliability: u32,
    /// How sure that has to be, in percent; 1 to 99. With 99 at 95: 299 clean acts and none other.
    #[serde(deserialize_with = "shown")]
    pub confidence: u32,
    /// For `auto`, and to keep it: the share of right alerts, in percent, that even the lower end of its
    /// interval has to reach.
    #[serde(deserialize_with = "value::percent")]
    pub precision: u32,
    /// So many acts that people took back in `window` end `auto`.
    #[serde(deserialize_with = "value::positive")]
    pub undos: u32,
    /// How far back those are counted.
    #[serde(with = "value::span")]
    pub window: Duration,
}

impl Default for PromotionPolicy {
    /// 99 % at 95 %, nine alerts of ten right, and not three undos in a month.
    fn default() -> Self {
        Self {
            plans: 5,
            reliability: 99,
            confidence: 95,
            precision: 90,
            undos: 3,
            window: Duration::from_secs(30 * 86_400),
        }
    }
}

/// A share that numbers can show: never all, and never none.
fn shown<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if (1..=99).contains(&number) {
        return Ok(number);
    }
    Err(D::Error::custom(format!("no number of acts shows {number} percent: write 1 to 99")))
}

/// What it takes to let the guard through more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LooseningPolicy {
    /// How many people have to want it, whoever proposes it among them.
    #[serde(deserialize_with = "value::positive")]
    pub people: u32,
    /// How long it then takes until it is in force.
    #[serde(with = "stanch_model::duration::text")]
    pub delay: Duration,
}

impl Default for LooseningPolicy {
    /// Two people, and a day.
    fn default() -> Self {
        Self { people: 2, delay: Duration::from_secs(86_400) }
    }
}
