//! The shape of a manifest: which keys there are, which must be there, and what they hold.
//!
//! serde would stop at the first fault and name no place; this walk finds all and names each.
//! A test holds the table against the types in `stanch_model::manifest`.

use serde_json::Value;
use stanch_model::duration;

use super::{Findings, codes, source::Path};

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Flag,
    Count,
    Time,
    Word(&'static [&'static str]),
    List(&'static Kind),
    Map(&'static Kind),
    Object(&'static Shape),
    /// Exactly one of the keys.
    OneOf(&'static Shape),
    /// Anything; looked at later.
    Json,
}

/// A mapping with known keys.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) what: &'static str,
    pub(super) fields: &'static [Field],
}

/// A known key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}
const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

pub(super) const MANIFEST: Shape = Shape {
    what: "a connector",
    fields: &[
        must("connector", Kind::Text),
        must("title", Kind::Text),
        must("description", Kind::Text),
        may("practice", Kind::Flag),
        must("transport", Kind::Word(&["http", "ssh", "builtin"])),
        must("actions", Kind::Map(&Kind::Object(&ACTION))),
    ],
};

const ACTION: Shape = Shape {
    what: "an action",
    fields: &[
        must("title", Kind::Text),
        may("capability", Kind::Text),
        must("effect", Kind::Word(&["read", "reversible", "irreversible"])),
        may("discloses", Kind::Flag),
        may("own_books", Kind::Flag),
        must("idempotency", Kind::Word(&["natural", "key", "none"])),
        may("target", Kind::Object(&TARGET)),
        must("input", Kind::Json),
        must("output", Kind::Json),
        must("call", CALL),
        may("returns", Kind::Map(&Kind::Text)),
        may("probe", Kind::Object(&CHECK)),
        may("verify", Kind::Object(&VERIFY)),
        may("undo", Kind::Object(&UNDO)),
        may("native_expiry", Kind::Flag),
        may("rate_limit", Kind::Object(&RATE_LIMIT)),
        may("timeout", Kind::Time),
        may("examples", Kind::List(&Kind::Object(&EXAMPLE))),
    ],
};

const TARGET: Shape = Shape {
    what: "a target",
    fields: &[
        must(
            "kind",
            Kind::Word(&[
                "ip",
                "domain",
                "url",
                "file_hash",
                "email_address",
                "user",
                "host",
                "process",
            ]),
        ),
        must("input", Kind::Text),
    ],
};

const CALL: Kind = Kind::OneOf(&Shape {
    what: "a call",
    fields: &[
        may("http", Kind::Object(&HTTP)),
        may("ssh", Kind::List(&Kind::Text)),
        may("builtin", Kind::Text),
    ],
});

const HTTP: Shape = Shape {
    what: "an HTTP call",
    fields: &[
        must("method", Kind::Text),
        must("path", Kind::Text),
        may("headers", Kind::Map(&Kind::Text)),
        may("body", Kind::Json),
        may("accept", Kind::List(&Kind::Count)),
    ],
};

const CHECK: Shape =
    Shape { what: "a probe", fields: &[must("call", CALL), must("done", Kind::Text)] };

const VERIFY: Shape = Shape {
    what: "a verify",
    fields: &[
        must("call", CALL),
        must("done", Kind::Text),
        may("every", Kind::Time),
        may("within", Kind::Time),
    ],
};

const UNDO: Shape = Shape {
    what: "an undo",
    fields: &[must("title", Kind::Text), must("call", CALL), must("verify", Kind::Object(&VERIFY))],
};

const RATE_LIMIT: Shape =
    Shape { what: "a rate limit", fields: &[must("count", Kind::Count), must("per", Kind::Time)] };

const EXAMPLE: Shape = Shape {
    what: "an example",
    fields: &[must("title", Kind::Text), must("input", Kind::Json), must("output", Kind::Json)],
};

/// Walks `value` and notes everything that is not of `kind`.
pub(super) fn check(value: &Value, kind: Kind, path: &Path, findings: &mut Findings<'_>) {
    let wrong = |findings: &mut Findings<'_>, expected: String| {
        let help = format!("write {expected}");
        findings.error(codes::WRONG_TYPE, path, format!("{} stands here", describe(value)), help);
    };
    match (kind, value) {
        (Kind::Json, _) | (Kind::Text, Value::String(_)) | (Kind::Flag, Value::Bool(_)) => {}
        (Kind::Count, Value::Number(n)) if n.as_u64().is_some_and(|n| n <= u32::MAX.into()) => {}
        (Kind::Time, Value::String(text)) if duration::parse(text).is_ok() => {}
        (Kind::Word(words), Value::String(word)) if words.contains(&word.as_str()) => {}
        (Kind::List(item), Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                check(value, *item, &path.item(index), findings);
            }
        }
        (Kind::Map(item), Value::Object(map)) => {
            for (key, value) in map {
                check(value, *item, &path.key(key), findings);
            }
        }
        (Kind::Object(shape), Value::Object(map)) => object(map, shape, path, findings),
        (Kind::OneOf(shape), Value::Object(map)) => one_of(map, shape, path, findings),
        (Kind::Text, _) => {
            wrong(findings, "a text; numbers and words like true go in quotes".into())
        }
        (Kind::Flag, _) => wrong(findings, "true or false".into()),
        (Kind::Count, _) => wrong(findings, "a whole number".into()),
        (Kind::Time, _) => {
            wrong(findings, "a duration: a whole number and ms, s, m, h or d".into())
        }
        (Kind::Word(words), _) => wrong(findings, format!("one of {}", words.join(", "))),
        (Kind::List(_), _) => wrong(findings, "a list".into()),
        (Kind::Map(_), _) => wrong(findings, "a mapping".into()),
        (Kind::Object(shape) | Kind::OneOf(shape), _) => {
            wrong(findings, format!("{}: {}", shape.what, names(shape)));
        }
    }
}

fn object(
    map: &serde_json::Map<String, Value>,
    shape: &Shape,
    path: &Path,
    findings: &mut Findings<'_>,
) {
    for (key, value) in map {
        match shape.fields.iter().find(|field| field.name == key) {
            Some(field) => check(value, field.kind, &path.key(key), findings),
            None => findings.error_at_key(
                codes::UNKNOWN_KEY,
                &path.key(key),
                format!("{} has no `{key}`", shape.what),
                suggest(key, shape),
            ),
        }
    }
    for field in shape.fields.iter().filter(|field| field.required) {
        if !map.contains_key(field.name) {
            findings.error_at_key(
                codes::MISSING_KEY,
                path,
                format!("{} needs `{}`", shape.what, field.name),
                format!("add `{}:`", field.name),
            );
        }
    }
}

fn one_of(
    map: &serde_json::Map<String, Value>,
    shape: &Shape,
    path: &Path,
    findings: &mut Findings<'_>,
) {
    object(map, shape, path, findings);
    if map.len() != 1 {
        let message = format!("{} holds {} keys", shape.what, map.len());
        findings.error(codes::WRONG_TYPE, path, message, format!("write one of {}", names(shape)));
    }
}

fn names(shape: &Shape) -> String {
    shape.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}

fn suggest(key: &str, shape: &Shape) -> String {
    stanch_expression::suggest::help(key, shape.fields.iter().map(|field| field.name))
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text `{}`", crate::outside::quote(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use stanch_model::manifest::Manifest;

    use super::*;

    /// Everything a manifest can hold.
    fn full() -> Value {
        let http = json!({ "http": { "method": "GET", "path": "/" } });
        let verify = json!({ "call": http, "done": "true" });
        let mut call = http.clone();
        call["http"]["body"] = json!({});
        json!({
            "connector": "c", "title": "t", "description": "d", "transport": "http",
            "actions": { "a": {
                "title": "t", "effect": "reversible", "idempotency": "key", "input": {}, "output": {},
                "call": call, "target": { "kind": "ip", "input": "i" },
                "probe": { "call": http, "done": "true" }, "verify": verify,
                "undo": { "title": "t", "call": http, "verify": verify },
                "rate_limit": { "count": 1, "per": "1m" },
                "examples": [{ "title": "t", "input": {}, "output": {} }],
            } },
        })
    }

    /// Each key that serde writes has its line in the table, and the other way round.
    fn compare(value: &Value, kind: Kind, place: &str) {
        match (kind, value) {
            (Kind::Object(shape), Value::Object(map)) => {
                let written: BTreeSet<&str> = map.keys().map(String::as_str).collect();
                let known: BTreeSet<&str> = shape.fields.iter().map(|field| field.name).collect();
                assert_eq!(written, known, "{place}");
                for field in shape.fields {
                    compare(&map[field.name], field.kind, &format!("{place}.{}", field.name));
                }
            }
            (Kind::OneOf(shape), Value::Object(map)) => {
                for (key, value) in map {
                    let field = shape.fields.iter().find(|field| field.name == key).unwrap();
                    compare(value, field.kind, &format!("{place}.{key}"));
                }
            }
            (Kind::Map(item), Value::Object(map)) => {
                map.values().for_each(|value| compare(value, *item, place));
            }
            (Kind::List(item), Value::Array(items)) => {
                items.iter().for_each(|value| compare(value, *item, place));
            }
            (Kind::Object(_) | Kind::OneOf(_) | Kind::Map(_) | Kind::List(_), other) => {
                panic!("{place}: {other}");
            }
            _ => {}
        }
    }

    #[test]
    fn the_table_is_the_types() {
        let manifest: Manifest = serde_json::from_value(full()).unwrap();
        let written = serde_json::to_value(&manifest).unwrap();
        compare(&written, Kind::Object(&MANIFEST), "manifest");
    }

    #[test]
    fn each_required_key_is_one_that_serde_wants() {
        for (place, shape) in [("", &MANIFEST), ("/actions/a", &ACTION)] {
            for field in shape.fields {
                let mut value = full();
                let Some(Value::Object(map)) = value.pointer_mut(place) else { panic!("{place}") };
                map.remove(field.name);
                let read = serde_json::from_value::<Manifest>(value);
                assert_eq!(read.is_err(), field.required, "{place} {}", field.name);
            }
        }
    }
}
