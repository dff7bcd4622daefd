//! Steps that touch something outside of the run: actions, scripts, other playbooks.

use std::time::Duration;

use serde_json::{Map, Value};
use stanch_expression::Template;
use stanch_model::{ObservableKind, Span, manifest::EffectClass};

use super::{Arg, Field, Spanned};

/// How long a script may take if its step does not say.
pub const SCRIPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Calls an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Do {
    /// Capability, `connector.action` or `instance.action`.
    pub name: Spanned<String>,
    /// Input properties.
    pub with: Vec<(Spanned<String>, Arg)>,
    /// How often it is tried again.
    pub retry: Option<Retry>,
    /// How long the step may take, all retries included.
    pub timeout: Option<Spanned<Duration>>,
    /// What `steps.ID` reads as if it failed or did not run; where silent, the empty value counts.
    pub default: Option<Spanned<Map<String, Value>>>,
    /// How long the act stays; reversible actions only.
    pub expires: Option<Spanned<Duration>>,
    /// What approval it needs at least.
    pub approve: Option<Approve>,
    /// What happens if it fails.
    pub on_error: OnError,
}

/// Runs a script in a sandbox: `with` as one JSON object in, one JSON object out.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// What runs it.
    pub interpreter: Spanned<Interpreter>,
    /// The script.
    pub code: Spanned<String>,
    /// What it reads from its standard input.
    pub with: Vec<(Spanned<String>, Arg)>,
    /// What it writes to its standard output, all of it required.
    pub output: Vec<Field>,
    /// What it does to the world: `read` or `irreversible`.
    pub effect: EffectClass,
    /// What it acts on; there if and only if it is irreversible.
    pub target: Option<ScriptTarget>,
    /// `host:port` pairs that it may reach.
    pub network: Vec<Spanned<String>>,
    /// How often it is tried again; reads only.
    pub retry: Option<Retry>,
    /// How long it may take, all retries included; [`SCRIPT_TIMEOUT`] if absent.
    pub timeout: Option<Spanned<Duration>>,
    /// What `steps.ID` reads as if it failed or did not run; where silent, the empty value counts.
    pub default: Option<Spanned<Map<String, Value>>>,
    /// What approval it needs at least; irreversible scripts only.
    pub approve: Option<Approve>,
    /// What happens if it fails.
    pub on_error: OnError,
}

pub use stanch_model::manifest::Interpreter;

/// What a script acts on.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptTarget {
    /// What kind of thing it is; the value is canonicalised as that.
    pub kind: ObservableKind,
    /// Which one.
    pub value: Spanned<Template>,
    /// Where it stands.
    pub span: Span,
}

/// How often a step is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often after the first time, from 1 to 10.
    pub times: u32,
    /// Pause before the first of them; it doubles each time, up to an hour.
    pub every: Duration,
    /// Where it stands.
    pub span: Span,
}

/// What approval a step asks for, beyond what the guard asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// The group of which they have to be.
    pub by: Option<Spanned<String>>,
    /// How many people.
    pub count: u32,
    /// How long the question stands.
    pub within: Option<Duration>,
    /// What happens if nobody answers in time.
    pub otherwise: Otherwise,
    /// Where it stands.
    pub span: Span,
}

/// What happens if nobody approves in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otherwise {
    /// It counts as a no.
    #[default]
    Deny,
    /// The target's owner is asked, else the admins, once; then it counts as a no.
    Escalate,
}

/// What happens if a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The run fails, or the `try` around it catches it.
    #[default]
    Fail,
    /// The run goes on; `steps.ID.ok` is false.
    Continue,
}

/// Runs another playbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its name.
    pub playbook: Spanned<String>,
    /// After its inputs.
    pub with: Vec<(Spanned<String>, Arg)>,
    /// What happens if it fails.
    pub on_error: OnError,
}
