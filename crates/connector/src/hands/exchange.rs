//! One request, from manifest text to a classified attempt.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use stanch_model::manifest::{Call, HttpCall, Idempotency, Instance};

use super::{Found, Hands};
use crate::{
    Secret,
    http::{self, Request},
    imap, instance, ldap,
    outcome::Attempt,
    outside,
    render::{Context, Reference},
    secrets::{Redactor, SecretError},
    smtp, ssh,
    stream::Line,
    syslog,
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
        let (credential, inputs) = match self.secrets_of(found, context).await {
            Ok(secrets) => secrets,
            Err(attempt) => return attempt,
        };
        let told = credential.iter().chain(inputs.iter().map(|(_, secret)| secret));
        let redactor = Arc::new(Redactor::new(told));
        let context = context.revealing(inputs);
        let credential = credential.as_ref();
        let sending = async {
            match call {
                Call::Http(call) => {
                    let key = key.filter(|_| found.action.idempotency == Idempotency::Key);
                    match request(found, call, &context, key, credential) {
                        Ok(request) => Box::pin(self.http.send(request)).await,
                        Err(why) => Attempt::refused(why),
                    }
                }
                Call::Ssh(argv) => self.ssh(found, argv, &context, credential).await,
                Call::Ldap(call) => {
                    let line = self.line(found.instance, found.action.timeout, credential);
                    Box::pin(ldap::run(line, call, &context)).await
                }
                Call::Imap(call) => {
                    let line = self.line(found.instance, found.action.timeout, credential);
                    Box::pin(imap::run(line, call, &context)).await
                }
                Call::Smtp(call) => {
                    let line = self.line(found.instance, found.action.timeout, credential);
                    Box::pin(smtp::run(line, call, &context, key.unwrap_or_default())).await
                }
                Call::Syslog(call) => {
                    let line = self.line(found.instance, found.action.timeout, credential);
                    Box::pin(syslog::run(line, call, &context)).await
                }
                Call::Builtin(name) => {
                    Attempt::refused(format!("{name} is answered by the engine itself"))
                }
            }
        };
        redacted(outside::without(Arc::clone(&redactor), sending).await, &redactor)
    }

    pub(super) fn line<'a>(
        &'a self,
        instance: &'a Instance,
        timeout: Duration,
        secret: Option<&'a Secret>,
    ) -> Line<'a> {
        Line { client: &self.http, instance, secret, timeout }
    }

    /// The credential of an instance, if it has one.
    pub(super) async fn credential(&self, instance: &Instance) -> Result<Option<Secret>, Attempt> {
        let Some(reference) = &instance.credential else { return Ok(None) };
        self.secrets.resolve(reference).await.map(Some).map_err(|error| unsolved(instance, &error))
    }

    /// The credential, and the secrets that stand in the input, each by what stands for it.
    async fn secrets_of(
        &self,
        found: &Found<'_>,
        context: &Context,
    ) -> Result<(Option<Secret>, Vec<(String, Secret)>), Attempt> {
        let credential = self.credential(found.instance).await?;
        let mut inputs = Vec::new();
        for Reference { stand_in, name } in context.references() {
            let secret = self.secrets.input(name).await;
            let secret = secret.map_err(|error| unsolved(found.instance, &error))?;
            inputs.push((stand_in.clone(), secret));
        }
        Ok((credential, inputs))
    }

    async fn ssh(
        &self,
        found: &Found<'_>,
        argv: &[String],
        context: &Context,
        secret: Option<&Secret>,
    ) -> Attempt {
        let rendered: Result<Vec<String>, String> =
            argv.iter().map(|argument| context.open_text(argument)).collect();
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

fn unsolved(instance: &Instance, error: &SecretError) -> Attempt {
    Attempt::refused(instance::error(instance, outside::chain(error)).to_string())
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
pub(super) fn redacted(attempt: Attempt, redactor: &Redactor) -> Attempt {
    match attempt {
        Attempt::Answered(mut response) => {
            redactor.json(&mut response);
            Attempt::Answered(response)
        }
        Attempt::NotDone { why, retry, retry_after } => {
            Attempt::NotDone { why: redactor.text(&why), retry, retry_after }
        }
        Attempt::Unclear { why } => Attempt::Unclear { why: redactor.text(&why) },
    }
}
