//! One request, from manifest text to a classified attempt.

use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use stanch_model::manifest::{Call, HttpCall, Idempotency};

use super::{Found, Hands};
use crate::{
    Secret,
    http::{self, Request},
    instance,
    outcome::Attempt,
    render::Context,
    ssh,
};

impl Hands {
    /// Fills in and sends `call`. `key` is sent as `Idempotency-Key` where the action says so;
    /// questions have none.
    pub(super) async fn call(
        &self,
        found: &Found<'_>,
        call: &Call,
        context: &Context,
        key: Option<&str>,
    ) -> Attempt {
        let secret = match self.secret(found).await {
            Ok(secret) => secret,
            Err(attempt) => return attempt,
        };
        let attempt = match call {
            Call::Http(call) => {
                let key = key.filter(|_| found.action.idempotency == Idempotency::Key);
                match request(found, call, context, key, secret.as_ref()) {
                    Ok(request) => Box::pin(self.http.send(request)).await,
                    Err(why) => Attempt::refused(why),
                }
            }
            Call::Ssh(argv) => self.ssh(found, argv, context, secret.as_ref()).await,
            Call::Builtin(name) => {
                Attempt::refused(format!("{name} is answered by the engine itself"))
            }
        };
        redacted(attempt, secret.as_ref())
    }

    async fn secret(&self, found: &Found<'_>) -> Result<Option<Secret>, Attempt> {
        let Some(reference) = &found.instance.credential else { return Ok(None) };
        match self.secrets.resolve(reference).await {
            Ok(secret) => Ok(Some(secret)),
            Err(error) => {
                let why = crate::outside::chain(&error);
                Err(Attempt::refused(instance::error(found.instance, why).to_string()))
            }
        }
    }

    async fn ssh(
        &self,
        found: &Found<'_>,
        argv: &[String],
        context: &Context,
        secret: Option<&Secret>,
    ) -> Attempt {
        let rendered: Result<Vec<String>, String> =
            argv.iter().map(|argument| context.text(argument)).collect();
        let argv = match rendered {
            Ok(argv) => argv,
            Err(why) => return Attempt::refused(why),
        };
        let Some(key) = secret else {
            let why = "SSH needs a private key: add `credential: file:PATH`";
            return Attempt::refused(instance::error(found.instance, why).to_string());
        };
        let resolver = self.http.resolver();
        Box::pin(ssh::run(resolver, found.instance, key, &argv, found.action.timeout)).await
    }
}

fn request(
    found: &Found<'_>,
    call: &HttpCall,
    context: &Context,
    key: Option<&str>,
    secret: Option<&Secret>,
) -> Result<Request, String> {
    let base = instance::http_base(found.instance).map_err(|error| error.to_string())?;
    let path = context.encoded(&call.path, http::segment)?;
    let body = match &call.body {
        Some(body) => Some(context.json(body)?.to_string().into_bytes()),
        None => None,
    };
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, template) in &call.headers {
        let name_of = || format!("`{name}` is no header name");
        let header = HeaderName::from_bytes(name.as_bytes()).ok().ok_or_else(name_of)?;
        headers.insert(header, header_value(name, &context.text(template)?)?);
    }
    if let Some(key) = key {
        headers.insert("idempotency-key", header_value("Idempotency-Key", key)?);
    }
    if let Some(secret) = secret {
        let mut value = header_value("Authorization", &format!("Bearer {}", secret.expose()))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(Request {
        method: Method::from_bytes(call.method.as_bytes()).map_err(|error| error.to_string())?,
        url: http::join(&base, &path)?,
        headers,
        body,
        accept: call.accept.clone(),
        allow_private: found.instance.allow_private,
        timeout: found.action.timeout,
    })
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

/// Targets echo what they get, in answers and in errors.
fn redacted(attempt: Attempt, secret: Option<&Secret>) -> Attempt {
    let Some(secret) = secret else { return attempt };
    match attempt {
        Attempt::Answered(mut response) => {
            secret.redact_json(&mut response);
            Attempt::Answered(response)
        }
        Attempt::NotDone { why, retry, retry_after } => {
            Attempt::NotDone { why: secret.redact(&why), retry, retry_after }
        }
        Attempt::Unclear { why } => Attempt::Unclear { why: secret.redact(&why) },
    }
}
