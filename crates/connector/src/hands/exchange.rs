//! One request, from manifest text to a classified attempt.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use stanch_model::manifest::{Call, HttpCall, Idempotency, Instance};

use super::{Errand, Found, Hands, http};
use crate::{
    Secret,
    contract::{First, Taped, rendered, rendered_first},
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
    /// Fills in and sends `call`. The errand's key is sent as `Idempotency-Key` where the action
    /// says so.
    pub(super) async fn call(
        &self,
        found: &Found<'_>,
        call: &Call,
        context: &Context,
        errand: Errand<'_>,
    ) -> Attempt {
        if let Err(why) = self.metered(found, call, errand).await {
            return Attempt::refused(why);
        }
        let (credential, inputs) = match self.secrets_of(found, context).await {
            Ok(secrets) => secrets,
            Err(attempt) => return attempt,
        };
        let told = credential.iter().chain(inputs.iter().map(|(_, secret)| secret));
        let redactor = Arc::new(Redactor::new(told));
        let hidden = context;
        let context = context.revealing(inputs);
        let credential = credential.as_ref();
        let sending = async {
            match call {
                Call::Http(call) => {
                    let key = errand.key().filter(|_| found.action.idempotency == Idempotency::Key);
                    self.http(found, call, &context, key, credential).await
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
                    Box::pin(smtp::run(line, call, &context, errand.key().unwrap_or_default()))
                        .await
                }
                Call::Syslog(call) => {
                    let line = self.line(found.instance, found.action.timeout, credential);
                    Box::pin(syslog::run(line, call, &context)).await
                }
                Call::Script(call) => {
                    Box::pin(self.script(found, call, &context, credential)).await
                }
                Call::Builtin(name) => {
                    Attempt::refused(format!("{name} is answered by the engine itself"))
                }
            }
        };
        let attempt = outside::without(Arc::clone(&redactor), sending).await;
        let mut attempt = redacted(attempt, &redactor);
        let first = match &mut attempt {
            Attempt::Answered(Value::Object(response)) => response.remove(http::FIRST),
            _ => None,
        };
        self.take_down(call, hidden, first, &attempt);
        attempt
    }

    /// Gives the tape, if there is one, what was said and heard; secrets by their names.
    fn take_down(&self, call: &Call, context: &Context, first: Option<Value>, attempt: &Attempt) {
        let (Some(tape), Attempt::Answered(response)) = (&self.tape, attempt) else { return };
        let names = context.references().iter();
        let names =
            names.map(|of| (of.stand_in.clone(), Secret::from(format!("secret:{}", of.name))));
        let mut context = context.revealing(names.collect());
        let mut said = Vec::new();
        if let (Call::Http(HttpCall { first: asked, .. }), Some(Value::Array(answers))) =
            (call, first)
        {
            for (number, (asked, response)) in asked.iter().zip(&answers).enumerate() {
                let request = rendered_first(asked, &context).unwrap_or_default();
                said.push(First { request, response: response.clone() });
                context = context.with_first(answers.iter().take(number + 1).cloned().collect());
            }
        }
        let request = rendered(call, &context).unwrap_or_default();
        tape.take_down(Taped { first: said, request, response: response.clone() });
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
