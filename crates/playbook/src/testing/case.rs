//! A case: what a run is given, and what must have happened at its end.

use serde_json::Value;
use stanch_model::{Span, guard::Mode, run::RunState};

use crate::ast::Spanned;

/// One case of a test file.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What it shows; different from the other cases of the file.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What expressions see as `alert`: every key of `Alert::context`, empty where the case says nothing.
    pub alert: Value,
    /// What expressions see as `incident`.
    pub incident: Value,
    /// How far the playbook is trusted; if absent `assist`, or `max_mode` where that is less.
    pub mode: Option<Spanned<Mode>>,
    /// What connectors and people answer, by step id or name after `do:`.
    pub answers: Vec<(Spanned<String>, Answer)>,
    /// The answer to every approval that is asked for.
    pub approve: bool,
    /// What must have happened.
    pub expect: Expect,
}

/// What a connector or a person answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The action's output.
    Output(Value),
    /// The action fails so.
    Error(String),
    /// One of the options of an `ask`.
    Word(String),
}

/// What must have happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// The acts that were sent, in the order of the intents.
    pub actions: Vec<Act>,
    /// The names of the reads, in order; not looked at if absent.
    pub reads: Option<Vec<String>>,
    /// How it ended; none if the trigger does not hold.
    pub state: Option<RunState>,
}

/// An act that was sent to a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The name after `do:`.
    pub name: String,
    /// The canonical value of its target; none where the action names no target.
    pub target: Option<String>,
}

impl Case {
    /// The answer for a step: that for its id, or that for the action's name.
    #[must_use]
    pub fn answer(&self, id: &str, name: &str) -> Option<&Answer> {
        let find = |wanted: &str| self.answers.iter().find(|(key, _)| key.value == wanted);
        find(id).or_else(|| find(name)).map(|(_, answer)| answer)
    }
}

/// The words for how a case may end.
pub(super) const STATES: [(&str, Option<RunState>); 4] = [
    ("succeeded", Some(RunState::Succeeded)),
    ("failed", Some(RunState::Failed)),
    ("refused", Some(RunState::Refused)),
    ("not_started", None),
];
