//! A call filled in, as JSON: what recordings hold, whatever the transport.

use serde_json::{Map, Value};
use stanch_model::manifest::{Call, HttpCall, HttpFirst};

use crate::{http, render::Context};

/// The manifest's part of a request: what the client adds (credential, key, lengths) is not in it.
pub(crate) fn rendered(call: &Call, context: &Context) -> Result<Value, String> {
    match call {
        Call::Http(call) => http_call(call, context),
        Call::Ssh(argv) => {
            argv.iter().map(|argument| context.open_text(argument).map(Value::from)).collect()
        }
        other => {
            let written = serde_json::to_value(other).map_err(|error| error.to_string())?;
            let inner = written.as_object().and_then(|map| map.values().next());
            context.json(inner.unwrap_or(&Value::Null))
        }
    }
}

fn http_call(call: &HttpCall, context: &Context) -> Result<Value, String> {
    let mut map = Map::new();
    map.insert("method".to_owned(), Value::from(call.method.as_str()));
    map.insert("path".to_owned(), Value::from(context.encoded(&call.path, http::segment)?));
    if !call.headers.is_empty() {
        let headers = call.headers.iter();
        let headers = headers.map(|(name, text)| Ok((name.clone(), context.text(text)?.into())));
        map.insert("headers".to_owned(), Value::Object(headers.collect::<Result<_, String>>()?));
    }
    if let Some(body) = &call.body {
        map.insert("body".to_owned(), context.json(body)?);
    }
    Ok(Value::Object(map))
}

/// The question that an HTTP call begins with.
pub(crate) fn rendered_first(first: &HttpFirst, context: &Context) -> Result<Value, String> {
    let path = context.encoded(&first.path, http::segment)?;
    Ok(serde_json::json!({ "method": "GET", "path": path }))
}
