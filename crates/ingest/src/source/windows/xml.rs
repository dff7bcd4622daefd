//! An event as XML, made the nested shape that EVTX tools make of it.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesStart, Event},
};
use serde_json::{Map, Value};

use super::NAME;
use crate::{
    error::{Error, quote},
    limits::{XML_DEPTH_MAX, XML_ELEMENTS_MAX},
};

/// Whether a text begins as an event.
pub(in crate::source) fn is_event(text: &str) -> bool {
    let text = text.trim_start();
    text.strip_prefix("<Event").is_some_and(|rest| rest.starts_with(['>', ' ', '\n', '\r', '\t']))
}

/// The parts of an `Event`: `System`, `EventData`, …; attributes are in `#attributes`, text beside
/// them in `#text`. Document types are refused, entities other than XML's own five as well.
pub(in crate::source) fn read(text: &str) -> Result<Map<String, Value>, Error> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut elements = 0_usize;
    let mut whole = None;
    loop {
        let event = reader.read_event().map_err(|error| broken(text, &error.to_string()))?;
        if whole.is_some() && !matches!(event, Event::Eof | Event::Comment(_) | Event::PI(_)) {
            if matches!(&event, Event::Text(rest) if rest.trim().is_empty()) {
                continue;
            }
            return Err(broken(text, "there is text after </Event>"));
        }
        match event {
            Event::Start(_) | Event::Empty(_) if elements >= XML_ELEMENTS_MAX => {
                return Err(broken(text, "it has too many elements"));
            }
            Event::Start(_) if open.len() >= XML_DEPTH_MAX => {
                return Err(broken(text, "its elements are nested too deep"));
            }
            Event::Start(start) => {
                elements = elements.saturating_add(1);
                open.push(Element::of(&start, text)?);
            }
            Event::Empty(start) => {
                elements = elements.saturating_add(1);
                close(Element::of(&start, text)?, &mut open, &mut whole);
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut whole);
                }
            }
            Event::Text(part) => say(&mut open, &part.xml10_content()),
            Event::CData(part) => say(&mut open, &part.xml10_content()),
            Event::GeneralRef(name) => {
                let known = resolve_xml_entity(&name).map(str::to_owned);
                // Windows writes control characters that XML does not allow, zero among them.
                let character = || match name.resolve_char_ref() {
                    Ok(Some(character)) => Some(character.to_string()),
                    Ok(None) => None,
                    Err(_) => Some('\u{fffd}'.to_string()),
                };
                let meant = known.or_else(character);
                say(&mut open, &meant.ok_or_else(|| broken(text, "it has an unknown entity"))?);
            }
            Event::DocType(_) => return Err(broken(text, "it has a document type")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match whole {
        Some((name, Value::Object(parts))) if name == "Event" => Ok(parts),
        Some(_) => Err(broken(text, "its root is no <Event> with parts")),
        None => Err(broken(text, "it ends before </Event>")),
    }
}

/// An element that is open.
struct Element {
    name: String,
    attributes: Map<String, Value>,
    parts: Map<String, Value>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>, text: &str) -> Result<Self, Error> {
        let mut attributes = Map::new();
        // Without the check for doubles, which compares each with each.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| broken(text, &error.to_string()))?;
            let name = attribute.key.into_inner();
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| broken(text, &error.to_string()))?;
            attributes.insert(name.to_owned(), Value::String(value.into_owned()));
        }
        let name = start.local_name().into_inner().to_owned();
        Ok(Self { name, attributes, parts: Map::new(), text: String::new() })
    }

    fn value(self, name: &str) -> Value {
        let Self { attributes, mut parts, text, .. } = self;
        // Between parts there is only indentation.
        let is_said = if parts.is_empty() { !text.is_empty() } else { !text.trim().is_empty() };
        if attributes.is_empty() && parts.is_empty() {
            return if is_said { Value::String(text) } else { Value::Null };
        }
        // A value of the event's own that is empty is empty text, as the event said.
        if is_said || (parts.is_empty() && name == "Data") {
            parts.insert("#text".to_owned(), Value::String(text));
        }
        if !attributes.is_empty() {
            parts.insert("#attributes".to_owned(), Value::Object(attributes));
        }
        Value::Object(parts)
    }
}

fn say(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Ends an element: it becomes a part of the one around it, beside others of its name.
fn close(mut element: Element, open: &mut [Element], whole: &mut Option<(String, Value)>) {
    let name = std::mem::take(&mut element.name);
    let value = element.value(&name);
    let Some(parent) = open.last_mut() else {
        *whole = Some((name, value));
        return;
    };
    match parent.parts.get_mut(&name) {
        None => {
            parent.parts.insert(name, value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn broken(text: &str, why: &str) -> Error {
    Error::BrokenXml { format: NAME, found: quote(text), cause: quote(why) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &Value) {
        assert_eq!(&Value::Object(read(text).unwrap()), expect);
    }

    #[test]
    fn elements_become_parts() {
        check(
            "<?xml version='1.0'?><Event xmlns='x'>\n <System><Provider Name='P&amp;Q'/>\
             <EventID Qualifiers='3'>7</EventID><Empty/></System>\n <EventData>\
             <Data Name='a'>x &lt; y&#10;z&#0;</Data><Data Name='b'/><Data>c</Data>\
             <![CDATA[ ]]></EventData></Event>\n",
            &json!({
                "System": {
                    "Provider": {"#attributes": {"Name": "P&Q"}},
                    "EventID": {"#text": "7", "#attributes": {"Qualifiers": "3"}},
                    "Empty": null,
                },
                "EventData": {"Data": [
                    {"#text": "x < y\nz\u{fffd}", "#attributes": {"Name": "a"}},
                    {"#text": "", "#attributes": {"Name": "b"}},
                    "c",
                ]},
            }),
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let check = |text: &str, expect: &str| {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(expect), "{text}: {error}");
        };
        check("<Event><System>", "ends before");
        check("<Event><System></Event>", "expected");
        check("<Event>x</Event>", "no <Event>");
        check("<Other><a>b</a></Other>", "no <Event>");
        check("<!DOCTYPE x [<!ENTITY a 'b'>]><Event><a>&a;</a></Event>", "document type");
        check("<Event><a>&b;</a></Event>", "unknown entity");
        check("<Event><a>b</a></Event><Event/>", "after </Event>");
        check(&"<a>".repeat(XML_DEPTH_MAX + 1), "too deep");
        let many = |count: usize| format!("<Event>{}</Event>", "<a/>".repeat(count - 1));
        assert!(read(&many(XML_ELEMENTS_MAX)).is_ok());
        check(&many(XML_ELEMENTS_MAX + 1), "too many");
    }
}
