//! The hands: act, look up, verify and undo one planned action at its target.
//!
//! No loops and no memory: one call here is at most one request that changes something. When to
//! ask again, and whether to act at all, is the engine's business.

mod exchange;
mod found;

use std::sync::Arc;

use serde_json::{Map, Value};
use stanch_model::{
    manifest::{Catalog, Check},
    plan::PlannedAction,
};

use crate::{
    Secrets,
    http::Client,
    outcome::{self, Attempt, HandError, Outcome, Presence},
    schema,
};
use found::Found;

/// Calls the targets of one catalog. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hands {
    catalog: Arc<Catalog>,
    secrets: Secrets,
    http: Client,
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
        Self { catalog, secrets, http }
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
        match self.call(&found, &found.action.call, &context, Some(key)).await {
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
            other => ended(action, other),
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
        Ok(if present { Presence::Present } else { Presence::Absent })
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
        let check = Check { call: verify.call.clone(), done: verify.done.clone() };
        self.ask(&found, action, key, output, &check).await
    }

    /// Takes the act back. `key` is the act's own; targets get it with `.undo` at its end, so
    /// that they do not take the undo for the act come twice. `output` is what the act returned.
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
        match self.call(&found, &undo.call, &context, Some(&key)).await {
            Attempt::Answered(_) => Outcome::Accepted { output: Value::Object(Map::new()) },
            other => ended(action, other),
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
        let check = Check { call: undo.verify.call.clone(), done: undo.verify.done.clone() };
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
        let context = found.context(action, key).with_output(output);
        let response = self.call(found, &check.call, &context, None).await.into_answer()?;
        let truth = context.with_response(response).condition(&check.done);
        truth.map_err(|why| HandError {
            why: format!("the answer of {} is not as expected: {why}", found.instance.name),
            retry: true,
        })
    }
}

/// The output after `returns`, checked against the output's schema.
fn output(found: &Found<'_>, context: &crate::render::Context) -> Result<Value, String> {
    let mut output = Map::new();
    for (name, expression) in &found.action.returns {
        output.insert(name.clone(), context.value(expression)?);
    }
    let output = Value::Object(output);
    schema::check(&found.action.output, &output)?;
    Ok(output)
}

fn ended(action: &PlannedAction, attempt: Attempt) -> Outcome {
    match attempt {
        Attempt::NotDone { why, retry, retry_after } => Outcome::Failed { why, retry, retry_after },
        Attempt::Unclear { why } => outcome::unclear(action.effect, why),
        Attempt::Answered(_) => unreachable!("invariant: answers are taken before"),
    }
}

const fn failed(why: String) -> Outcome {
    Outcome::Failed { why, retry: false, retry_after: None }
}

const fn refused(why: String) -> HandError {
    HandError { why, retry: false }
}
