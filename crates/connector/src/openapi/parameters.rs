//! What an operation takes: parameters as inputs by themselves, the body as one input `body`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    document::Document,
    names::Names,
    schema::{Converter, Way},
};

/// What an operation takes, and how it gets into the request.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Properties of the input.
    pub(super) properties: Map<String, Value>,
    /// Those that must be there.
    pub(super) required: Vec<String>,
    /// The path, with its parameters filled in.
    pub(super) path: String,
    /// Parameters of the query.
    pub(super) query: BTreeMap<String, String>,
    /// Headers.
    pub(super) headers: BTreeMap<String, String>,
    /// The body's template.
    pub(super) body: Option<String>,
    /// What people should know.
    pub(super) notes: Vec<String>,
}

/// Takes in the parameters of the path's item and of the operation, and the body.
pub(super) fn taken(
    document: &Document,
    path: &str,
    method: &str,
    item: &Value,
    operation: &Value,
) -> Taken {
    let mut taken = Taken { path: path.to_owned(), ..Taken::default() };
    let mut names = Names::default();
    if method != "GET" {
        // The name of the body is not given to a parameter.
        names.give("body", "body");
    }
    for parameter in all(document, item, operation) {
        taken.parameter(document, parameter, &mut names);
    }
    taken.fill_rest(&mut names);
    taken.take_body(document, method, operation);
    taken
}

/// The operation's own parameters take the place of the path's of the same name and place.
fn all<'a>(document: &'a Document, item: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
    let mut found: Vec<(&str, &str, &Value)> = Vec::new();
    for owner in [operation, item] {
        let list = owner.get("parameters").and_then(Value::as_array);
        for parameter in list.into_iter().flatten().filter_map(|of| document.resolved(of)) {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            let (name, place) = (text("name"), text("in"));
            if !found.iter().any(|(known, at, _)| (*known, *at) == (name, place)) {
                found.push((name, place, parameter));
            }
        }
    }
    found.into_iter().map(|(_, _, parameter)| parameter).collect()
}

impl Taken {
    fn parameter(&mut self, document: &Document, parameter: &Value, names: &mut Names) {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
        let (wanted, place) = (text("name"), text("in"));
        let shown = crate::outside::quote(wanted);
        let is_required = parameter.get("required") == Some(&Value::Bool(true));
        let marked = format!("{{{wanted}}}");
        match place {
            "path" if !self.path.contains(&marked) => return,
            "path" | "query" => {}
            "header" if is_clients(wanted) => return,
            "header" if is_header(wanted) => {}
            "header" => return self.notes.push(format!("header `{shown}` cannot be sent")),
            "cookie" => return self.notes.push(format!("cookie `{shown}` is not sent")),
            other => {
                let other = crate::outside::quote(other);
                return self.notes.push(format!("parameter `{shown}` in `{other}` is not known"));
            }
        }
        let name = names.give(wanted, place);
        let schema = self.scalar(document, parameter);
        let template = template(&name, &schema, is_required || place == "path");
        self.properties.insert(name.clone(), schema);
        if is_required || place == "path" {
            self.required.push(name);
        }
        match place {
            "path" => self.path = self.path.replace(&marked, &template),
            "query" => drop(self.query.insert(wanted.to_owned(), template)),
            _ => drop(self.headers.insert(wanted.to_owned(), template)),
        }
    }

    /// Parts of the path that no parameter describes.
    fn fill_rest(&mut self, names: &mut Names) {
        while let Some((before, rest)) = split_braces(&self.path) {
            let Some((wanted, after)) = rest.split_once('}') else { break };
            let name = names.give(wanted, "path");
            let filled = format!("{before}${{{{ input.{name} }}}}{after}");
            self.properties.insert(name.clone(), json!({ "type": "string", "minLength": 1 }));
            self.required.push(name);
            self.path = filled;
        }
    }

    /// A value that fits into a path, a query or a header.
    fn scalar(&mut self, document: &Document, parameter: &Value) -> Value {
        let content = parameter.get("content").and_then(Value::as_object);
        let content = content.and_then(|map| map.values().next()?.get("schema"));
        let written = parameter.get("schema").or(content).cloned().unwrap_or_default();
        let mut converter = Converter::new(document, Way::In);
        let mut schema = converter.convert(&written);
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_scalar = matches!(kind.as_str(), "string" | "integer" | "number" | "boolean");
        if !is_scalar {
            let words = schema.get("enum").and_then(Value::as_array).cloned();
            let texts = words.filter(|words| words.iter().all(Value::is_string));
            let about = schema.get("description").cloned();
            schema = json!({ "type": "string" });
            if let Some(texts) = texts {
                schema["enum"] = Value::Array(texts);
            }
            if let Some(about) = about {
                schema["description"] = about;
            }
            if kind == "array" {
                schema["description"] = json!("Values with commas between them");
            }
        }
        if let Some(text) = parameter.get("description").and_then(Value::as_str) {
            let line = crate::outside::quote(text);
            if !line.is_empty() {
                schema["description"] = json!(line.chars().take(120).collect::<String>());
            }
        }
        self.notes.extend(converter.notes);
        schema
    }

    fn take_body(&mut self, document: &Document, method: &str, operation: &Value) {
        let Some(body) = operation.get("requestBody").and_then(|of| document.resolved(of)) else {
            return;
        };
        let content = body.get("content").and_then(Value::as_object);
        let kinds = content.into_iter().flat_map(Map::keys);
        let kinds: Vec<String> = kinds.map(|kind| crate::outside::quote(kind)).collect();
        if method == "GET" {
            return self.notes.push("the body of a GET is not sent".to_owned());
        }
        let json = content.and_then(|map| {
            map.iter().find(|(kind, _)| is_json(kind)).map(|(kind, of)| (kind, of.get("schema")))
        });
        let Some((kind, schema)) = json else {
            let kinds = kinds.join(", ");
            return self
                .notes
                .push(format!("the body is {kinds}, which manifests do not send: none is sent"));
        };
        if kind.contains('+') {
            let kind = crate::outside::quote(kind);
            self.notes
                .push(format!("the body is {kind} in the document, and sent as application/json"));
        }
        let mut converter = Converter::new(document, Way::In);
        let converted = converter.convert(schema.unwrap_or(&Value::Null));
        self.notes.extend(converter.notes);
        self.properties.insert("body".to_owned(), converted);
        let is_required = body.get("required") == Some(&Value::Bool(true));
        if is_required {
            self.required.push("body".to_owned());
        }
        let whole = "${{ input.body }}";
        let perhaps = "${{ has(input.body) ? input.body : null }}";
        self.body = Some(if is_required { whole } else { perhaps }.to_owned());
    }
}

/// The text before the first `{` that is no expression, and the text after it.
fn split_braces(path: &str) -> Option<(String, String)> {
    let mut from = 0;
    while let Some(at) = path.get(from..)?.find('{').map(|at| at + from) {
        let before = path.get(..at)?;
        if before.ends_with('$') {
            // An expression that was filled in: go on behind it.
            from = at + path.get(at..)?.find("}}")? + 2;
        } else {
            return Some((before.to_owned(), path.get(at + 1..)?.to_owned()));
        }
    }
    None
}

fn template(name: &str, schema: &Value, is_required: bool) -> String {
    if is_required {
        return format!("${{{{ input.{name} }}}}");
    }
    let is_text = schema.get("type").and_then(Value::as_str) == Some("string");
    let value = if is_text { format!("input.{name}") } else { format!("string(input.{name})") };
    format!("${{{{ has(input.{name}) ? {value} : '' }}}}")
}

/// `application/json` and what is JSON by its suffix (RFC 6839 §3.1).
pub(super) fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json"
        || kind.ends_with("+json")
        || kind == "*/*"
        || kind == "application/*"
}

/// Headers that the client sets itself; OpenAPI ignores the first three as well.
fn is_clients(name: &str) -> bool {
    let kept = ["accept", "authorization", "content-type", "idempotency-key"];
    kept.contains(&name.to_ascii_lowercase().as_str())
}

fn is_header(name: &str) -> bool {
    let kept = ["connection", "content-length", "cookie", "host", "te", "transfer-encoding"];
    reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
        && !kept.contains(&name.to_ascii_lowercase().as_str())
}
