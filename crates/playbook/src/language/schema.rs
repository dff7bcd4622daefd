//! The language as a JSON Schema, for editors: completion, and red lines for what no playbook can be.
//!
//! It knows shapes and words. What the checker knows beside that (names, types, order, effects) no schema can
//! say; `stanch check` does.

use serde_json::{Map, Value, json};
use stanch_model::duration;

use super::{Fields, KINDS, Key, Kind, Need, Object, PLAYBOOK, Shape};
use crate::parse::{FORM_KEYWORDS, FORM_TYPES, KEYWORDS, TYPES};

/// Where the schema says that it stands.
pub const ID: &str = "https://stanch.invalid/playbook.schema.json";

/// The schema of a playbook (JSON Schema 2020-12).
#[must_use]
pub fn schema() -> Value {
    let mut schema = object(&PLAYBOOK);
    let kinds: Vec<Value> =
        KINDS.iter().map(|kind| json!({ "$ref": format!("#/$defs/{}", kind.word) })).collect();
    let mut definitions = Map::new();
    definitions.insert("step".to_owned(), json!({ "oneOf": kinds }));
    definitions.insert(
        "steps".to_owned(),
        json!({ "type": "array", "items": { "$ref": "#/$defs/step" } }),
    );
    for kind in KINDS {
        definitions.insert(kind.word.to_owned(), step(kind));
    }
    definitions.insert("field".to_owned(), field(&TYPES, &KEYWORDS));
    definitions.insert("form_field".to_owned(), field(&FORM_TYPES, &FORM_KEYWORDS));
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("$id".to_owned(), json!(ID));
        schema.insert("title".to_owned(), json!("Stanch playbook"));
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

fn step(kind: &Kind) -> Value {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), key(&super::ID));
    let about = format!("{}. {}", kind.title, kind.text);
    properties.insert(kind.word.to_owned(), described(shape(&kind.value), &about));
    let mut required = vec![kind.word];
    for own in kind.keys {
        properties.insert(own.name.to_owned(), key(own));
        if own.need == Need::Always {
            required.push(own.name);
        }
    }
    json!({
        "type": "object", "title": kind.title, "additionalProperties": false,
        "properties": properties, "required": required,
    })
}

fn object(object: &Object) -> Value {
    let properties: Map<String, Value> =
        object.keys.iter().map(|own| (own.name.to_owned(), key(own))).collect();
    let required: Vec<&str> =
        object.keys.iter().filter(|own| own.need == Need::Always).map(|own| own.name).collect();
    json!({
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    })
}

fn key(key: &Key) -> Value {
    let about = match key.need {
        Need::Else(otherwise) if !otherwise.is_empty() => {
            format!("{} If absent: {}.", key.text, otherwise.trim_end_matches('.'))
        }
        _ => key.text.to_owned(),
    };
    described(shape(&key.shape), &about)
}

fn described(mut schema: Value, about: &str) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), json!(about.replace('`', "")));
    }
    schema
}

/// A single value: what editors see as a number or a bool is a text to us where a text is meant.
fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Text | Shape::Template => text(),
        Shape::Expression(_) => json!({ "type": ["string", "boolean"] }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Number { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Shape::Time { least, most } => json!({
            "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$",
            "examples": [duration::format(*least), duration::format(*most)],
        }),
        Shape::Name { dashes: true } => {
            json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 64 })
        }
        Shape::Name { dashes: false } => {
            json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64 })
        }
        Shape::Steps(least) => json!({
            "type": "array", "items": { "$ref": "#/$defs/step" }, "minItems": least,
        }),
        Shape::Values | Shape::Constants => json!({ "type": "object" }),
        Shape::Fields(Fields::Form) => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/form_field" }, "minProperties": 1 })
        }
        Shape::Fields(Fields::Output) => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/field" } })
        }
        Shape::Fields(Fields::Inputs) => {
            let mut input = field(&TYPES, &KEYWORDS);
            input["properties"]["default"] = json!(true);
            json!({ "type": "object", "additionalProperties": input })
        }
        Shape::Constant => json!({ "type": ["string", "number", "boolean", "null"] }),
        Shape::List(of, least, most) => {
            json!({ "type": "array", "items": shape(of), "minItems": least, "maxItems": most })
        }
        Shape::Object(of) => object(of),
        Shape::Either(all) => json!({ "anyOf": all.iter().map(shape).collect::<Vec<_>>() }),
    }
}

/// A JSON Schema of a field.
fn field(types: &[&str], keywords: &[&str]) -> Value {
    let keyword = |word: &&str| {
        let value = match *word {
            "type" => json!({ "enum": types }),
            "items" => json!({ "$ref": "#/$defs/field" }),
            "properties" => {
                json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/field" } })
            }
            "enum" | "required" => json!({ "type": "array" }),
            "title" | "description" | "format" | "pattern" => json!({ "type": "string" }),
            "uniqueItems" => json!({ "type": "boolean" }),
            "additionalProperties" => json!({ "type": ["boolean", "object"] }),
            _ => json!({ "type": "number" }),
        };
        ((*word).to_owned(), value)
    };
    let properties: Map<String, Value> = keywords.iter().map(keyword).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}
