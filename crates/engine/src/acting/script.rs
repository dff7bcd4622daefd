//! Scripts: run in a sandbox, or not at all.

use stanch_model::{RunId, plan::StepKey};
use stanch_playbook::{RunEvent, run::ScriptJob};

use super::Acting;

impl Acting {
    /// Runs a script. One that acts has its intent on disk: what comes back is an act's outcome.
    pub async fn script(&self, run: RunId, key: StepKey, job: &ScriptJob) -> RunEvent {
        let word = job.interpreter.word();
        tracing::warn!(%run, step = %key, interpreter = word, "a script was asked for");
        RunEvent::Failed { key, why: "this build has no sandbox".to_owned() }
    }
}
