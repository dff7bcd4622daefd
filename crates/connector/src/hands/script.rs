//! Scripts: of a manifest's action, and of a playbook's step.

use std::time::Duration;

use serde_json::{Value, json};
use stanch_model::manifest::{Interpreter, ScriptCall, ScriptLayer};

use super::{Found, Hands};
use crate::{
    Secret,
    outcome::Attempt,
    outside,
    render::Context,
    script::{Limits, Script, ScriptError},
    secrets::Redactor,
};

/// A script that stands in a playbook.
#[derive(Clone, Copy, Debug)]
pub struct StepScript<'a> {
    /// What it is written in.
    pub interpreter: Interpreter,
    /// Its text. Nothing is filled in.
    pub code: &'a str,
    /// What it reads from standard input.
    pub input: &'a Value,
    /// The properties of the input that are references to secrets.
    pub secrets: &'a [String],
    /// `HOST:PORT` of everything that it can reach.
    pub network: &'a [String],
    /// How long it may take.
    pub timeout: Duration,
}

impl Hands {
    /// Runs a playbook's script, with the secrets that it takes opened for this one run and struck out of
    /// what comes back.
    ///
    /// # Errors
    /// Why it gave no answer, and whether it is certain that it did nothing.
    pub async fn script_of_step(&self, step: StepScript<'_>) -> Result<Value, ScriptError> {
        let (mut input, mut told) = (step.input.clone(), Vec::new());
        for property in step.secrets {
            let reference = input.get(property).and_then(|value| value.get("secret"));
            let Some(name) = reference.and_then(Value::as_str).map(str::to_owned) else { continue };
            let opened = self.secrets.input(&name).await;
            let secret: Secret =
                opened.map_err(|error| ScriptError::not_started(outside::chain(&error)))?;
            if let Value::Object(map) = &mut input {
                map.insert(property.clone(), Value::from(secret.expose()));
            }
            told.push(secret);
        }
        let redactor = Redactor::new(told.iter());
        let limits = Limits { wall: step.timeout, cpu: step.timeout, ..Limits::default() };
        let script = Script {
            network: step.network,
            limits,
            ..Script::new(step.interpreter, step.code, &input)
        };
        match self.scripts.run(script).await {
            Ok(mut output) => {
                redactor.json(&mut output);
                Ok(output)
            }
            Err(error) => Err(ScriptError { why: redactor.text(&error.why), ..error }),
        }
    }

    pub(super) async fn script(
        &self,
        found: &Found<'_>,
        call: &ScriptCall,
        context: &Context,
        secret: Option<&Secret>,
    ) -> Attempt {
        let mut variables = context.variables();
        if let Some(secret) = secret {
            variables.insert("credential".to_owned(), secret.expose().into());
        }
        let input = Value::Object(variables);
        let time = found.action.timeout;
        let script = Script {
            network: &call.network,
            allow_private: found.instance.allow_private,
            needs_bubblewrap: call.requires.contains(&ScriptLayer::Bubblewrap),
            limits: Limits { wall: time, cpu: time, ..Limits::default() },
            ..Script::new(call.interpreter, &call.code, &input)
        };
        match self.scripts.run(script).await {
            Ok(answer) => Attempt::Answered(json!({ "body": answer })),
            Err(error) if error.nothing_done => {
                let (why, retry) = (error.to_string(), error.retry);
                Attempt::NotDone { why, retry, retry_after: None }
            }
            Err(error) => Attempt::unclear(error.to_string()),
        }
    }
}
