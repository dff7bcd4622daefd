//! What a step does, with everything resolved.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use stanch_expression::{Expression, Template};
use stanch_model::{
    ObservableKind,
    manifest::{ActionManifest, EffectClass},
};

use super::{Next, Shape};
use crate::ast::{Approve, Arg, Interpreter, OnError, Retry, Until};

/// One step.
#[derive(Clone, Debug)]
pub struct Node {
    /// The step's id, or `s` and its number in the text.
    pub id: String,
    /// Whether the text names it; what has no name, nothing reads.
    pub named: bool,
    /// In plain words.
    pub title: String,
    /// Line in the playbook, from 1.
    pub line: u32,
    /// In how many loops it stands.
    pub depth: usize,
    /// What it does.
    pub kind: NodeKind,
    /// What `steps.ID` reads as before the step ran.
    pub(crate) default: Arc<Value>,
}

/// What a step does, with everything resolved.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Calls an action.
    Do {
        /// The action.
        call: Box<DoCall>,
        /// Then.
        next: Next,
    },
    /// Runs a script.
    Script {
        /// The script.
        script: Box<ScriptCall>,
        /// Then.
        next: Next,
    },
    /// Takes one of two ways.
    If {
        /// Must be bool.
        condition: Expression,
        /// If true.
        then: Next,
        /// If false.
        otherwise: Next,
    },
    /// Takes one of several ways.
    Switch {
        /// What is compared.
        subject: Expression,
        /// The ways; the first with an equal constant is taken.
        cases: Vec<(Vec<Value>, Next)>,
        /// If none is; without it the step fails then.
        otherwise: Option<Next>,
    },
    /// Goes several ways at once.
    Parallel {
        /// The branches' first steps.
        branches: Vec<usize>,
        /// What it waits for.
        until: Until,
        /// Then.
        next: Next,
    },
    /// Does the same for each element of a list.
    ForEach {
        /// What, and how.
        each: Box<ForEachLoop>,
        /// Then.
        next: Next,
    },
    /// Does the same again and again.
    While {
        /// What, and how.
        repeat: Box<WhileLoop>,
        /// Then.
        next: Next,
    },
    /// Runs another playbook.
    Call {
        /// Which, and with what.
        call: Box<CallCall>,
        /// Then.
        next: Next,
    },
    /// Waits.
    Wait {
        /// For what.
        pause: Pause,
        /// Then.
        next: Next,
    },
    /// Asks people.
    Ask {
        /// What.
        ask: Box<AskCall>,
        /// Then.
        next: Next,
    },
    /// Gives names to values.
    Set {
        /// In order.
        values: Vec<(String, Arg)>,
        /// Then.
        next: Next,
    },
    /// Catches what fails.
    Try {
        /// What is done.
        body: Next,
        /// What is done if a step of it failed or was refused.
        handler: Next,
        /// Then.
        next: Next,
    },
    /// Ends the run.
    End {
        /// How.
        succeeded: bool,
        /// Why.
        note: Option<Template>,
    },
}

impl NodeKind {
    /// The key that names this kind in the text.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Do { .. } => "do",
            Self::Script { .. } => "script",
            Self::If { .. } => "if",
            Self::Switch { .. } => "switch",
            Self::Parallel { .. } => "parallel",
            Self::ForEach { .. } => "for_each",
            Self::While { .. } => "while",
            Self::Call { .. } => "call",
            Self::Wait { .. } => "wait",
            Self::Ask { .. } => "ask",
            Self::Set { .. } => "set",
            Self::Try { .. } => "try",
            Self::End { .. } => "end",
        }
    }

    /// Where the run goes when the step is done; nothing for those that choose, and for the end.
    #[must_use]
    pub const fn next(&self) -> Option<Next> {
        match self {
            Self::Do { next, .. }
            | Self::Script { next, .. }
            | Self::Parallel { next, .. }
            | Self::ForEach { next, .. }
            | Self::While { next, .. }
            | Self::Call { next, .. }
            | Self::Wait { next, .. }
            | Self::Ask { next, .. }
            | Self::Set { next, .. }
            | Self::Try { next, .. } => Some(*next),
            Self::If { .. } | Self::Switch { .. } | Self::End { .. } => None,
        }
    }

    /// What happens if the step fails.
    #[must_use]
    pub const fn on_error(&self) -> OnError {
        match self {
            Self::Do { call, .. } => call.on_error,
            Self::Script { script, .. } => script.on_error,
            Self::ForEach { each, .. } => each.on_error,
            Self::While { repeat, .. } => repeat.on_error,
            Self::Call { call, .. } => call.on_error,
            _ => OnError::Fail,
        }
    }

    /// How often it is tried again.
    #[must_use]
    pub const fn retry(&self) -> Option<Retry> {
        match self {
            Self::Do { call, .. } => call.retry,
            Self::Script { script, .. } => script.retry,
            _ => None,
        }
    }

    /// How long the step may take, all tries included.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        match self {
            Self::Do { call, .. } => call.timeout,
            Self::Script { script, .. } => Some(script.timeout),
            _ => None,
        }
    }

    /// What approval it asks for, beyond what the guard asks.
    #[must_use]
    pub const fn approve(&self) -> Option<&Approve> {
        match self {
            Self::Do { call, .. } => call.approve.as_ref(),
            Self::Script { script, .. } => script.approve.as_ref(),
            _ => None,
        }
    }
}

/// An action call, resolved against the catalog.
#[derive(Clone, Debug)]
pub struct DoCall {
    /// What the playbook calls it.
    pub name: String,
    /// The instance that acts.
    pub instance: String,
    /// The connector behind it.
    pub connector: String,
    /// The action's name in the manifest.
    pub action: String,
    /// The action.
    pub manifest: ActionManifest,
    /// True where the target is the practice target.
    pub practice: bool,
    /// Digest of the manifest.
    pub digest: String,
    /// Input.
    pub with: Vec<(String, Arg)>,
    /// How often it is tried again.
    pub retry: Option<Retry>,
    /// How long it may take, all tries included.
    pub timeout: Option<Duration>,
    /// How long the act stays.
    pub expires: Option<Duration>,
    /// What approval it needs at least.
    pub approve: Option<Approve>,
    /// What happens if it fails.
    pub on_error: OnError,
    /// The manifest's input schema, ready for use: making it costs more than a whole event.
    pub(crate) input: Shape,
}

/// A script, and what it may do.
#[derive(Clone, Debug)]
pub struct ScriptCall {
    /// What runs it.
    pub interpreter: Interpreter,
    /// The script.
    pub code: String,
    /// Digest of everything that it is, as a manifest's: what an approval binds to.
    pub digest: String,
    /// What it reads from its standard input.
    pub with: Vec<(String, Arg)>,
    /// JSON Schema of what it writes to its standard output.
    pub output: Value,
    /// What it does to the world.
    pub effect: EffectClass,
    /// What it acts on.
    pub target: Option<(ObservableKind, Template)>,
    /// `host:port` pairs that it may reach.
    pub network: Vec<String>,
    /// How often it is tried again.
    pub retry: Option<Retry>,
    /// How long it may take, all tries included.
    pub timeout: Duration,
    /// What approval it needs at least.
    pub approve: Option<Approve>,
    /// What happens if it fails.
    pub on_error: OnError,
    pub(crate) shape: Shape,
}

impl ScriptCall {
    /// The properties of its input that are nothing but a secret.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let secret = self.with.iter().filter(|(_, arg)| arg.secret().is_some());
        secret.map(|(name, _)| name.clone()).collect()
    }
}

/// A loop over a list.
#[derive(Clone, Debug)]
pub struct ForEachLoop {
    /// Must be a list.
    pub list: Expression,
    /// What the element is called inside.
    pub name: String,
    /// How many turns at once.
    pub width: usize,
    /// The longest list.
    pub limit: usize,
    /// Where a turn begins.
    pub body: Next,
    /// The named steps of a turn, which stand in its results.
    pub inside: Vec<usize>,
    /// What happens if a turn fails.
    pub on_error: OnError,
}

/// A loop on a condition.
#[derive(Clone, Debug)]
pub struct WhileLoop {
    /// Must be bool; looked at before each turn.
    pub condition: Expression,
    /// How many turns at the most.
    pub turns: usize,
    /// Where a turn begins.
    pub body: Next,
    /// What happens if a turn fails, or the turns are used up.
    pub on_error: OnError,
}

/// A call of another playbook.
#[derive(Clone, Debug)]
pub struct CallCall {
    /// Its name.
    pub playbook: String,
    /// What it is given.
    pub with: Vec<(String, Arg)>,
    /// What happens if it fails.
    pub on_error: OnError,
}

/// What a `wait` waits for.
#[derive(Clone, Debug)]
pub enum Pause {
    /// So long.
    For(Duration),
    /// Until the moment that the expression gives as an RFC 3339 text.
    Until(Expression),
    /// Until somebody outside says so.
    Signal {
        /// The signal's name.
        name: String,
        /// How long it is waited for.
        within: Duration,
    },
}

/// A question to people.
#[derive(Clone, Debug)]
pub struct AskCall {
    /// The question.
    pub text: Template,
    /// What an answer looks like.
    pub question: Question,
    /// How long it stands.
    pub within: Duration,
    /// The group that is asked; everybody who may if none is named.
    pub by: Option<String>,
}

/// What an answer looks like.
#[derive(Clone, Debug)]
pub enum Question {
    /// One of some words.
    Decision {
        /// The words.
        options: Vec<String>,
        /// The answer if nobody answers.
        otherwise: String,
    },
    /// A value for each field.
    Form(Form),
}

/// The fields that people fill in.
#[derive(Clone, Debug)]
pub struct Form {
    /// JSON Schema of the whole.
    pub schema: Value,
    pub(crate) shape: Shape,
}
