//! What a run asks its driver to do.

use std::time::Duration;

use serde_json::{Map, Value};
use stanch_model::{
    RunId, Time,
    plan::{PlannedAction, StepKey},
    run::RunState,
};

use crate::ast::Interpreter;

/// What a run asks its driver to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Journal the plan of a step.
    Plan {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Ask a target something.
    Read {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
        /// Whether plan and shadow leave it out (it discloses, or writes into our own books).
        live_only: bool,
    },
    /// Run a script. One that acts has its intent on disk; its outcome is an act's.
    Script {
        /// The step.
        key: StepKey,
        /// The script.
        job: Box<ScriptJob>,
        /// Whether plan and shadow leave it out.
        live_only: bool,
    },
    /// Ask the guard, then people or nobody, then commit the intent.
    Authorise {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Act. The intent is on disk.
    Act {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Find out whether an act happened.
    Probe {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
    },
    /// Ask the target until the effect is seen.
    Verify {
        /// The step.
        key: StepKey,
        /// The action.
        action: Box<PlannedAction>,
        /// What the act returned.
        output: Value,
    },
    /// Set a timer.
    Sleep {
        /// The step.
        key: StepKey,
        /// When it fires.
        due_at: Time,
    },
    /// Note a moment until which something has to be done. It needs no record of its own: the run knows
    /// it from the record that the effect came of, with which it is to be written.
    Deadline {
        /// The step; the run if there is none.
        key: Option<StepKey>,
        /// The moment.
        due_at: Time,
    },
    /// Put a question to people.
    Ask {
        /// The step.
        key: StepKey,
        /// The question.
        question: Box<Asked>,
    },
    /// Wait for a signal.
    Listen {
        /// The step.
        key: StepKey,
        /// Its name.
        signal: String,
        /// When it lapses.
        due_at: Time,
    },
    /// Start a run of another playbook.
    Call {
        /// The step.
        key: StepKey,
        /// The playbook.
        playbook: String,
        /// What it is given.
        inputs: Map<String, Value>,
    },
    /// Stop the run of a called playbook.
    CallOff {
        /// The step.
        key: StepKey,
        /// Its run.
        run: RunId,
        /// Why.
        why: String,
    },
    /// Journal the end.
    End {
        /// How.
        state: RunState,
        /// Why.
        note: String,
    },
}

/// A script with everything that it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptJob {
    /// What it is, as plan, guard and audit see it. Its input is what the script reads.
    pub action: PlannedAction,
    /// What runs it.
    pub interpreter: Interpreter,
    /// The script.
    pub code: String,
    /// `host:port` pairs that it may reach.
    pub network: Vec<String>,
    /// The properties of its input that the playbook's text fills with secrets; whatever else in it looks
    /// like a reference is data.
    pub secrets: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

/// A question to people.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The question.
    pub text: String,
    /// How long it stands.
    pub within: Duration,
    /// The group that is asked; everybody who may if none is named.
    pub by: Option<String>,
    /// The answers to choose from; none for a form.
    pub options: Vec<String>,
    /// The answer if nobody answers; empty for a form.
    pub otherwise: String,
    /// JSON Schema of the form's values.
    pub form: Option<Value>,
}

impl Effect {
    /// The step that it is for; none for the end.
    #[must_use]
    pub const fn key(&self) -> Option<&StepKey> {
        match self {
            Self::Plan { key, .. }
            | Self::Read { key, .. }
            | Self::Script { key, .. }
            | Self::Authorise { key, .. }
            | Self::Act { key, .. }
            | Self::Probe { key, .. }
            | Self::Verify { key, .. }
            | Self::Sleep { key, .. }
            | Self::Ask { key, .. }
            | Self::Listen { key, .. }
            | Self::Call { key, .. }
            | Self::CallOff { key, .. } => Some(key),
            Self::Deadline { key, .. } => key.as_ref(),
            Self::End { .. } => None,
        }
    }
}
