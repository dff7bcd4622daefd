//! Attributes, and which values each type of them names.

use serde::{Deserialize, Deserializer};
use stanch_model::Time;

use super::{Flag, Seconds, Tag};
use crate::{Kind, Value, import::moment};

#[derive(Deserialize)]
pub(super) struct Attribute {
    pub(super) uuid: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) to_ids: Flag,
    #[serde(default)]
    pub(super) comment: String,
    #[serde(default, deserialize_with = "flag")]
    pub(super) deleted: bool,
    #[serde(default)]
    pub(super) timestamp: Option<Seconds>,
    #[serde(default, deserialize_with = "moment")]
    pub(super) first_seen: Option<Time>,
    #[serde(default, deserialize_with = "moment")]
    pub(super) last_seen: Option<Time>,
    #[serde(rename = "Tag", default)]
    pub(super) tags: Vec<Tag>,
}

fn flag<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(Flag::deserialize(d)?.0)
}

const IP: &[Kind] = &[Kind::Ip, Kind::Cidr];

/// A type of attribute that names one value: the kinds that it may be.
const SIMPLE: &[(&str, &[Kind])] = &[
    ("ip-src", IP),
    ("ip-dst", IP),
    ("domain", &[Kind::Domain]),
    ("hostname", &[Kind::Domain]),
    ("url", &[Kind::Url]),
    ("md5", &[Kind::Md5]),
    ("sha1", &[Kind::Sha1]),
    ("sha256", &[Kind::Sha256]),
    ("email", &[Kind::EmailAddress]),
    ("email-src", &[Kind::EmailAddress]),
    ("email-dst", &[Kind::EmailAddress]),
    ("email-reply-to", &[Kind::EmailAddress]),
];

/// The kinds that one half of a value may be.
type Part = Option<&'static [Kind]>;

/// A type of two values with `|` between them: for each the kinds that it may be, or none if it names nothing that
/// can be matched alone.
const PAIRS: &[(&str, Part, Part)] = &[
    ("ip-src|port", Some(IP), None),
    ("ip-dst|port", Some(IP), None),
    ("hostname|port", Some(&[Kind::Domain]), None),
    ("domain|ip", Some(&[Kind::Domain]), Some(IP)),
    ("filename|md5", None, Some(&[Kind::Md5])),
    ("filename|sha1", None, Some(&[Kind::Sha1])),
    ("filename|sha256", None, Some(&[Kind::Sha256])),
    ("malware-sample", None, Some(&[Kind::Md5])),
];

/// The values that an attribute names, or why it names none.
pub(super) fn values(kind: &str, text: &str) -> Result<Vec<Value>, String> {
    if let Some((_, kinds)) = SIMPLE.iter().find(|(name, _)| *name == kind) {
        return Ok(vec![value(kind, text, kinds)?]);
    }
    let Some((_, first, second)) = PAIRS.iter().find(|(name, ..)| *name == kind) else {
        return Err(format!("attributes of type `{kind}` are not matched here"));
    };
    let Some((left, right)) = text.rsplit_once('|') else {
        return Err(format!("`{text}` lacks the `|` of a `{kind}`"));
    };
    let parts = [(left, first), (right, second)];
    let named = parts.into_iter().filter_map(|(text, kinds)| Some((text, (*kinds)?)));
    named.map(|(text, kinds)| value(kind, text, kinds)).collect()
}

fn value(of: &str, text: &str, kinds: &[Kind]) -> Result<Value, String> {
    match Value::read(text) {
        Ok(value) if kinds.contains(&value.kind()) => Ok(value),
        Ok(value) => Err(format!("`{text}` is a {}, and not what `{of}` says", value.kind())),
        Err(why) => Err(format!("`{text}` {why}")),
    }
}
