//! What an operation gives back when it went well.

use serde_json::{Map, Value, json};

use super::{
    document::Document,
    parameters::is_json,
    schema::{Converter, Way},
};

/// What an operation gives back.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// Statuses that mean accepted; empty for all of 2xx.
    pub(super) accept: Vec<u16>,
    /// The schema of the body, if there is one.
    pub(super) body: Option<Value>,
    /// The kind of the body, if nobody here could read it.
    pub(super) unreadable: Option<String>,
    /// What is left out.
    pub(super) notes: Vec<String>,
}

/// Takes in the success responses.
pub(super) fn given(document: &Document, operation: &Value) -> Given {
    let none = Map::new();
    let responses = operation.get("responses").and_then(Value::as_object).unwrap_or(&none);
    let status =
        |key: &String| key.parse::<u16>().ok().filter(|status| (200..300).contains(status));
    let mut accept: Vec<u16> = responses.keys().filter_map(status).collect();
    accept.sort_unstable();
    let any = responses.keys().any(|key| key.eq_ignore_ascii_case("2xx") || key == "default");
    let mut given = Given { accept, ..Given::default() };
    let numbers = given.accept.iter().map(ToString::to_string);
    let keys = numbers.chain(["2XX".to_owned(), "2xx".to_owned(), "default".to_owned()]);
    let answers: Vec<&Value> =
        keys.filter_map(|key| document.resolved(responses.get(&key)?)).collect();
    if any {
        given.accept.clear();
    }
    for answer in answers {
        let content = answer.get("content").and_then(Value::as_object);
        let mut kinds = content.into_iter().flatten();
        if let Some((_, media)) = kinds.find(|(kind, _)| is_json(kind)) {
            let mut converter = Converter::new(document, Way::Out);
            given.body = Some(converter.convert(media.get("schema").unwrap_or(&json!({}))));
            given.notes.extend(converter.notes);
            given.unreadable = None;
            return given;
        }
        if let Some((kind, _)) = content.into_iter().flatten().next() {
            let kind = crate::outside::quote(kind);
            if kind == "text/plain" {
                given.body = Some(json!({ "type": "string" }));
                return given;
            }
            given.notes.push(format!("the answer is {kind}, which manifests do not read"));
            given.unreadable.get_or_insert(kind);
        }
    }
    given
}
