//! Inputs that take a secret: marked `writeOnly`, and seen by the request alone.

use serde_json::{Map, Value};
use stanch_model::manifest::{ActionManifest, Transport};

use super::{
    Findings,
    call::calls,
    codes,
    expressions::{reads_path, uses_path},
    source::Path,
};

/// What a schema can say of a value that nobody sees.
const KEYS: [&str; 4] = ["type", "writeOnly", "title", "description"];

pub(super) fn check(
    transport: Transport,
    action: &ActionManifest,
    at: &Path,
    findings: &mut Findings<'_>,
) {
    let input = at.key("input");
    let properties = action.input.get("properties").and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        let path = input.key("properties").key(name);
        if schema.get("writeOnly") == Some(&Value::Bool(true)) {
            property(schema, &path, findings);
            seen(transport, action, name, at, &path, findings);
        } else if is_marked(schema) {
            findings.error(
                codes::SECRET_INPUT,
                &path,
                "writeOnly stands inside a value",
                "mark inputs themselves; give the secret an input of its own",
            );
        }
    }
    if is_marked(&action.output) {
        findings.error(
            codes::SECRET_INPUT,
            &at.key("output"),
            "an output cannot be writeOnly",
            "leave out what nobody may see",
        );
    }
}

fn property(schema: &Value, at: &Path, findings: &mut Findings<'_>) {
    let is_text = schema.get("type").and_then(Value::as_str) == Some("string");
    let more = schema
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .find(|key| !KEYS.contains(&key.as_str()));
    if !is_text {
        let message = "an input that takes a secret is no text";
        findings.error(codes::SECRET_INPUT, at, message, "give it `type: string`");
    } else if let Some(key) = more {
        findings.error_at_key(
            codes::SECRET_INPUT,
            &at.key(key),
            format!("`{key}` cannot be checked on a value that nobody sees"),
            "remove it; a writeOnly input has `type: string` and a description",
        );
    }
}

/// Nobody but a request may look at it.
fn seen(
    transport: Transport,
    action: &ActionManifest,
    name: &str,
    at: &Path,
    property: &Path,
    findings: &mut Findings<'_>,
) {
    let path = ["input", name];
    if action.target.as_ref().is_some_and(|target| target.input == name) {
        let message = "the target cannot be a secret";
        findings.error(codes::SECRET_INPUT, property, message, "the guard decides by it: show it");
    }
    let mut refuse = |at: &Path| {
        findings.error(
            codes::SECRET_INPUT,
            at,
            format!("the secret `{name}` is no value that an expression could read here"),
            "leave it out: only requests get it",
        );
    };
    for (of, expression) in &action.returns {
        if reads_path(expression, &path) {
            refuse(&at.key("returns").key(of));
        }
    }
    let undo = action.undo.as_ref();
    let checks = [
        (at.key("probe"), action.probe.as_ref().map(|check| &check.done)),
        (at.key("verify"), action.verify.as_ref().map(|verify| &verify.done)),
        (at.key("undo").key("verify"), undo.map(|undo| &undo.verify.done)),
    ];
    for (at, done) in checks {
        if done.is_some_and(|done| reads_path(done, &path)) {
            refuse(&at.key("done"));
        }
    }
    for (at, call) in calls(action, at) {
        if transport == Transport::Ssh && uses_path(call, &path) {
            findings.error(
                codes::SECRET_INPUT,
                &at,
                format!("the secret `{name}` does not go on a command line"),
                "others on the host can read it there; use a connector that sends it in a request",
            );
        }
    }
}

/// Whether `writeOnly: true` stands anywhere in it.
fn is_marked(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => {
            map.get("writeOnly") == Some(&Value::Bool(true)) || map.values().any(is_marked)
        }
        Value::Array(items) => items.iter().any(is_marked),
        _ => false,
    }
}
