//! The language as a tree; every part keeps its place in the text.
//!
//! ```yaml
//! playbook: contain-c2-beacon            # [a-z0-9-]+, unique
//! title: Stop a beacon                   # required
//! description: …                         # optional
//! max_mode: assist                       # shadow | assist | auto; assist if absent
//! on: { alert: "CEL, bool" }             # optional: only started by hand without it
//! steps:                                 # required, at least one
//!   - id: find                           # [a-z][a-z0-9_]*; needed where referenced
//!     do: edr.find_host                  # capability, connector.action or instance.action
//!     with: { address: "${{ alert.src.ip }}" }
//!     on_error: continue                 # fail (default) | continue
//!     expires: 8h                        # reversible actions only
//!     approve: { count: 2, within: 15m } # at least what the guard asks anyway
//!   - if: "steps.find.found"
//!     then: [ … ]
//!     else: [ … ]                        # optional
//!   - parallel: [ step, step ]           # every branch is one step; all are waited for
//!   - id: sure
//!     ask: "Is the host in use?"         # text, may hold ${{ }}
//!     options: [isolate, leave]
//!     within: 1h                         # required
//!     otherwise: leave                   # the answer if nobody answers; one of the options
//!   - wait: 10m
//!   - set: { vars.name: "${{ … }}" }     # written `name: value`, read as vars.name
//!   - end: succeeded                     # succeeded | failed; `note:` optional text
//!     note: nothing to do
//! ```
//!
//! Scope of expressions: `alert` (see `model::alert::context_schema`), `incident` (`id`, `title`,
//! `severity`), `vars`, `steps`, `SEVERITY`. `steps.ID` of a `do` holds the action's output properties
//! and `ok` (bool); of an `ask`, `answer` and `ok`. A step that did not run, or failed under
//! `on_error: continue`, reads as `ok: false` with the empty value of each declared type.

use std::time::Duration;

use serde_json::Value;
use stanch_expression::{Expression, Template};
use stanch_model::{Span, guard::Mode};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A playbook as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// Its name.
    pub name: Spanned<String>,
    /// In plain words.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// How far it may ever be trusted.
    pub max_mode: Mode,
    /// What starts it.
    pub on: Option<Trigger>,
    /// What it does.
    pub steps: Vec<Step>,
    /// The text it was read from.
    pub text: String,
    /// SHA-256 of the text.
    pub digest: String,
}

/// What starts a playbook by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// A new alert for which this is true; only `alert` is in scope.
    pub alert: Spanned<Expression>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The name that other steps use.
    pub id: Option<Spanned<String>>,
    /// Where the step stands.
    pub span: Span,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Calls an action.
    Do(Do),
    /// Takes one of two ways.
    If(If),
    /// Goes several ways at once and waits for all.
    Parallel(Vec<Step>),
    /// Asks people.
    Ask(Ask),
    /// Lets time pass.
    Wait(Spanned<Duration>),
    /// Gives names to values, in order.
    Set(Vec<(Spanned<String>, Arg)>),
    /// Ends the run.
    End(End),
}

impl StepKind {
    /// The key that names this kind in the text, and the kind on every surface.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Do(_) => "do",
            Self::If(_) => "if",
            Self::Parallel(_) => "parallel",
            Self::Ask(_) => "ask",
            Self::Wait(_) => "wait",
            Self::Set(_) => "set",
            Self::End(_) => "end",
        }
    }
}

/// Calls an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Do {
    /// Capability, `connector.action` or `instance.action`.
    pub name: Spanned<String>,
    /// Input properties.
    pub with: Vec<(Spanned<String>, Arg)>,
    /// How long the act stays; reversible actions only.
    pub expires: Option<Spanned<Duration>>,
    /// What approval it needs at least.
    pub approve: Option<Approve>,
    /// What happens if it fails.
    pub on_error: OnError,
}

/// What approval a step asks for, beyond what the guard asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// How many people.
    pub count: u32,
    /// How long the question stands.
    pub within: Option<Duration>,
    /// Where it stands.
    pub span: Span,
}

/// What happens if a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The run fails.
    #[default]
    Fail,
    /// The run goes on; `steps.ID.ok` is false.
    Continue,
}

/// A JSON value whose string leaves may hold `${{ }}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A number, boolean or null, as written.
    Literal(Spanned<Value>),
    /// A text; constant if it holds no `${{ }}`.
    Text(Spanned<Template>),
    /// A list.
    List(Spanned<Vec<Arg>>),
    /// A mapping.
    Map(Spanned<Vec<(Spanned<String>, Arg)>>),
}

impl Arg {
    /// Where it stands.
    #[must_use]
    pub const fn span(&self) -> Span {
        match self {
            Self::Literal(v) => v.span,
            Self::Text(v) => v.span,
            Self::List(v) => v.span,
            Self::Map(v) => v.span,
        }
    }

    /// All templates in it, with their places.
    pub fn templates<'a>(&'a self, found: &mut Vec<&'a Spanned<Template>>) {
        match self {
            Self::Literal(_) => {}
            Self::Text(text) => found.push(text),
            Self::List(list) => list.value.iter().for_each(|arg| arg.templates(found)),
            Self::Map(map) => map.value.iter().for_each(|(_, arg)| arg.templates(found)),
        }
    }
}

/// Takes one of two ways.
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// Must be bool.
    pub condition: Spanned<Expression>,
    /// If true.
    pub then: Vec<Step>,
    /// If false.
    pub otherwise: Vec<Step>,
}

/// Asks people.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The question.
    pub text: Spanned<Template>,
    /// The answers to choose from, at least two.
    pub options: Vec<Spanned<String>>,
    /// How long the question stands.
    pub within: Spanned<Duration>,
    /// The answer if nobody answers.
    pub otherwise: Spanned<String>,
}

/// Ends the run.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// True for `succeeded`, false for `failed`.
    pub succeeded: bool,
    /// Why, in plain words.
    pub note: Option<Spanned<Template>>,
}
