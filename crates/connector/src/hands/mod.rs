//! The hands: act, look up, verify and undo one planned action at its target.
//!
//! No loops and no memory: one call here is at most one request that changes something. When to
//! ask again, and whether to act at all, is the engine's business.

mod exchange;
mod found;
mod http;
mod mail;
mod meter;
mod script;
mod seen;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};
use stanch_model::{
    manifest::{Catalog, Check, EffectClass, Verify},
    plan::PlannedAction,
};

pub use self::script::StepScript;
use crate::{
    Secrets,
    contract::Tape,
    http::Client,
    outcome::{self, Attempt, HandError, Outcome, Presence},
    render::Context,
    schema,
    script::Scripts,
};
pub(crate) use found::Found;
pub(crate) use http::alone;
use meter::Errand;
pub use meter::Meter;

/// What a probe saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Whether the effect is there.
    pub presence: Presence,
    /// What else the undo has to know of the target as it is now, by the manifest's `before`: an
    /// object, empty where the manifest asks for nothing.
    pub before: Value,
}

/// Calls the targets of one catalog. Cheap to clone.
#[derive(Clone)]
pub struct Hands {
    catalog: Arc<Catalog>,
    secrets: Secrets,
    http: Client,
    tape: Option<Tape>,
    scripts: Scripts,
    meter: Option<Arc<dyn Meter>>,
}

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hands").field("catalog", &self.catalog).finish_non_exhaustive()
    }
}

impl Hands {
    /// Hands for `catalog`, with the system's resolver.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, secrets: Secrets) -> Self {
        Self::with_client(catalog, secrets, Client::default())
    }

    /// The same with a client of the caller's, which may resolve names in its own way.
    #[must_use]
    pub fn with_client(catalog: Arc<Catalog>, secrets: Secrets, http: Client) -> Self {
        Self { catalog, secrets, http, tape: None, scripts: Scripts::none(), meter: None }
    }

    /// The same with a meter, which counts requests against the quotas of manifests.
    #[must_use]
    pub fn with_meter(self, meter: Arc<dyn Meter>) -> Self {
        Self { meter: Some(meter), ..self }
    }

    /// The same with a tape, which takes down what is said and heard.
    #[must_use]
    pub fn with_tape(self, tape: Tape) -> Self {
        Self { tape: Some(tape), ..self }
    }

    /// The same with scripts; without, each is refused.
    #[must_use]
    pub fn with_scripts(self, scripts: Scripts) -> Self {
        Self { scripts, ..self }
    }

    /// Sends the act, once. `key` is the idempotency key: the same on every retry.
    ///
    /// Refused before anything is sent: a manifest that is not the planned one, an input that
    /// does not fit its schema, an input that names another target than the plan.
    #[tracing::instrument(
        name = "connector.act",
        skip_all,
        fields(instance = %action.instance, action = %action.action, step = %action.key)
    )]
    pub async fn act(&self, action: &PlannedAction, key: &str) -> Outcome {
        let found = match Found::planned(&self.catalog, action) {
            Ok(found) => found,
            Err(why) => return failed(why),
        };
        let context = found.context(action, key);
        match self.call(&found, &found.action.call, &context, Errand::Act(key)).await {
            Attempt::Answered(response) => {
                let context = context.with_response(response);
                match output(&found, &context) {
                    Ok(output) => Outcome::Accepted { output },
                    Err(why) => outcome::unclear(
                        action.effect,
                        format!("the target accepted, but its answer is not as expected: {why}"),
                    ),
                }
            }
            other => ended(action.effect, other),
        }
    }

    /// Whether the effect is in the target, by the manifest's `probe`. `output` is what the act
    /// returned, null where nobody knows; probes do not use it.
    ///
    /// # Errors
    /// An action without probe; a question that got no usable answer.
    pub async fn probe(
        &self,
        action: &PlannedAction,
        key: &str,
        output: &Value,
    ) -> Result<Presence, HandError> {
        let found = Found::any(&self.catalog, action).map_err(refused)?;
        let Some(check) = &found.action.probe else {
            return Err(refused(format!("{} has no probe", action.name)));
        };
        let present = self.ask(&found, action, key, output, check).await?;
        Ok(presence(present))
    }

    /// The same before the act: what is there, and what the undo will have to go back to.
    ///
    /// # Errors
    /// An action without probe; a question that got no usable answer.
    pub async fn look(&self, action: &PlannedAction, key: &str) -> Result<Look, HandError> {
        let found = Found::any(&self.catalog, action).map_err(refused)?;
        let Some(check) = &found.action.probe else {
            return Err(refused(format!("{} has no probe", action.name)));
        };
        let context = self.answer(&found, action, key, &Value::Null, check).await?;
        let read = || -> Result<Look, String> {
            let present = context.condition(&check.done)?;
            let each = check.before.iter();
            let before: Result<Map<String, Value>, String> =
                each.map(|(name, of)| Ok((name.clone(), context.value(of)?))).collect();
            Ok(Look { presence: presence(present), before: Value::Object(before?) })
        };
        read().map_err(|why| unexpected(&found, &why))
    }

    /// Asks once whether the effect is seen; actions without `verify` are done when accepted.
    ///
    /// # Errors
    /// A question that got no usable answer.
    pub async fn verify(
        &self,
        action: &PlannedAction,
        key: &str,
        output: &Value,
    ) -> Result<bool, HandError> {
        let found = Found::any(&self.catalog, action).map_err(refused)?;
        let Some(verify) = &found.action.verify else { return Ok(true) };
        let check = check(verify);
        self.ask(&found, action, key, output, &check).await
    }

    /// Takes the act back. `key` is the act's own; targets get it with `.undo` at its end, so
    /// that they do not take the undo for the act come twice. `output` is what is on record of the
    /// act: what it returned, and in its property `before` what [`Self::look`] saw before it.
    #[tracing::instrument(
        name = "connector.undo",
        skip_all,
        fields(instance = %action.instance, action = %action.action, step = %action.key)
    )]
    pub async fn undo(&self, action: &PlannedAction, key: &str, output: &Value) -> Outcome {
        let found = match Found::any(&self.catalog, action) {
            Ok(found) => found,
            Err(why) => return failed(why),
        };
        let Some(undo) = &found.action.undo else {
            return failed(format!("{} has no undo", action.name));
        };
        let context = found.context(action, key).with_output(output);
        let key = format!("{key}.undo");
        match self.call(&found, &undo.call, &context, Errand::Undo(&key)).await {
            Attempt::Answered(_) => Outcome::Accepted { output: Value::Object(Map::new()) },
            other => ended(action.effect, other),
        }
    }

    /// Asks once whether the effect is seen to be gone.
    ///
    /// # Errors
    /// An action without undo; a question that got no usable answer.
    pub async fn undo_verify(
        &self,
        action: &PlannedAction,
        key: &str,
        output: &Value,
    ) -> Result<bool, HandError> {
        let found = Found::any(&self.catalog, action).map_err(refused)?;
        let Some(undo) = &found.action.undo else {
            return Err(refused(format!("{} has no undo", action.name)));
        };
        let check = check(&undo.verify);
        self.ask(&found, action, key, output, &check).await
    }

    async fn ask(
        &self,
        found: &Found<'_>,
        action: &PlannedAction,
        key: &str,
        output: &Value,
        check: &Check,
    ) -> Result<bool, HandError> {
        let context = self.answer(found, action, key, output, check).await?;
        context.condition(&check.done).map_err(|why| unexpected(found, &why))
    }

    /// The variables of a check, with what the target answered.
    async fn answer(
        &self,
        found: &Found<'_>,
        action: &PlannedAction,
        key: &str,
        output: &Value,
        check: &Check,
    ) -> Result<Context, HandError> {
        let context = found.context(action, key).with_output(output);
        let response =
            self.call(found, &check.call, &context, Errand::Question).await.into_answer()?;
        Ok(context.with_response(response))
    }
}

fn check(verify: &Verify) -> Check {
    let (call, done) = (verify.call.clone(), verify.done.clone());
    Check { call, done, before: BTreeMap::new() }
}

const fn presence(present: bool) -> Presence {
    if present { Presence::Present } else { Presence::Absent }
}

fn unexpected(found: &Found<'_>, why: &str) -> HandError {
    let why = format!("the answer of {} is not as expected: {why}", found.instance.name);
    HandError { why, retry: true }
}

/// The output after `returns`, checked against the output's schema.
pub(crate) fn output(found: &Found<'_>, context: &Context) -> Result<Value, String> {
    let mut output = Map::new();
    for (name, expression) in &found.action.returns {
        output.insert(name.clone(), context.value(expression)?);
    }
    let mut output = Value::Object(output);
    context.conceal(&mut output);
    schema::check(&found.action.output, &output)?;
    Ok(output)
}

fn ended(effect: EffectClass, attempt: Attempt) -> Outcome {
    match attempt {
        Attempt::NotDone { why, retry, retry_after } => Outcome::Failed { why, retry, retry_after },
        Attempt::Unclear { why } => outcome::unclear(effect, why),
        Attempt::Answered(_) => unreachable!("invariant: answers are taken before"),
    }
}

const fn failed(why: String) -> Outcome {
    Outcome::Failed { why, retry: false, retry_after: None }
}

const fn refused(why: String) -> HandError {
    HandError { why, retry: false }
}
