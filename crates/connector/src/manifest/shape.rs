//! The shape of a manifest: which keys there are, which must be there, and what they hold.
//!
//! serde would stop at the first fault and name no place; this walk finds all and names each.
//! A test holds the table against the types in `stanch_model::manifest`.

use serde_json::Value;
use stanch_model::duration;

use super::{Findings, codes, source::Path};

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
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
pub(crate) struct Shape {
    pub(crate) what: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A known key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}
const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

pub(crate) const MANIFEST: Shape = Shape {
    what: "a connector",
    fields: &[
        must("connector", Kind::Text),
        must("title", Kind::Text),
        must("description", Kind::Text),
        may("practice", Kind::Flag),
        must(
            "transport",
            Kind::Word(&["http", "ssh", "ldap", "imap", "smtp", "syslog", "script", "builtin"]),
        ),
        may("auth", Kind::Object(&AUTH)),
        may("quota", Kind::List(&Kind::Object(&QUOTA))),
        must("actions", Kind::Map(&Kind::Object(&ACTION))),
    ],
};

const AUTH: Shape = Shape {
    what: "auth",
    fields: &[
        must("scheme", Kind::Word(&["bearer", "basic", "header", "query", "none"])),
        may("name", Kind::Text),
        may("prefix", Kind::Text),
    ],
};

const QUOTA: Shape = Shape {
    what: "a quota",
    fields: &[must("count", Kind::Count), must("per", Kind::Word(&["day", "month"]))],
};

const ACTION: Shape = Shape {
    what: "an action",
    fields: &[
        must("title", Kind::Text),
        may("draft", Kind::Flag),
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
        may("handed_over", Kind::Flag),
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
                "ticket",
            ]),
        ),
        must("input", Kind::Text),
        may("part", Kind::Text),
    ],
};

const CALL: Kind = Kind::OneOf(&Shape {
    what: "a call",
    fields: &[
        may("http", Kind::Object(&HTTP)),
        may("ssh", Kind::List(&Kind::Text)),
        may("ldap", Kind::OneOf(&LDAP)),
        may("imap", Kind::OneOf(&IMAP)),
        may("smtp", Kind::Object(&SMTP)),
        may("syslog", Kind::Object(&SYSLOG)),
        may("script", Kind::Object(&SCRIPT)),
        may("builtin", Kind::Text),
    ],
});

const FIRST: Shape = Shape {
    what: "a first request",
    fields: &[
        may("method", Kind::Text),
        must("path", Kind::Text),
        may("headers", Kind::Map(&Kind::Text)),
        may("body", Kind::Json),
        may("accept", Kind::List(&Kind::Count)),
    ],
};

const SCRIPT: Shape = Shape {
    what: "a script",
    fields: &[
        must("interpreter", Kind::Word(&["python", "bash", "powershell"])),
        may("code", Kind::Text),
        may("file", Kind::Text),
        may("network", Kind::List(&Kind::Text)),
        may("requires", Kind::List(&Kind::Word(&["bubblewrap"]))),
    ],
};

const HTTP: Shape = Shape {
    what: "an HTTP call",
    fields: &[
        may("first", Kind::List(&Kind::Object(&FIRST))),
        must("method", Kind::Text),
        must("path", Kind::Text),
        may("query", Kind::Map(&Kind::Text)),
        may("headers", Kind::Map(&Kind::Text)),
        may("body", Kind::Json),
        may("accept", Kind::List(&Kind::Count)),
    ],
};

const LDAP: Shape = Shape {
    what: "an LDAP call",
    fields: &[may("search", Kind::Object(&LDAP_SEARCH)), may("modify", Kind::Object(&LDAP_MODIFY))],
};

const LDAP_SCOPE: Kind = Kind::Word(&["base", "one", "sub"]);

const LDAP_SEARCH: Shape = Shape {
    what: "an LDAP search",
    fields: &[
        must("base", Kind::Text),
        may("scope", LDAP_SCOPE),
        must("filter", Kind::Text),
        must("attributes", Kind::List(&Kind::Text)),
    ],
};

const LDAP_MODIFY: Shape = Shape {
    what: "an LDAP change",
    fields: &[
        must("base", Kind::Text),
        may("scope", LDAP_SCOPE),
        must("filter", Kind::Text),
        must("attributes", Kind::List(&Kind::Text)),
        must("only_if", Kind::Text),
        may("delete", Kind::Map(&Kind::Json)),
        may("add", Kind::Map(&Kind::Json)),
        may("replace", Kind::Map(&Kind::Json)),
        may("set_bits", Kind::Map(&Kind::Count)),
        may("clear_bits", Kind::Map(&Kind::Count)),
    ],
};

const IMAP: Shape = Shape {
    what: "an IMAP call",
    fields: &[may("search", Kind::Object(&IMAP_SEARCH)), may("move", Kind::Object(&IMAP_MOVE))],
};

const IMAP_SEARCH: Shape = Shape {
    what: "an IMAP search",
    fields: &[
        must("mailbox", Kind::Text),
        must("message", Kind::Text),
        may("folders", Kind::List(&Kind::Text)),
    ],
};

const IMAP_MOVE: Shape = Shape {
    what: "an IMAP move",
    fields: &[
        must("mailbox", Kind::Text),
        must("message", Kind::Text),
        may("from", Kind::List(&Kind::Text)),
        must("to", Kind::Json),
    ],
};

const SMTP: Shape = Shape {
    what: "a mail",
    fields: &[
        must("from", Kind::Text),
        must("to", Kind::Json),
        must("subject", Kind::Text),
        must("text", Kind::Text),
    ],
};

const SYSLOG: Shape = Shape {
    what: "a log line",
    fields: &[
        must("facility", Kind::Text),
        must("severity", Kind::Text),
        must("host", Kind::Text),
        must("app", Kind::Text),
        must("kind", Kind::Text),
        must("data_id", Kind::Text),
        may("data", Kind::Map(&Kind::Text)),
        must("text", Kind::Text),
    ],
};

const CHECK: Shape = Shape {
    what: "a probe",
    fields: &[must("call", CALL), must("done", Kind::Text), may("before", Kind::Map(&Kind::Text))],
};

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
pub(crate) fn check(value: &Value, kind: Kind, path: &Path, findings: &mut Findings<'_>) {
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
    use stanch_model::manifest::{Call, Manifest};

    use super::*;

    /// Everything a manifest can hold.
    fn full() -> Value {
        let first = json!({ "path": "/", "body": {} });
        let http = json!({ "http": { "method": "GET", "path": "/", "first": [first] } });
        let verify = json!({ "call": http, "done": "true" });
        let mut call = http.clone();
        call["http"]["body"] = json!({});
        json!({
            "connector": "c", "title": "t", "description": "d", "transport": "http",
            "auth": { "scheme": "header", "name": "n", "prefix": "p" },
            "quota": [{ "count": 1, "per": "day" }],
            "actions": { "a": {
                "title": "t", "effect": "reversible", "idempotency": "key", "input": {}, "output": {},
                "call": call, "target": { "kind": "ip", "input": "i", "part": "i" },
                "probe": { "call": http, "done": "true" }, "verify": verify,
                "undo": { "title": "t", "call": http, "verify": verify },
                "rate_limit": { "count": 1, "per": "1m" },
                "examples": [{ "title": "t", "input": {}, "output": {} }],
            } },
        })
    }

    #[test]
    fn a_script_has_all_keys_of_its_type() {
        let call = json!({ "script": { "interpreter": "bash" } });
        let read: Call = serde_json::from_value(call).unwrap();
        compare(&serde_json::to_value(&read).unwrap(), CALL, "call");
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
        for call in calls() {
            let call: Call = serde_json::from_value(call).unwrap();
            compare(&serde_json::to_value(&call).unwrap(), CALL, "call");
        }
    }

    /// One of each kind that is not in [`full`].
    fn calls() -> Vec<Value> {
        let search = json!({ "base": "b", "filter": "(a=b)", "attributes": [] });
        let mut modify = search.clone();
        modify["only_if"] = json!("true");
        vec![
            json!({ "ssh": ["id"] }),
            json!({ "builtin": "x" }),
            json!({ "ldap": { "search": search } }),
            json!({ "ldap": { "modify": modify } }),
            json!({ "imap": { "search": { "mailbox": "m", "message": "i" } } }),
            json!({ "imap": { "move": { "mailbox": "m", "message": "i", "to": "f" } } }),
            json!({ "smtp": { "from": "f", "to": "t", "subject": "s", "text": "x" } }),
            json!({ "syslog": { "facility": "user", "severity": "info", "host": "h", "app": "a", "kind": "k",
                "data_id": "d", "text": "x" } }),
        ]
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
