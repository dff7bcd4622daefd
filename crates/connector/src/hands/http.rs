//! An HTTP call of a manifest, from its texts to the guarded client.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use stanch_model::manifest::{AuthScheme, HttpCall, HttpFirst};

use super::{Found, Hands};
use crate::{
    Secret,
    contract::{filled, http_path},
    http::{self, Request},
    instance,
    outcome::Attempt,
    render::Context,
};

/// Where an answer carries what the first requests were answered, as far as the tape.
pub(super) const FIRST: &str = "first";

impl Hands {
    /// Sends `call`, after the requests that come before it.
    pub(super) async fn http(
        &self,
        found: &Found<'_>,
        call: &HttpCall,
        context: &Context,
        key: Option<&str>,
        credential: Option<&Secret>,
    ) -> Attempt {
        let (mut answers, mut context) = (Vec::new(), context.clone());
        for first in &call.first {
            match self.send(found, &alone(first), &context, None, credential).await {
                Attempt::Answered(answer) => answers.push(answer),
                // Nothing that means anything was done yet, whatever became of this.
                Attempt::Unclear { why } => return Attempt::unreachable(why),
                not_done @ Attempt::NotDone { .. } => return not_done,
            }
            context = context.with_first(answers.clone());
        }
        let mut attempt = self.send(found, call, &context, key, credential).await;
        if let Attempt::Answered(Value::Object(response)) = &mut attempt
            && !answers.is_empty()
        {
            response.insert(FIRST.to_owned(), Value::Array(answers));
        }
        attempt
    }

    async fn send(
        &self,
        found: &Found<'_>,
        call: &HttpCall,
        context: &Context,
        key: Option<&str>,
        credential: Option<&Secret>,
    ) -> Attempt {
        match request(found, call, context, key, credential) {
            Ok(request) => Box::pin(self.http.send(request)).await,
            Err(why) => Attempt::refused(why),
        }
    }
}

/// A first request as a call of its own.
pub(crate) fn alone(first: &HttpFirst) -> HttpCall {
    HttpCall {
        first: Vec::new(),
        method: first.method.clone(),
        path: first.path.clone(),
        query: BTreeMap::new(),
        headers: first.headers.clone(),
        body: first.body.clone(),
        accept: first.accept.clone(),
    }
}

fn request(
    found: &Found<'_>,
    call: &HttpCall,
    context: &Context,
    key: Option<&str>,
    credential: Option<&Secret>,
) -> Result<Request, String> {
    let base = instance::http_base(found.instance).map_err(|error| error.to_string())?;
    let path = http_path(call, context)?;
    let body = match &call.body {
        // A body that is not there renders null.
        Some(body) => match context.json(body)? {
            Value::Null => None,
            body => Some(body.to_string().into_bytes()),
        },
        None => None,
    };
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, text) in filled(&call.headers, context)? {
        headers.insert(header_name(name)?, header_value(name, &text)?);
    }
    if let Some(key) = key {
        headers.insert("idempotency-key", header_value("Idempotency-Key", key)?);
    }
    let mut url = http::join(&base, &path)?;
    if let Some(credential) = credential {
        show(found, credential, &mut headers, &mut url)?;
    }
    Ok(Request {
        method: Method::from_bytes(call.method.as_bytes()).map_err(|error| error.to_string())?,
        url,
        headers,
        body,
        accept: call.accept.clone(),
        after_first: !call.first.is_empty(),
        allow_private: found.instance.allow_private,
        timeout: found.action.timeout,
    })
}

/// Shows the credential as the manifest says.
fn show(
    found: &Found<'_>,
    credential: &Secret,
    headers: &mut HeaderMap,
    url: &mut url::Url,
) -> Result<(), String> {
    let auth = &found.manifest.auth;
    let named = || auth.name.as_deref().ok_or("`auth` names no header or parameter".to_owned());
    let (header, text) = match auth.scheme {
        AuthScheme::Bearer => {
            (AUTHORIZATION, Secret::from(format!("Bearer {}", credential.expose())))
        }
        AuthScheme::Basic => {
            let encoded = Secret::from(STANDARD.encode(credential.expose()));
            (AUTHORIZATION, Secret::from(format!("Basic {}", encoded.expose())))
        }
        AuthScheme::Header => {
            let prefix = auth.prefix.as_deref().unwrap_or_default();
            (header_name(named()?)?, Secret::from(format!("{prefix}{}", credential.expose())))
        }
        AuthScheme::Query => {
            url.query_pairs_mut().append_pair(named()?, credential.expose());
            return Ok(());
        }
        AuthScheme::None => {
            return Err(format!(
                "instance `{}` has a credential, but `{}` shows none: remove it",
                found.instance.name, found.manifest.connector
            ));
        }
    };
    let mut value = header_value(header.as_str(), text.expose())?;
    value.set_sensitive(true);
    headers.insert(header, value);
    Ok(())
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    let refused = || format!("`{name}` is no header name");
    HeaderName::from_bytes(name.as_bytes()).ok().ok_or_else(refused)
}

/// Line ends and other control characters would begin a header of their own. The value is not
/// repeated in the text: it may be a secret.
fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    let refused = || format!("the value of header {name} holds a control character");
    if value.chars().any(char::is_control) {
        return Err(refused());
    }
    HeaderValue::from_bytes(value.as_bytes()).ok().ok_or_else(refused)
}
