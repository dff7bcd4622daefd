//! The shapes in which Windows events travel, made one.

use serde_json::{Map, Value};

use crate::fields::Fields;

/// Whether an object is a Windows event in one of the shapes.
pub(super) fn is_windows(object: &Map<String, Value>) -> bool {
    let nested = object.get("Event").and_then(Value::as_object).unwrap_or(object);
    let system = nested.get("System").and_then(Value::as_object);
    system.is_some_and(|system| system.contains_key("EventID"))
        || object.get("winlog").is_some_and(|winlog| winlog.get("event_id").is_some())
        || is_flat(object)
}

/// Whether an object has the fields of an event side by side.
pub(super) fn is_flat(object: &Map<String, Value>) -> bool {
    let has = |name: &&str| object.contains_key(*name);
    has(&"EventID") && ["Channel", "Provider_Name", "SourceName", "ProviderName"].iter().any(has)
}

/// One event, flat, with `EventID`, `Channel`, `Provider_Name` and `Computer` where the shape
/// says them.
pub(super) fn flatten(mut object: Map<String, Value>) -> Fields {
    if let Some(Value::Object(event)) = object.get_mut("Event") {
        return evtx(std::mem::take(event));
    }
    if object.get("System").is_some_and(Value::is_object) {
        return evtx(object);
    }
    match object.shift_remove("winlog") {
        Some(Value::Object(winlog)) => winlogbeat(winlog, object),
        Some(other) => {
            object.insert("winlog".to_owned(), other);
            flat(object)
        }
        None => flat(object),
    }
}

/// `{"System": …, "EventData": …, "UserData": …}`, as EVTX tools translate the XML.
fn evtx(mut event: Map<String, Value>) -> Fields {
    let mut fields = Fields::default();
    if let Some(Value::Object(system)) = event.shift_remove("System") {
        for (name, value) in system {
            element(&mut fields, &name, value);
        }
    }
    for (part, value) in event {
        match (part.as_str(), value) {
            ("EventData", Value::Object(data)) => event_data(&mut fields, data),
            ("EventData", value @ (Value::Array(_) | Value::String(_))) => {
                data(&mut fields, "Data", value);
            }
            // One element, named after the kind of event, holds the values.
            ("UserData", Value::Object(data)) => {
                for (_kind, value) in data {
                    if let Value::Object(inner) = value {
                        event_data(&mut fields, inner);
                    }
                }
            }
            (name, _) if is_attributes(name) => {}
            (_, Value::Null) => {}
            (name, value) => fields.flatten(name, value),
        }
    }
    fields
}

/// One element of `System`: text, attributes (`Provider_Name`), or both.
fn element(fields: &mut Fields, name: &str, value: Value) {
    // `evtx_dump --separate-json-attributes` writes `Provider_attributes` beside `Provider`.
    let name = name.strip_suffix("_attributes").unwrap_or(name);
    let Value::Object(parts) = value else {
        if !value.is_null() {
            fields.set(name, value);
        }
        return;
    };
    for (part, value) in parts {
        match (part.as_str(), value) {
            ("#attributes", Value::Object(attributes)) => {
                for (attribute, value) in attributes {
                    fields.flatten(&format!("{name}_{attribute}"), value);
                }
            }
            ("#text", value) => fields.set(name, scalar(value)),
            (attribute, value) => {
                let attribute = attribute.trim_start_matches('@');
                fields.flatten(&format!("{name}_{attribute}"), value);
            }
        }
    }
}

fn event_data(fields: &mut Fields, values: Map<String, Value>) {
    for (name, value) in values {
        match name.as_str() {
            name if is_attributes(name) => {}
            "Data" => named_data(fields, value),
            name => data(fields, name, value),
        }
    }
}

/// `Data` elements: `[{"@Name": "Image", "#text": "…"}, …]`, or values without names.
fn named_data(fields: &mut Fields, value: Value) {
    match value {
        Value::Array(list) => {
            for value in list {
                named_data(fields, value);
            }
        }
        Value::Object(mut parts) => {
            let attributes = parts.get("#attributes").and_then(|a| a.get("Name"));
            let name = ["@Name", "Name"].iter().find_map(|name| parts.get(*name));
            let name = name.or(attributes).and_then(Value::as_str).unwrap_or("Data").to_owned();
            let text = ["#text", "Value", "value"].iter().find_map(|key| parts.shift_remove(*key));
            data(fields, &name, text.unwrap_or(Value::Null));
        }
        Value::Null => {}
        value => fields.flatten("Data", value),
    }
}

/// One value of the event's own. `System` has the first right to a name. Names with spaces
/// (Defender's `Threat Name`) get a second one without, which is what rules write.
fn data(fields: &mut Fields, name: &str, value: Value) {
    if fields.value(name).is_some() && is_system(name) {
        fields.flatten(&format!("EventData.{name}"), value);
        return;
    }
    fields.flatten(name, value);
    if name.contains(' ') {
        fields.alias(name, &name.replace(' ', ""));
    }
}

/// `{"winlog": {"event_id": …, "event_data": {…}}, "@timestamp": …}`.
fn winlogbeat(winlog: Map<String, Value>, rest: Map<String, Value>) -> Fields {
    let mut fields = Fields::default();
    let mut later = Vec::new();
    for (name, value) in winlog {
        match name.as_str() {
            "event_id" => fields.set("EventID", scalar(value)),
            "channel" => fields.set("Channel", scalar(value)),
            "provider_name" => fields.set("Provider_Name", scalar(value)),
            "computer_name" => fields.set("Computer", scalar(value)),
            "event_data" | "user_data" => later.push(value),
            name => fields.flatten(&format!("winlog.{name}"), value),
        }
    }
    for value in later {
        if let Value::Object(values) = value {
            event_data(&mut fields, values);
        }
    }
    for (name, value) in rest {
        fields.flatten(&name, value);
    }
    fields.alias("host.name", "Computer");
    fields
}

/// Everything at the top, as NXLog, Fluent Bit and exported data sets have it.
fn flat(object: Map<String, Value>) -> Fields {
    let mut fields = Fields::of(object);
    for name in ["ProviderName", "SourceName"] {
        fields.alias(name, "Provider_Name");
    }
    for name in ["ComputerName", "Hostname", "host.name", "host"] {
        fields.alias(name, "Computer");
    }
    fields
}

fn is_attributes(name: &str) -> bool {
    name.starts_with('#') || name.starts_with("@xmlns") || name.ends_with("_attributes")
}

fn is_system(name: &str) -> bool {
    matches!(
        name,
        "EventID"
            | "Channel"
            | "Provider_Name"
            | "Computer"
            | "Level"
            | "Task"
            | "Opcode"
            | "Keywords"
            | "Version"
            | "EventRecordID"
            | "TimeCreated_SystemTime"
    )
}

/// A scalar as it is, anything else as JSON text.
fn scalar(value: Value) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) => Value::String(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
