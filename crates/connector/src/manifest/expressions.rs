//! Whether every expression reads, and uses what is there when it is evaluated.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stanch_expression::{
    CompileError, Expression, FindingKind, Template, Type, TypeEnv, TypeFinding, ValueTemplate,
};
use stanch_model::manifest::{
    ActionManifest, Call, ImapCall, LdapCall, LdapModify, SmtpCall, SyslogCall, Transport,
};

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
        for (name, expression) in &probe.before {
            let path = at.key("before").key(name);
            value(expression, &path, &scopes.probe_done, &Type::Any, findings);
        }
    }
    let undo = action.undo.as_ref().map(|undo| (at.key("undo"), undo));
    if let Some((at, undo)) = &undo {
        texts(&undo.call, &at.key("call"), &scopes.undo, findings);
    }
    let verifies = [
        action.verify.as_ref().map(|verify| (at.key("verify"), verify)),
        undo.map(|(at, undo)| (at.key("verify"), &undo.verify)),
    ];
    let scopes = [(&scopes.later, &scopes.done), (&scopes.undo, &scopes.undone)];
    for (verify, (asked, done)) in verifies.into_iter().zip(scopes) {
        let Some((at, verify)) = verify else { continue };
        texts(&verify.call, &at.key("call"), asked, findings);
        value(&verify.done, &at.key("done"), done, &Type::Bool, findings);
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
    /// As `later`, and `output` holds what the probe saw before the act.
    undo: TypeEnv,
    undone: TypeEnv,
}

impl Scopes {
    fn new(transport: Transport, action: &ActionManifest) -> Self {
        let response = match transport {
            Transport::Ssh => json!({ "type": "object", "properties": {
                "exit": { "type": "integer" }, "stdout": { "type": "string" },
                "stderr": { "type": "string" }, "body": {} } }),
            Transport::Ldap => json!({ "type": "object", "properties": {
                "entries": { "type": "array", "items": { "type": "object" } },
                "dn": { "type": "string" }, "changed": { "type": "boolean" } } }),
            Transport::Imap => json!({ "type": "object", "properties": {
                "messages": { "type": "array", "items": { "type": "object" } },
                "moved": { "type": "array", "items": { "type": "object" } } } }),
            Transport::Smtp => json!({ "type": "object", "properties": {
                "message_id": { "type": "string" } } }),
            Transport::Syslog => json!({ "type": "object", "properties": {
                "sent": { "type": "boolean" } } }),
            Transport::Script => json!({ "type": "object", "properties": {
                "body": { "type": "object" } } }),
            Transport::Http | Transport::Builtin => http_response(),
        };
        let base = TypeEnv::new()
            .with("input", &action.input)
            .with("config", &json!({ "type": "object" }));
        let call = base
            .clone()
            .with("key", &json!({ "type": "string" }))
            .with("ttl_seconds", &json!({ "type": "integer" }));
        let later = call.clone().with("output", &action.output);
        let undo = call.clone().with("output", &on_record(action));
        Self {
            returns: base.with("response", &response),
            probe: call.clone(),
            probe_done: call.clone().with("response", &response),
            done: later.clone().with("response", &response),
            undone: undo.clone().with("response", &response),
            undo,
            later,
            call,
        }
    }
}

/// The schema of what the ledger holds of an act: its output, and `before`.
fn on_record(action: &ActionManifest) -> Value {
    let names = action.probe.iter().flat_map(|probe| probe.before.keys());
    let before: serde_json::Map<String, Value> =
        names.map(|name| (name.clone(), json!({}))).collect();
    let mut properties = action.output.get("properties").cloned().unwrap_or_else(|| json!({}));
    if let Some(properties) = properties.as_object_mut().filter(|_| !before.is_empty()) {
        properties.insert("before".to_owned(), json!({ "type": "object", "properties": before }));
    }
    json!({ "type": "object", "properties": properties })
}

fn http_response() -> Value {
    json!({ "type": "object", "properties": {
        "status": { "type": "integer" }, "body": {},
        "etag": { "type": "string" }, "location": { "type": "string" } } })
}

/// The texts of a call.
fn texts(call: &Call, at: &Path, env: &TypeEnv, findings: &mut Findings<'_>) {
    match call {
        Call::Http(call) => {
            let at = at.key("http");
            let mut with_first = env.clone();
            for (index, first) in call.first.iter().enumerate() {
                let at = at.key("first").item(index);
                request(
                    &first.path,
                    &first.headers,
                    first.body.as_ref(),
                    &at,
                    &with_first,
                    findings,
                );
                let answers = json!({ "type": "array", "items": http_response() });
                with_first = with_first.with("first", &answers);
            }
            let env = &with_first;
            request(&call.path, &call.headers, call.body.as_ref(), &at, env, findings);
            for (name, value) in &call.query {
                text(value, &at.key("query").key(name), env, findings);
            }
        }
        Call::Ssh(argv) => {
            for (index, argument) in argv.iter().enumerate() {
                text(argument, &at.key("ssh").item(index), env, findings);
            }
        }
        Call::Ldap(LdapCall::Search(search)) => {
            let at = at.key("ldap").key("search");
            text(&search.base, &at.key("base"), env, findings);
            text(&search.filter, &at.key("filter"), env, findings);
        }
        Call::Ldap(LdapCall::Modify(modify)) => {
            modify_texts(modify, &at.key("ldap").key("modify"), env, findings);
        }
        Call::Imap(call) => imap_texts(call, &at.key("imap"), env, findings),
        Call::Smtp(call) => {
            let at = at.key("smtp");
            for (key, source) in mail_texts(call) {
                text(source, &at.key(key), env, findings);
            }
            body(&call.to, &at.key("to"), env, findings);
        }
        Call::Syslog(call) => {
            let at = at.key("syslog");
            for (key, source) in log_texts(call) {
                text(source, &at.key(key), env, findings);
            }
            for (name, source) in &call.data {
                text(source, &at.key("data").key(name), env, findings);
            }
        }
        Call::Script(_) | Call::Builtin(_) => {}
    }
}

const fn mail_texts(call: &SmtpCall) -> [(&str, &String); 3] {
    [("from", &call.from), ("subject", &call.subject), ("text", &call.text)]
}

const fn log_texts(call: &SyslogCall) -> [(&str, &String); 6] {
    [
        ("facility", &call.facility),
        ("severity", &call.severity),
        ("host", &call.host),
        ("app", &call.app),
        ("kind", &call.kind),
        ("text", &call.text),
    ]
}

fn imap_texts(call: &ImapCall, at: &Path, env: &TypeEnv, findings: &mut Findings<'_>) {
    let (at, mailbox, message, folders, list) = match call {
        ImapCall::Search(s) => (at.key("search"), &s.mailbox, &s.message, &s.folders, "folders"),
        ImapCall::Move(m) => (at.key("move"), &m.mailbox, &m.message, &m.from, "from"),
    };
    text(mailbox, &at.key("mailbox"), env, findings);
    text(message, &at.key("message"), env, findings);
    for (index, folder) in folders.iter().enumerate() {
        text(folder, &at.key(list).item(index), env, findings);
    }
    if let ImapCall::Move(m) = call {
        body(&m.to, &at.key("to"), env, findings);
    }
}

fn modify_texts(modify: &LdapModify, at: &Path, env: &TypeEnv, findings: &mut Findings<'_>) {
    text(&modify.base, &at.key("base"), env, findings);
    text(&modify.filter, &at.key("filter"), env, findings);
    let with_entry = env.clone().with("entry", &json!({ "type": "object" }));
    value(&modify.only_if, &at.key("only_if"), &with_entry, &Type::Bool, findings);
    let maps = [("delete", &modify.delete), ("add", &modify.add), ("replace", &modify.replace)];
    for (name, map) in maps {
        for (attribute, values) in map {
            body(values, &at.key(name).key(attribute), &with_entry, findings);
        }
    }
}

fn request(
    path: &str,
    headers: &BTreeMap<String, String>,
    content: Option<&Value>,
    at: &Path,
    env: &TypeEnv,
    findings: &mut Findings<'_>,
) {
    text(path, &at.key("path"), env, findings);
    for (name, value) in headers {
        text(value, &at.key("headers").key(name), env, findings);
    }
    if let Some(value) = content {
        body(value, &at.key("body"), env, findings);
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
            FindingKind::UnknownProperty
            | FindingKind::WrongType
            | FindingKind::WrongValue
            | FindingKind::Absent
            | FindingKind::Untyped => codes::TYPES,
        };
        findings.error(code, at, finding.message, finding.help);
    }
}

/// Whether a call uses a variable.
pub(super) fn uses(call: &Call, variable: &str) -> bool {
    uses_path(call, &[variable])
}

/// Whether a call uses `path`, a variable and what is read of it.
pub(super) fn uses_path(call: &Call, path: &[&str]) -> bool {
    let in_text = |text: &str| {
        let found = Template::parse(text).map(|template| template.references());
        found.is_ok_and(|found| found.iter().any(|reference| begins(&reference.path, path)))
    };
    match call {
        Call::Http(call) => {
            in_text(&call.path)
                || call.first.iter().any(|first| {
                    in_text(&first.path)
                        || first.headers.values().any(|header| in_text(header))
                        || first.body.as_ref().is_some_and(|body| in_json(body, &in_text))
                })
                || call.query.values().chain(call.headers.values()).any(|text| in_text(text))
                || call.body.as_ref().is_some_and(|body| in_json(body, &in_text))
        }
        Call::Ssh(argv) => argv.iter().any(|argument| in_text(argument)),
        Call::Ldap(LdapCall::Search(search)) => in_text(&search.base) || in_text(&search.filter),
        Call::Ldap(LdapCall::Modify(modify)) => {
            let maps = [&modify.delete, &modify.add, &modify.replace];
            in_text(&modify.base)
                || in_text(&modify.filter)
                || maps.iter().flat_map(|map| map.values()).any(|value| in_json(value, &in_text))
        }
        Call::Imap(ImapCall::Search(search)) => {
            let texts = [&search.mailbox, &search.message];
            texts.into_iter().chain(&search.folders).any(|text| in_text(text))
        }
        Call::Imap(ImapCall::Move(to_move)) => {
            let texts = [&to_move.mailbox, &to_move.message];
            let in_texts = texts.into_iter().chain(&to_move.from).any(|text| in_text(text));
            in_texts || in_json(&to_move.to, &in_text)
        }
        Call::Smtp(call) => {
            mail_texts(call).iter().any(|(_, text)| in_text(text)) || in_json(&call.to, &in_text)
        }
        Call::Syslog(call) => {
            let texts = log_texts(call).map(|(_, text)| text);
            texts.into_iter().chain(call.data.values()).any(|text| in_text(text))
        }
        // It gets all of them.
        Call::Script(_) => true,
        Call::Builtin(_) => false,
    }
}

/// Whether an expression uses `path`.
pub(super) fn reads_path(expression: &str, path: &[&str]) -> bool {
    let found = Expression::compile(expression).map(|expression| expression.references());
    found.is_ok_and(|found| found.iter().any(|reference| begins(&reference.path, path)))
}

fn begins(reference: &[String], path: &[&str]) -> bool {
    path.iter().zip(reference).filter(|(part, of)| part == of).count() == path.len()
}

fn in_json(value: &Value, in_text: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => in_text(text),
        Value::Array(items) => items.iter().any(|item| in_json(item, in_text)),
        Value::Object(map) => map.values().any(|item| in_json(item, in_text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
