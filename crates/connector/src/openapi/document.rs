//! The document as JSON, and what references in it lead to.

use marked_yaml::{LoaderOptions, Node, parse_yaml_with_options};
use serde_json::{Map, Value};

use super::Error;
use crate::manifest::source;

/// Longest document, in bytes; the largest public ones have about 10 MiB.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Deepest nesting.
const DEPTH_MAX: usize = 96;

/// Longest chain of references that lead to references.
const CHAIN_MAX: usize = 16;

/// An OpenAPI document.
#[derive(Debug)]
pub(super) struct Document {
    root: Value,
}

impl Document {
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        if text.len() > BYTES_MAX {
            return Err(Error::Unreadable("it is longer than 16 MiB".to_owned()));
        }
        let root = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))?
        } else {
            yaml(text)?
        };
        let version = root.get("openapi").and_then(Value::as_str);
        match version {
            Some(version) if version.starts_with("3.0") || version.starts_with("3.1") => {
                Ok(Self { root })
            }
            Some(version) => {
                Err(Error::Version(format!("`openapi` is {}", crate::outside::quote(version))))
            }
            None if root.get("swagger").is_some() => {
                Err(Error::Version("it is Swagger 2; convert it first".to_owned()))
            }
            None => Err(Error::Version("it has no `openapi`".to_owned())),
        }
    }

    pub(super) const fn root(&self) -> &Value {
        &self.root
    }

    /// The text at a JSON pointer; empty if there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.root.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// What `value` is after references. None if one leads nowhere, outside, or in a circle.
    pub(super) fn resolved<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        let mut value = value;
        for _ in 0..CHAIN_MAX {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Some(value);
            };
            value = self.target(reference)?;
        }
        None
    }

    /// What a reference leads to. Only what is in the document is looked at: nothing is fetched.
    pub(super) fn target(&self, reference: &str) -> Option<&Value> {
        let pointer = reference.strip_prefix('#')?;
        match self.root.pointer(pointer) {
            Some(found) => Some(found),
            // In a URI fragment a pointer is percent-encoded as well (RFC 6901 §6).
            None => self.root.pointer(&percent_decoded(pointer)?),
        }
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

fn yaml(text: &str) -> Result<Value, Error> {
    let unreadable = |why: String| Error::Unreadable(why);
    source::nesting(text, DEPTH_MAX).map_err(unreadable)?;
    let options = LoaderOptions::default().error_on_duplicate_keys(true).prevent_coercion(true);
    let node = parse_yaml_with_options(0, text, options).map_err(|error| {
        let (span, message, help) = source::explain(&error);
        unreadable(format!("line {}, column {}: {message}; {help}", span.line, span.column))
    })?;
    value(&node, 0).ok_or_else(|| unreadable(format!("it is nested more than {DEPTH_MAX} deep")))
}

fn value(node: &Node, depth: usize) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    match node {
        Node::Scalar(scalar) if scalar.may_coerce() => Some(source::plain(scalar.as_str())),
        Node::Scalar(scalar) => Some(Value::from(scalar.as_str())),
        Node::Sequence(items) => {
            items.iter().map(|item| value(item, depth + 1)).collect::<Option<_>>().map(Value::Array)
        }
        Node::Mapping(mapping) => {
            let mut map = Map::new();
            for (key, item) in mapping.iter() {
                map.insert(key.as_str().to_owned(), value(item, depth + 1)?);
            }
            Some(Value::Object(map))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_are_read_and_other_things_refused() {
        for text in [
            r#"{"openapi": "3.0.3", "paths": {}}"#,
            "openapi: 3.1.0\npaths: {}\n",
            "openapi: \"3.0.0\"\n",
        ] {
            Document::read(text).unwrap();
        }
        for text in ["swagger: \"2.0\"\n", "openapi: 2.0.0\n", "openapi: 3.2.0\n", "a: b\n", "{}"] {
            assert!(matches!(Document::read(text), Err(Error::Version(_))), "{text}");
        }
        for text in ["{", "openapi: [", "a: *b", "- 1\n- 2\n", "", "\u{0}"] {
            assert!(Document::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_would_blow_the_stack_or_the_memory_is_refused() {
        for text in [
            "[".repeat(200_000),
            "{\"a\":".repeat(200_000),
            "{a: ".repeat(200_000),
            "- ".repeat(200_000),
            "a:\n".to_owned() + &(1..500).map(|n| " ".repeat(n) + "a:\n").collect::<String>(),
            "x".repeat(BYTES_MAX + 1),
        ] {
            let error = Document::read(&text).unwrap_err();
            assert!(matches!(error, Error::Unreadable(_)), "{error}");
        }
    }

    #[test]
    fn references_lead_inside_and_not_in_circles() {
        let document = Document::read(
            r##"{"openapi": "3.0.0", "a": {"$ref": "#/b"}, "b": {"c/d e": 1}, "loop": {"$ref": "#/loop"},
                 "one": {"$ref": "#/b/c~1d%20e"}, "out": {"$ref": "https://other.example/x#/a"}, "no": {"$ref": "#/none"}}"##,
        )
        .unwrap();
        let at = |name: &str| document.resolved(&document.root()[name]).cloned();
        assert_eq!(at("a"), Some(serde_json::json!({ "c/d e": 1 })));
        assert_eq!(at("one"), Some(1.into()));
        for name in ["loop", "out", "no"] {
            assert_eq!(at(name), None, "{name}");
        }
    }
}
