//! Steps that say where a run goes.

use serde_json::Value;
use stanch_expression::{Expression, Template};
use stanch_model::Span;

use super::{OnError, Spanned, Step};

/// Turns of a `for_each` at once, if it does not say.
pub const WIDTH: u32 = 1;

/// Turns of a `for_each` at once, at the most.
pub const WIDTH_MAX: u32 = 32;

/// Longest list of a `for_each`, if it does not say.
pub const LIMIT: u32 = 100;

/// Longest list of a `for_each`, at the most.
pub const LIMIT_MAX: u32 = 1_000;

/// Turns of a `while`, at the most.
pub const TURNS_MAX: u32 = 1_000;

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

/// Takes one of several ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// What is compared.
    pub subject: Spanned<Expression>,
    /// The ways; the first with an equal constant is taken.
    pub cases: Vec<Case>,
    /// If none is; absent where every value is covered.
    pub otherwise: Option<Vec<Step>>,
}

/// One way of a `switch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Constants, at least one: texts, numbers, booleans, null.
    pub values: Vec<Spanned<Value>>,
    /// What is done.
    pub then: Vec<Step>,
    /// Where it stands.
    pub span: Span,
}

/// Goes several ways at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Parallel {
    /// At least two, each one step.
    pub branches: Vec<Step>,
    /// What it waits for.
    pub until: Until,
}

/// What a `parallel` waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// All branches.
    #[default]
    All,
    /// The first branch that succeeds; it ends the others.
    Any,
}

/// Does the same for each element of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ForEach {
    /// Must be a list.
    pub list: Spanned<Expression>,
    /// What the element is called inside.
    pub name: Spanned<String>,
    /// How many turns at once.
    pub width: u32,
    /// The longest list; a longer one fails the step.
    pub limit: u32,
    /// What is done.
    pub steps: Vec<Step>,
    /// What happens if a turn fails.
    pub on_error: OnError,
}

/// Does the same again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct While {
    /// Must be bool; looked at before each turn.
    pub condition: Spanned<Expression>,
    /// How many turns at the most; when they are used up, the step fails.
    pub turns: Spanned<u32>,
    /// What is done.
    pub steps: Vec<Step>,
    /// What happens if a turn fails or the turns are used up.
    pub on_error: OnError,
}

/// Catches what fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// What is done.
    pub steps: Vec<Step>,
    /// What is done if a step of it failed or was refused.
    pub on_error: Vec<Step>,
}

/// Ends the run.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// True for `succeeded`, false for `failed`.
    pub succeeded: bool,
    /// Why, in plain words.
    pub note: Option<Spanned<Template>>,
}
