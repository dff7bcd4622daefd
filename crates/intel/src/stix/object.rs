//! The objects of a bundle that are read, one by one: what is wrong with one does not touch the others.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use stanch_model::Time;

use crate::{Confidence, import::moment};

/// An object.
pub(super) enum Item {
    Indicator(Box<Indicator>),
    Sighting(Sighting),
    Marking(Marking),
    /// Of another type.
    Other(String),
    Unreadable {
        place: String,
        reason: String,
    },
}

#[derive(Deserialize)]
pub(super) struct Indicator {
    pub(super) id: String,
    #[serde(default, deserialize_with = "moment")]
    pub(super) modified: Option<Time>,
    #[serde(default)]
    pub(super) revoked: bool,
    #[serde(default)]
    pub(super) name: Option<String>,
    pub(super) pattern: String,
    #[serde(default)]
    pub(super) pattern_type: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    pub(super) valid_from: Option<Time>,
    #[serde(default, deserialize_with = "moment")]
    pub(super) valid_until: Option<Time>,
    #[serde(default)]
    pub(super) confidence: Option<Confidence>,
    #[serde(default)]
    pub(super) indicator_types: Vec<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    object_marking_refs: Vec<String>,
    #[serde(default)]
    granular_markings: Vec<Granular>,
}

/// A marking of a part of an object; here it is taken for one of the whole.
#[derive(Deserialize)]
struct Granular {
    #[serde(default)]
    marking_ref: Option<String>,
}

impl Indicator {
    pub(super) fn marking_refs(&self) -> impl Iterator<Item = &str> {
        let granular = self.granular_markings.iter().filter_map(|part| part.marking_ref.as_ref());
        self.object_marking_refs.iter().chain(granular).map(String::as_str)
    }

    pub(super) fn tags(&self) -> BTreeSet<String> {
        self.labels.iter().chain(&self.indicator_types).cloned().collect()
    }
}

#[derive(Deserialize)]
pub(super) struct Sighting {
    pub(super) id: String,
    pub(super) sighting_of_ref: String,
    #[serde(default, deserialize_with = "moment")]
    pub(super) modified: Option<Time>,
    #[serde(default)]
    pub(super) revoked: bool,
    #[serde(default)]
    pub(super) count: Option<u64>,
    #[serde(default, deserialize_with = "moment")]
    pub(super) first_seen: Option<Time>,
    #[serde(default, deserialize_with = "moment")]
    pub(super) last_seen: Option<Time>,
}

#[derive(Deserialize)]
pub(super) struct Marking {
    pub(super) id: String,
    #[serde(default)]
    pub(super) definition_type: Option<String>,
    #[serde(default)]
    pub(super) definition: Value,
    #[serde(default)]
    pub(super) extensions: Value,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self::of(Value::deserialize(d)?))
    }
}

impl Item {
    fn of(value: Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let place = text("id").unwrap_or_else(|| "an object without `id`".to_owned());
        let Some(kind) = text("type") else {
            return Self::Unreadable { place, reason: "it has no `type`".to_owned() };
        };
        let read = match kind.as_str() {
            "indicator" => {
                serde_json::from_value(value).map(|indicator| Self::Indicator(Box::new(indicator)))
            }
            "sighting" => serde_json::from_value(value).map(Self::Sighting),
            "marking-definition" => serde_json::from_value(value).map(Self::Marking),
            _ => return Self::Other(kind),
        };
        read.unwrap_or_else(|error| Self::Unreadable { place, reason: error.to_string() })
    }
}
