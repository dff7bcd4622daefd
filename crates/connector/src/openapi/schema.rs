//! Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12 that stands on its own.

use serde_json::{Map, Value, json};

use super::document::Document;
use crate::schema;

/// Deepest nesting that comes out; a manifest has 32 levels, and these stand some down in it.
const DEPTH_MAX: usize = 7;

/// Most schemas that come out of one, references followed.
const NODES_MAX: usize = 250;

/// Most words of an `enum`.
const ENUM_MAX: usize = 100;

/// Longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 120;

/// Keywords that say nothing about values.
const SILENT: [&str; 15] = [
    "$comment",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "format",
    "nullable",
    "title",
    "xml",
    "pattern",
];

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the target: what it would refuse is better refused before.
    In,
    /// From the target: only what things are. What a target answers beside its document is no
    /// reason to call an act's outcome unknown.
    Out,
}

/// Converts schemas, and notes what is left out.
#[derive(Debug)]
pub(super) struct Converter<'a> {
    document: &'a Document,
    way: Way,
    nodes: usize,
    /// References that lead to where we are.
    within: Vec<String>,
    /// What is left out, once each.
    pub(super) notes: Vec<String>,
}

impl<'a> Converter<'a> {
    pub(super) const fn new(document: &'a Document, way: Way) -> Self {
        Self { document, way, nodes: 0, within: Vec::new(), notes: Vec::new() }
    }

    /// The schema, or one that takes anything where it could not be used.
    pub(super) fn convert(&mut self, schema: &Value) -> Value {
        let converted = self.at(schema, 0);
        match schema::validator(&converted) {
            Ok(_) => converted,
            Err(why) => {
                self.note(format!(
                    "the schema cannot be used ({}): anything is taken",
                    crate::outside::quote(&why)
                ));
                json!({})
            }
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn at(&mut self, schema: &Value, depth: usize) -> Value {
        self.nodes += 1;
        if depth > DEPTH_MAX || self.nodes > NODES_MAX {
            self.note(
                "what lies deeper in the schema is left out: anything is taken there".to_owned(),
            );
            return json!({});
        }
        let map = match schema {
            Value::Bool(false) => return json!({ "not": {} }),
            Value::Object(map) => map,
            _ => return json!({}),
        };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            return self.reference(reference, map, depth);
        }
        self.object(map, depth)
    }

    fn reference(&mut self, reference: &str, beside: &Map<String, Value>, depth: usize) -> Value {
        let name = crate::outside::quote(reference.rsplit('/').next().unwrap_or_default());
        if self.within.iter().any(|within| within == reference) {
            self.note(format!("`{name}` holds itself: anything is taken from the second time on"));
            return json!({});
        }
        let Some(target) = self.document.target(reference).cloned() else {
            self.note(format!(
                "`{}` leads outside or nowhere: anything is taken",
                crate::outside::quote(reference)
            ));
            return json!({});
        };
        self.within.push(reference.to_owned());
        let mut converted = self.at(&target, depth);
        self.within.pop();
        if let (Value::Object(map), Some(text)) = (&mut converted, description(beside)) {
            map.insert("description".to_owned(), text);
        }
        converted
    }

    fn object(&mut self, map: &Map<String, Value>, depth: usize) -> Value {
        let mut out = Map::new();
        self.kind(map, &mut out);
        if let Some(text) = description(map) {
            out.insert("description".to_owned(), text);
        }
        self.values(map, &mut out);
        self.parts(map, &mut out, depth);
        if self.way == Way::In {
            self.limits(map, &mut out);
        }
        let known = |key: &str| {
            out.contains_key(key)
                || SILENT.contains(&key)
                || key.starts_with("x-")
                || KNOWN.contains(&key)
        };
        let unknown: Vec<&String> = map.keys().filter(|key| !known(key)).collect();
        for key in unknown {
            let key = crate::outside::quote(key);
            self.note(format!("`{key}` of the schema is left out: the target checks it itself"));
        }
        Value::Object(out)
    }

    /// `type`, with null where OpenAPI 3.0 says `nullable`.
    fn kind(&mut self, map: &Map<String, Value>, out: &mut Map<String, Value>) {
        const TYPES: [&str; 7] =
            ["array", "boolean", "integer", "null", "number", "object", "string"];
        let written: Vec<&str> = match map.get("type") {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut kinds: Vec<&str> =
            written.into_iter().filter(|word| TYPES.contains(word)).collect();
        if kinds.is_empty() && map.contains_key("properties") {
            kinds.push("object");
        }
        let nullable = map.get("nullable") == Some(&Value::Bool(true));
        if nullable && !kinds.is_empty() && !kinds.contains(&"null") {
            kinds.push("null");
        }
        kinds.dedup();
        match kinds.as_slice() {
            [] => {}
            [one] => drop(out.insert("type".to_owned(), json!(one))),
            more => drop(out.insert("type".to_owned(), json!(more))),
        }
    }

    fn values(&mut self, map: &Map<String, Value>, out: &mut Map<String, Value>) {
        if self.way == Way::Out {
            return;
        }
        if let Some(value) = map.get("const") {
            out.insert("const".to_owned(), value.clone());
        }
        match map.get("enum").and_then(Value::as_array) {
            Some(words) if !words.is_empty() && words.len() <= ENUM_MAX => {
                let mut words = words.clone();
                if map.get("nullable") == Some(&Value::Bool(true)) && !words.contains(&Value::Null)
                {
                    words.push(Value::Null);
                }
                words.dedup();
                out.insert("enum".to_owned(), Value::Array(words));
            }
            Some(_) => self
                .note("a long list of words is left out: the target checks it itself".to_owned()),
            None => {}
        }
        for key in ["format", "pattern"] {
            let Some(value) = map.get(key).filter(|value| value.is_string()) else { continue };
            // Formats that nobody here knows, and patterns that linear matching cannot do.
            if schema::validator(&json!({ key: value })).is_ok() {
                out.insert(key.to_owned(), value.clone());
            } else if key == "pattern" {
                self.note("a pattern is left out: the target checks it itself".to_owned());
            }
        }
    }

    fn parts(&mut self, map: &Map<String, Value>, out: &mut Map<String, Value>, depth: usize) {
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            let mut kept = Map::new();
            for (name, schema) in properties {
                if self.is_hidden(schema) {
                    continue;
                }
                kept.insert(name.clone(), self.at(schema, depth + 1));
            }
            let required = map.get("required").and_then(Value::as_array);
            let mut required: Vec<Value> =
                required.into_iter().flatten().filter(|of| of.is_string()).cloned().collect();
            required.retain(|name| name.as_str().is_some_and(|name| kept.contains_key(name)));
            required.dedup();
            out.insert("properties".to_owned(), Value::Object(kept));
            if self.way == Way::In && !required.is_empty() {
                out.insert("required".to_owned(), Value::Array(required));
            }
        }
        if let Some(items) = map.get("items") {
            out.insert("items".to_owned(), self.at(items, depth + 1));
        }
        if self.way == Way::Out {
            return self.out_choice(map, out, depth);
        }
        match map.get("additionalProperties") {
            Some(Value::Bool(open)) => {
                out.insert("additionalProperties".to_owned(), Value::Bool(*open));
            }
            Some(schema @ Value::Object(_)) => {
                out.insert("additionalProperties".to_owned(), self.at(schema, depth + 1));
            }
            _ => {}
        }
        for key in ["allOf", "anyOf", "oneOf", "prefixItems"] {
            if let Some(list) =
                map.get(key).and_then(Value::as_array).filter(|list| !list.is_empty())
            {
                let list = list.iter().map(|schema| self.at(schema, depth + 1)).collect();
                out.insert(key.to_owned(), Value::Array(list));
            }
        }
    }

    /// Of what comes back the properties are of use, whichever part of the schema has them.
    fn out_choice(&mut self, map: &Map<String, Value>, out: &mut Map<String, Value>, depth: usize) {
        let Some(parts) = map.get("allOf").and_then(Value::as_array) else { return };
        for part in parts {
            let Value::Object(part) = self.at(part, depth + 1) else { continue };
            for (key, value) in part {
                match (out.get_mut(&key), value) {
                    (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
                    (Some(_), _) => {}
                    (None, value) => drop(out.insert(key, value)),
                }
            }
        }
    }

    /// What goes only the other way.
    fn is_hidden(&self, schema: &Value) -> bool {
        let schema = self.document.resolved(schema).unwrap_or(schema);
        let key = if self.way == Way::In { "readOnly" } else { "writeOnly" };
        schema.get(key) == Some(&Value::Bool(true))
    }

    fn limits(&mut self, map: &Map<String, Value>, out: &mut Map<String, Value>) {
        for key in
            ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]
        {
            if let Some(value) = map.get(key).filter(|value| value.is_u64()) {
                out.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(unique @ Value::Bool(_)) = map.get("uniqueItems") {
            out.insert("uniqueItems".to_owned(), unique.clone());
        }
        if let Some(step) =
            map.get("multipleOf").filter(|step| step.as_f64().is_some_and(|n| n > 0.0))
        {
            out.insert("multipleOf".to_owned(), step.clone());
        }
        for (key, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
            let limit = map.get(key).filter(|limit| limit.is_number());
            match (limit, map.get(exclusive)) {
                // OpenAPI 3.0: whether the limit itself is out.
                (Some(limit), Some(Value::Bool(true))) => {
                    out.insert(exclusive.to_owned(), limit.clone());
                }
                (limit, bound) => {
                    if let Some(limit) = limit {
                        out.insert(key.to_owned(), limit.clone());
                    }
                    if let Some(bound) = bound.filter(|bound| bound.is_number()) {
                        out.insert(exclusive.to_owned(), bound.clone());
                    }
                }
            }
        }
    }
}

/// Keywords that are looked at; what of them does not come out is left out on purpose.
const KNOWN: [&str; 27] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "oneOf",
    "prefixItems",
    "properties",
    "readOnly",
    "required",
    "type",
    "uniqueItems",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
];

/// The first sentence, or what of it a line holds.
fn description(map: &Map<String, Value>) -> Option<Value> {
    let text = map.get("description")?.as_str()?;
    let line = crate::outside::quote(text);
    let short: String = line.chars().take(DESCRIPTION_CHARS_MAX).collect();
    (!short.is_empty()).then_some(Value::from(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better")]
    fn check(way: Way, schema: Value, expect: Value) -> Vec<String> {
        let document = json!({ "openapi": "3.1.0", "components": { "schemas": {
            "Node": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Node" } } },
            "Name": { "type": "string", "minLength": 1, "description": "A name" },
        } } });
        let document = Document::read(&document.to_string()).unwrap();
        let mut converter = Converter::new(&document, way);
        assert_eq!(converter.convert(&schema), expect);
        converter.notes
    }

    #[test]
    fn three_zero_and_three_one_come_out_as_json_schema() {
        let none: [String; 0] = [];
        let notes = check(
            Way::In,
            json!({ "type": "integer", "nullable": true, "minimum": 1, "exclusiveMinimum": true, "format": "int32",
                    "example": 7, "x-internal": true }),
            json!({ "type": ["integer", "null"], "exclusiveMinimum": 1 }),
        );
        assert_eq!(notes, none);
        check(
            Way::In,
            json!({ "type": ["string", "null"], "exclusiveMaximum": 9, "format": "email" }),
            json!({ "type": ["string", "null"], "format": "email", "exclusiveMaximum": 9 }),
        );
        check(
            Way::In,
            json!({ "$ref": "#/components/schemas/Name", "description": "Whose" }),
            json!({ "type": "string", "description": "Whose", "minLength": 1 }),
        );
        check(Way::In, json!({ "type": "file" }), json!({}));
        check(Way::In, json!(true), json!({}));
        check(
            Way::In,
            json!({ "enum": ["a", "b"], "nullable": true }),
            json!({ "enum": ["a", "b", null] }),
        );
    }

    #[test]
    fn what_cannot_be_expressed_is_said() {
        let notes = check(
            Way::In,
            json!({ "type": "object", "properties": {
                "loop": { "$ref": "#/components/schemas/Node" },
                "out": { "$ref": "other.yaml#/x" },
                "look": { "type": "string", "pattern": "^(?!a)" },
                "if": { "if": { "type": "string" }, "then": false },
            } }),
            json!({ "type": "object", "properties": {
                "loop": { "type": "object", "properties": { "next": {} } },
                "out": {}, "look": { "type": "string" }, "if": {},
            } }),
        );
        assert_eq!(notes.len(), 5, "{notes:#?}");
    }

    #[test]
    fn each_way_has_its_properties() {
        let schema = json!({ "type": "object", "required": ["id", "name", "pin"], "additionalProperties": false,
            "properties": { "id": { "type": "string", "readOnly": true }, "name": { "type": "string", "maxLength": 3 },
                            "pin": { "type": "string", "writeOnly": true } } });
        check(
            Way::In,
            schema.clone(),
            json!({ "type": "object", "properties": { "name": { "type": "string", "maxLength": 3 }, "pin": { "type": "string" } },
                    "required": ["name", "pin"], "additionalProperties": false }),
        );
        check(
            Way::Out,
            schema,
            json!({ "type": "object", "properties": { "id": { "type": "string" }, "name": { "type": "string" } } }),
        );
        check(
            Way::Out,
            json!({ "allOf": [{ "properties": { "a": { "type": "string" } } }, { "properties": { "b": { "enum": [1] } } }] }),
            json!({ "type": "object", "properties": { "a": { "type": "string" }, "b": {} } }),
        );
    }

    #[test]
    fn a_tree_that_grows_and_grows_is_cut() {
        let mut schemas = Map::new();
        for n in 0..12 {
            let next = format!("#/s/{}", n + 1);
            let properties: Map<String, Value> =
                (0..6).map(|p| (format!("p{p}"), json!({ "$ref": next }))).collect();
            schemas.insert(n.to_string(), json!({ "type": "object", "properties": properties }));
        }
        let document = json!({ "openapi": "3.0.0", "s": schemas }).to_string();
        let document = Document::read(&document).unwrap();
        let mut converter = Converter::new(&document, Way::In);
        let converted = converter.convert(&json!({ "$ref": "#/s/0" }));
        assert!(converted.to_string().len() < 64 * 1024);
        assert!(!converter.notes.is_empty());
    }
}
