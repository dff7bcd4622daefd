//! What expressions see, from the part of it that a case gives: the rest is empty.

use serde_json::{Map, Value, json};
use stanch_expression::{Type, suggest};
use stanch_model::{Diagnostic, Severity, alert};

use super::{codes, yaml::Yaml};
use crate::graph::empty;

/// An alert with nothing in it but what `given` says.
pub(super) fn alert(given: &Yaml, findings: &mut Vec<Diagnostic>) -> Value {
    merge("alert", &alert::context_schema(), given, findings)
}

/// An incident likewise.
pub(super) fn incident(given: Option<&Yaml>, findings: &mut Vec<Diagnostic>) -> Value {
    let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
        "id": { "type": "string" },
        "title": { "type": "string" },
        "severity": { "type": "integer" },
    }});
    match given {
        Some(given) => merge("incident", &schema, given, findings),
        None => empty(&Type::from_schema(&schema)),
    }
}

fn merge(path: &str, schema: &Value, given: &Yaml, findings: &mut Vec<Diagnostic>) -> Value {
    let of = Type::from_schema(schema);
    let properties = schema.get("properties").and_then(Value::as_object);
    let (Some(properties), Yaml::Map(entries, _)) = (properties, given) else {
        return leaf(path, &of, given, findings);
    };
    let Value::Object(mut merged) = empty(&of) else { return Value::Object(Map::new()) };
    for (key, value) in entries {
        match properties.get(&key.value) {
            Some(schema) => {
                let path = format!("{path}.{}", key.value);
                merged.insert(key.value.clone(), merge(&path, schema, value, findings));
            }
            None => {
                let message = format!("`{path}` has no key `{}`", key.value);
                let help = suggest::help(&key.value, properties.keys().map(String::as_str));
                findings.push(Diagnostic::error(codes::UNKNOWN_KEY, key.span, message, help));
            }
        }
    }
    Value::Object(merged)
}

/// A value without keys of ours, or one of the wrong type.
fn leaf(path: &str, of: &Type, given: &Yaml, findings: &mut Vec<Diagnostic>) -> Value {
    let value = given.json();
    let fits = match (of, &value) {
        (Type::String, Value::String(_)) | (Type::Object(_), Value::Object(_)) => true,
        (Type::Int, Value::Number(n)) => n.as_u64().is_some_and(|n| {
            !path.ends_with(".severity") || Severity::ALL.iter().any(|s| u64::from(s.number()) == n)
        }),
        (Type::List(_), Value::Array(items)) => items.iter().all(Value::is_string),
        _ => false,
    };
    if fits {
        return value;
    }
    let (wanted, help) = match of {
        Type::String => ("a text", "put the value in quotes"),
        Type::Int if path.ends_with(".severity") => {
            ("a severity", "write a number from 1 (info) to 5 (critical)")
        }
        Type::Int => ("a whole number", "write a number, without quotes"),
        Type::List(_) => ("a list of texts", "write `[one, two]`"),
        _ => ("a mapping", "write `{ key: value }`"),
    };
    let shown = match &value {
        Value::Array(_) | Value::Object(_) | Value::Null => given.kind().to_owned(),
        value => format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
    };
    let message = format!("`{path}` is {wanted}, not {shown}");
    findings.push(Diagnostic::error(codes::NO_SUCH_ALERT, given.span(), message, help));
    empty(of)
}
