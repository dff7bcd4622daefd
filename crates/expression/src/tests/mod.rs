//! Tests of the crate, by what they ask. Each file is a table and one function that checks a row.

mod checking;
mod hostile;
mod messages;
mod oracle;
mod references;
mod templates;
mod values;

use serde_json::{Value, json};

use crate::{Scope, TypeEnv};

/// The part of a text that an error or a finding is about.
fn part(text: &str, offset: usize, length: usize) -> &str {
    text.get(offset..offset.saturating_add(length)).unwrap()
}

/// The data of all tests: an alert as a playbook sees it, and answers of two steps.
fn scope() -> Scope {
    Scope::new()
        .with(
            "alert",
            json!({
                "severity": 4, "techniques": ["T1071.001", "T1486"], "count": 3, "score": 0.5,
                "host": { "name": "WS-17" }, "src": { "ip": "10.1.2.3" }, "note": null,
                "fields": { "event-type": "alert", "ports": [80, 443] },
            }),
        )
        .with(
            "steps",
            json!({ "find": { "host_id": "h-1", "online": true }, "intel": { "verdict": "malicious" } }),
        )
        .with("big", json!(9_223_372_036_854_775_807_i64))
}

/// What is known of that data.
fn env() -> TypeEnv {
    let text = json!({ "type": "string" });
    let alert = json!({ "type": "object", "properties": {
        "severity": { "type": "integer" },
        "techniques": { "type": "array", "items": text },
        "count": { "type": "integer" },
        "score": { "type": "number" },
        "host": { "type": "object", "properties": { "name": text } },
        "src": { "type": "object", "properties": { "ip": text } },
        "note": { "type": ["string", "null"] },
        "fields": { "type": "object" },
        "closed": { "type": "boolean" },
        "hosts": { "type": "array", "items": { "type": "object", "properties": { "id": text } } },
    }});
    let steps = json!({ "type": "object", "properties": {
        "find": { "type": "object", "properties": { "host_id": text, "online": { "type": "boolean" } } },
        "intel": { "type": "object", "properties": {
            "verdict": { "enum": ["malicious", "suspicious", "unknown"] },
        }},
    }});
    TypeEnv::new().with("alert", &alert).with("steps", &steps).with("vars", &Value::Bool(true))
}
