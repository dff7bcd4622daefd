//! Scripts of playbooks: run in the sandbox, or not at all.

use stanch_connector::{StepScript, script::ScriptError};
use stanch_model::{RunId, manifest::EffectClass, plan::StepKey};
use stanch_playbook::{RunEvent, run::ScriptJob};

use super::Acting;

impl Acting {
    /// Runs a script. One that acts has its intent on disk: what comes back is an act's outcome.
    #[tracing::instrument(name = "engine.acting.script", skip_all, fields(%run, step = %key))]
    pub async fn script(&self, run: RunId, key: StepKey, job: &ScriptJob) -> RunEvent {
        let reads = job.action.effect == EffectClass::Read;
        if !reads && self.is_stopped().await {
            let why = "the kill switch was engaged before the script was started".to_owned();
            return RunEvent::Failed { key, why };
        }
        let script = StepScript {
            interpreter: job.interpreter,
            code: &job.code,
            input: &job.action.input,
            secrets: &job.secrets,
            network: &job.network,
            timeout: job.timeout,
        };
        match self.hands.script_of_step(script).await {
            Ok(output) if reads => RunEvent::Read { key, output },
            Ok(output) => RunEvent::Accepted { key, output },
            Err(error) => failed(key, &error, reads),
        }
    }
}

/// A script that acts and was cut off may have done it, and there is nobody to ask.
fn failed(key: StepKey, error: &ScriptError, reads: bool) -> RunEvent {
    let why = error.to_string();
    if reads || error.nothing_done {
        RunEvent::Failed { key, why }
    } else {
        RunEvent::Unsure { key, why }
    }
}
