//! MISP: events as the UI, the REST API and feeds export them (MISP core format, draft-dulaunoy-misp-core-format).
//!
//! An attribute with `to_ids` is a claim. One without is what its author did not mean for detection; it is left out and named. A
//! tag of TLP counts for what it stands at, and that of an event for all its attributes; the stricter one holds.

mod attribute;
mod feed;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use stanch_model::Time;

use self::attribute::{Attribute, values};
pub use self::feed::{FeedEvent, manifest};
use crate::{
    Confidence, Tlp,
    import::{Error, Import, Origin, json},
};

/// What it is called in errors.
const WHAT: &str = "a MISP export";

#[derive(Deserialize)]
struct Tag {
    name: String,
}

/// An event; its attributes are read one by one.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    info: String,
    #[serde(rename = "Tag", default)]
    tags: Vec<Tag>,
    #[serde(rename = "Attribute", default)]
    attributes: Vec<Value>,
    #[serde(rename = "Object", default)]
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    deleted: bool,
    #[serde(rename = "Attribute", default)]
    attributes: Vec<Value>,
}

/// The forms in which events come: alone, in the `response` of a search, or as attributes without their event.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Event")]
    event: Option<Event>,
    response: Option<Response>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Response {
    Events(Vec<Wrapped>),
    Attributes {
        #[serde(rename = "Attribute")]
        attributes: Vec<Value>,
    },
}

#[derive(Deserialize)]
struct Wrapped {
    #[serde(rename = "Event")]
    event: Event,
}

/// Reads an export of one event or several.
///
/// # Errors
/// A text that is none.
pub fn read(origin: &Origin, text: &str) -> Result<Import, Error> {
    let is_list = text.trim_start_matches('\u{feff}').trim_start().starts_with('[');
    let events: Vec<Event> = if is_list {
        json::<Vec<Wrapped>>(WHAT, text)?.into_iter().map(|wrapped| wrapped.event).collect()
    } else {
        events(json(WHAT, text)?)?
    };
    let mut import = Import::default();
    for event in events {
        take(origin, event, &mut import);
    }
    Ok(import)
}

fn events(document: Document) -> Result<Vec<Event>, Error> {
    match (document.event, document.response) {
        (Some(event), _) => Ok(vec![event]),
        (None, Some(Response::Events(events))) => {
            Ok(events.into_iter().map(|wrapped| wrapped.event).collect())
        }
        (None, Some(Response::Attributes { attributes })) => Ok(vec![Event {
            info: String::new(),
            tags: Vec::new(),
            attributes,
            objects: Vec::new(),
        }]),
        (None, None) => {
            Err(Error::Form { what: WHAT, why: "it has neither `Event` nor `response`".to_owned() })
        }
    }
}

fn take(origin: &Origin, event: Event, import: &mut Import) {
    let Event { info, tags, attributes, objects } = event;
    let own = attributes.into_iter().map(|attribute| (attribute, false));
    let within = objects.into_iter().flat_map(|object| {
        object.attributes.into_iter().map(move |attribute| (attribute, object.deleted))
    });
    for (attribute, is_deleted) in own.chain(within) {
        let uuid = attribute.get("uuid").and_then(Value::as_str).unwrap_or("an attribute");
        let place = uuid.to_owned();
        match serde_json::from_value::<Attribute>(attribute) {
            Ok(attribute) if is_deleted || attribute.deleted => import.withdrawn.push(place),
            Ok(attribute) => claims(origin, (&info, &tags), &attribute, import),
            Err(error) => import.leave_out(&place, error.to_string()),
        }
    }
}

fn claims(
    origin: &Origin,
    (info, tags): (&str, &[Tag]),
    attribute: &Attribute,
    import: &mut Import,
) {
    let place = attribute.uuid.clone();
    if !attribute.to_ids.0 {
        let kind = &attribute.kind;
        import.leave_out(&place, format!("`{kind}` without `to_ids`: not meant for detection"));
        return;
    }
    let values = match values(&attribute.kind, &attribute.value) {
        Ok(values) => values,
        Err(why) => return import.leave_out(&place, why),
    };
    let names = || tags.iter().chain(&attribute.tags).map(|tag| tag.name.as_str());
    let (tlp, unknown) = tlp(names());
    if let Some(unknown) = &unknown {
        import.leave_out(&place, format!("{unknown}; it counts as TLP:RED"));
    }
    let mut claim = origin.claim();
    claim.id = Some(place.clone());
    claim.tlp = if unknown.is_some() { Some(Tlp::Red) } else { tlp.or(origin.tlp) };
    claim.confidence = names().find_map(confidence).or(origin.confidence);
    claim.tags = names().map(str::to_owned).collect::<BTreeSet<_>>();
    claim.comment = comment(info, &attribute.comment);
    claim.first_seen = attribute.first_seen;
    claim.last_seen =
        attribute.last_seen.or(attribute.timestamp.and_then(|seconds| seconds.time()));
    for value in values {
        import.claim(&place, value, claim.clone());
    }
}

fn comment(info: &str, comment: &str) -> Option<String> {
    let parts = [info.trim(), comment.trim()];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(": "))
}

/// The strictest TLP of some tags, and what looks like one and is none.
fn tlp<'a>(tags: impl Iterator<Item = &'a str>) -> (Option<Tlp>, Option<String>) {
    let (mut strictest, mut unknown) = (None, None);
    for tag in tags.filter(|tag| tag.to_ascii_lowercase().starts_with("tlp:")) {
        // `tlp:ex:chr` and `tlp:unclear` are words of MISP's taxonomy and of no protocol.
        match tag.parse::<Tlp>() {
            Ok(tlp) => strictest = strictest.max(Some(tlp)),
            Err(error) => unknown = Some(error.to_string()),
        }
    }
    (strictest, unknown)
}

/// The numbers that MISP's own taxonomy gives to its words.
fn confidence(tag: &str) -> Option<Confidence> {
    let word = tag.strip_prefix("misp:confidence-level=\"")?.strip_suffix('"')?;
    Confidence::new(match word {
        "completely-confident" => 100,
        "usually-confident" => 75,
        "fairly-confident" => 50,
        "rarely-confident" => 25,
        "unconfident" => 0,
        _ => return None,
    })
}

/// Seconds since 1970, as MISP writes them: a text, sometimes a number.
#[derive(Clone, Copy, Debug)]
struct Seconds(i64);

impl Seconds {
    fn time(self) -> Option<Time> {
        (self.0 > 0).then(|| Time::from_micros(self.0.saturating_mul(1_000_000)))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(d)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let seconds = text.parse().ok().map(Self);
        seconds
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` are no seconds since 1970")))
    }
}

/// Yes or no, as MISP writes them: a truth value, sometimes 0 and 1, in quotes or not.
#[derive(Clone, Copy, Debug)]
struct Flag(bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(d)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match text.as_str() {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" => Ok(Self(false)),
            _ => Err(serde::de::Error::custom(format!("`{text}` is neither true nor false"))),
        }
    }
}
