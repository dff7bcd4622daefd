//! A call filled in, as JSON: what recordings hold, whatever the transport.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stanch_model::manifest::{Call, HttpCall, HttpFirst};

use crate::{hands::alone, http, render::Context};

/// The manifest's part of a request: what the client adds (credential, key, lengths) is not in it.
pub(crate) fn rendered(call: &Call, context: &Context) -> Result<Value, String> {
    if let Call::Http(call) = call {
        return http_call(call, context);
    }
    if let Call::Ssh(argv) = call {
        return argv.iter().map(|argument| context.open_text(argument).map(Value::from)).collect();
    }
    // Whatever else there is: as the manifest writes it, leaf by leaf.
    let written = serde_json::to_value(call).map_err(|error| error.to_string())?;
    let inner = written.as_object().and_then(|map| map.values().next());
    context.json(inner.unwrap_or(&Value::Null))
}

fn http_call(call: &HttpCall, context: &Context) -> Result<Value, String> {
    let mut map = Map::new();
    map.insert("method".to_owned(), Value::from(call.method.as_str()));
    map.insert("path".to_owned(), Value::from(http_path(call, context)?));
    let headers = filled(&call.headers, context)?;
    if !headers.is_empty() {
        let headers = headers.into_iter().map(|(name, text)| (name.to_owned(), text.into()));
        map.insert("headers".to_owned(), Value::Object(headers.collect()));
    }
    if let Some(body) = &call.body {
        match context.json(body)? {
            Value::Null => {}
            body => drop(map.insert("body".to_owned(), body)),
        }
    }
    Ok(Value::Object(map))
}

/// Path and query of an HTTP call, each part encoded.
pub(crate) fn http_path(call: &HttpCall, context: &Context) -> Result<String, String> {
    let mut path = context.encoded(&call.path, http::segment)?;
    for (name, text) in filled(&call.query, context)? {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&format!("{}={}", http::segment(name), http::segment(&text)));
    }
    Ok(path)
}

/// Texts filled in, without those that came out empty.
pub(crate) fn filled<'a>(
    texts: &'a BTreeMap<String, String>,
    context: &Context,
) -> Result<Vec<(&'a str, String)>, String> {
    let filled = texts.iter().map(|(name, text)| Ok((name.as_str(), context.text(text)?)));
    let filled: Result<Vec<_>, String> = filled.collect();
    Ok(filled?.into_iter().filter(|(_, text)| !text.is_empty()).collect())
}

/// A request that comes before an HTTP call.
pub(crate) fn rendered_first(first: &HttpFirst, context: &Context) -> Result<Value, String> {
    http_call(&alone(first), context)
}
