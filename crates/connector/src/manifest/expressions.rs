//! Whether every expression reads, and uses what is there when it is evaluated.

use serde_json::{Value, json};
use stanch_expression::{
    CompileError, Expression, FindingKind, Template, Type, TypeEnv, TypeFinding, ValueTemplate,
};
use stanch_model::manifest::{ActionManifest, Call, Transport};

use super::{Findings, codes, source::Path};

/// Checks all expressions of an action.
pub(super) fn check(
    transport: Transport,
    action: &ActionManifest,
    at: &Path,
    findings: &mut Findings<'_>,
) {
    let scopes = Scopes::new(transport, action);
    texts(&action.call, &at.key("call"), &scopes.call, findings);
    for (name, expression) in &action.returns {
        let path = at.key("returns").key(name);
        let wanted = action.output.get("properties").and_then(|all| all.get(name));
        let wanted = wanted.map_or(Type::Any, Type::from_schema);
        value(expression, &path, &scopes.returns, &wanted, findings);
    }
    if let Some(probe) = &action.probe {
        let at = at.key("probe");
        texts(&probe.call, &at.key("call"), &scopes.probe, findings);
        value(&probe.done, &at.key("done"), &scopes.probe_done, &Type::Bool, findings);
    }
    let undo = action.undo.as_ref().map(|undo| (at.key("undo"), undo));
    if let Some((at, undo)) = &undo {
        texts(&undo.call, &at.key("call"), &scopes.later, findings);
    }
    let verifies = [
        action.verify.as_ref().map(|verify| (at.key("verify"), verify)),
        undo.map(|(at, undo)| (at.key("verify"), &undo.verify)),
    ];
    for (at, verify) in verifies.into_iter().flatten() {
        texts(&verify.call, &at.key("call"), &scopes.later, findings);
        value(&verify.done, &at.key("done"), &scopes.done, &Type::Bool, findings);
    }
}

/// The variables that there are, by where an expression stands.
struct Scopes {
    call: TypeEnv,
    returns: TypeEnv,
    probe: TypeEnv,
    probe_done: TypeEnv,
    later: TypeEnv,
    done: TypeEnv,
}

impl Scopes {
    fn new(transport: Transport, action: &ActionManifest) -> Self {
        let response = match transport {
            Transport::Ssh => json!({ "type": "object", "properties": {
                "exit": { "type": "integer" }, "stdout": { "type": "string" },
                "stderr": { "type": "string" }, "body": {} } }),
            Transport::Http | Transport::Builtin => json!({ "type": "object", "properties": {
                "status": { "type": "integer" }, "body": {} } }),
        };
        let base = TypeEnv::new()
            .with("input", &action.input)
            .with("config", &json!({ "type": "object" }));
        let call = base
            .clone()
            .with("key", &json!({ "type": "string" }))
            .with("ttl_seconds", &json!({ "type": "integer" }));
        let later = call.clone().with("output", &action.output);
        Self {
            returns: base.with("response", &response),
            probe: call.clone(),
            probe_done: call.clone().with("response", &response),
            done: later.clone().with("response", &response),
            later,
            call,
        }
    }
}

/// The texts of a call.
fn texts(call: &Call, at: &Path, env: &TypeEnv, findings: &mut Findings<'_>) {
    match call {
        Call::Http(call) => {
            let at = at.key("http");
            text(&call.path, &at.key("path"), env, findings);
            for (name, header) in &call.headers {
                text(header, &at.key("headers").key(name), env, findings);
            }
            if let Some(value) = &call.body {
                body(value, &at.key("body"), env, findings);
            }
        }
        Call::Ssh(argv) => {
            for (index, argument) in argv.iter().enumerate() {
                text(argument, &at.key("ssh").item(index), env, findings);
            }
        }
        Call::Builtin(_) => {}
    }
}

/// A body, leaf by leaf, so that each finding has its place.
fn body(value: &Value, at: &Path, env: &TypeEnv, findings: &mut Findings<'_>) {
    match value {
        Value::String(leaf) => {
            template(leaf, at, env, findings);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                body(item, &at.item(index), env, findings);
            }
        }
        Value::Object(map) => {
            if let Err(error) = ValueTemplate::parse(&Value::Object(map.clone()))
                && error.message.contains("names of properties")
            {
                unread(&error, at, findings);
            }
            for (key, item) in map {
                body(item, &at.key(key), env, findings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text that must come out as a text.
fn text(source: &str, at: &Path, env: &TypeEnv, findings: &mut Findings<'_>) {
    let Some(template) = template(source, at, env, findings) else { return };
    let of = template.infer(env);
    if matches!(of, Type::Null | Type::List(_) | Type::Object(_)) {
        findings.error(
            codes::TYPES,
            at,
            format!("{of} has no place in a text"),
            "name one of its properties, or join it",
        );
    }
}

fn template(
    source: &str,
    at: &Path,
    env: &TypeEnv,
    findings: &mut Findings<'_>,
) -> Option<Template> {
    match Template::parse(source) {
        Ok(template) => {
            note(template.check(env), at, findings);
            Some(template)
        }
        Err(error) => {
            unread(&error, at, findings);
            None
        }
    }
}

/// An expression whose value must fit `wanted`.
fn value(source: &str, at: &Path, env: &TypeEnv, wanted: &Type, findings: &mut Findings<'_>) {
    let expression = match Expression::compile(source) {
        Ok(expression) => expression,
        Err(error) => return unread(&error, at, findings),
    };
    let found = expression.check(env);
    let clean = found.is_empty();
    note(found, at, findings);
    let of = expression.infer(env);
    if clean && !wanted.accepts(&of) {
        findings.error(
            codes::TYPES,
            at,
            format!("expression gives {of}, not {wanted}"),
            format!("write one that gives {wanted}"),
        );
    }
}

fn unread(error: &CompileError, at: &Path, findings: &mut Findings<'_>) {
    findings.error(codes::EXPRESSION, at, error.message.clone(), error.help.clone());
}

fn note(found: Vec<TypeFinding>, at: &Path, findings: &mut Findings<'_>) {
    for finding in found {
        let code = match finding.kind {
            FindingKind::UnknownName => codes::VARIABLE,
            FindingKind::UnknownFunction | FindingKind::WrongArity => codes::EXPRESSION,
            FindingKind::UnknownProperty | FindingKind::WrongType | FindingKind::WrongValue => {
                codes::TYPES
            }
        };
        findings.error(code, at, finding.message, finding.help);
    }
}

/// Whether a call uses a variable.
pub(super) fn uses(call: &Call, variable: &str) -> bool {
    let in_text = |text: &str| {
        let found = Template::parse(text).map(|template| template.references());
        found.is_ok_and(|found| {
            found.iter().any(|reference| reference.path.first().is_some_and(|of| of == variable))
        })
    };
    match call {
        Call::Http(call) => {
            in_text(&call.path)
                || call.headers.values().any(|header| in_text(header))
                || call.body.as_ref().is_some_and(|body| in_json(body, &in_text))
        }
        Call::Ssh(argv) => argv.iter().any(|argument| in_text(argument)),
        Call::Builtin(_) => false,
    }
}

fn in_json(value: &Value, in_text: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => in_text(text),
        Value::Array(items) => items.iter().any(|item| in_json(item, in_text)),
        Value::Object(map) => map.values().any(|item| in_json(item, in_text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
