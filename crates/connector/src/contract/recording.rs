//! One example of an action, with what was said between us and the target.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use crate::manifest::source::Source;

/// One example of an action, with what was said between us and the target.
#[derive(Debug)]
pub struct Recording {
    /// The action.
    pub action: String,
    /// Title of the manifest's example that has input and output.
    pub example: String,
    /// Of what it was recorded, and when.
    pub recorded: String,
    /// What the requests were filled in with beside the input.
    pub setting: Setting,
    /// What was said, in order.
    pub exchanges: Vec<Exchange>,
    /// The text, for places.
    pub(crate) source: Source,
}

/// What requests are filled in with beside the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The idempotency key.
    pub key: String,
    /// How long the act stays.
    pub expires: Option<Duration>,
    /// The instance's `config`.
    pub config: BTreeMap<String, Value>,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Of what.
    pub part: Part,
    /// What came before the request.
    pub first: Vec<First>,
    /// The request as it was sent: for HTTP `method`, `path`, `headers` and `body` of the manifest;
    /// for others what stands in the call.
    pub request: Value,
    /// The answer, as expressions see it.
    pub response: Value,
    /// Of a check: whether the effect was there.
    pub done: Option<bool>,
}

/// A request that comes before another.
#[derive(Clone, Debug, PartialEq)]
pub struct First {
    /// What was asked.
    pub request: Value,
    /// What was answered.
    pub response: Value,
}

/// Which of an action's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The act or read itself.
    Call,
    /// `probe`.
    Probe,
    /// `verify`.
    Verify,
    /// `undo`.
    Undo,
    /// `verify` of the undo.
    UndoVerify,
}

impl Part {
    /// All of them, in the order in which a drill meets them.
    pub const ALL: [Self; 5] =
        [Self::Probe, Self::Call, Self::Verify, Self::Undo, Self::UndoVerify];

    /// As recordings write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Probe => "probe",
            Self::Verify => "verify",
            Self::Undo => "undo",
            Self::UndoVerify => "undo_verify",
        }
    }

    /// Whether it asks something, so that its answer is yes or no.
    #[must_use]
    pub const fn is_check(self) -> bool {
        matches!(self, Self::Probe | Self::Verify | Self::UndoVerify)
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}
