//! What can be wrong with an expression: in its text, in its types, and in the data it meets.
//!
//! Offsets and lengths are in bytes of the text that was handed in. All messages are lower case,
//! without a final stop; `help` says how to mend it.

/// A text that is no expression, or is too large to be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// What is wrong.
    pub message: String,
    /// Where it begins.
    pub offset: usize,
    /// How far it goes; 0 at the end of the text.
    pub length: usize,
    /// How to mend it.
    pub help: String,
}

impl CompileError {
    pub(crate) fn new(
        offset: usize,
        length: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { message: message.into(), offset, length, help: help.into() }
    }

    pub(crate) fn shifted(self, by: usize) -> Self {
        Self { offset: self.offset.saturating_add(by), ..self }
    }
}

/// What kind of thing went wrong at evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalErrorKind {
    /// A variable or property that is not there.
    Missing,
    /// A value of a type that the operator or function does not take.
    Type,
    /// Overflow, division by zero, a text that is no number.
    Value,
    /// More work, or more elements, than [`crate::limits`] allow.
    Budget,
}

/// An expression that met data it cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What kind of thing went wrong.
    pub kind: EvalErrorKind,
    /// What is wrong.
    pub message: String,
    /// Where in the text the failing part begins.
    pub offset: usize,
    /// How far it goes.
    pub length: usize,
}

impl EvalError {
    pub(crate) fn shifted(self, by: usize) -> Self {
        Self { offset: self.offset.saturating_add(by), ..self }
    }
}

/// What kind of thing a checker found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// A variable that is not there.
    UnknownName,
    /// A property that the schema does not have.
    UnknownProperty,
    /// An operand or argument of the wrong type.
    WrongType,
    /// A text compared with one that the schema rules out; a pattern that is none.
    WrongValue,
    /// A function that does not exist.
    UnknownFunction,
    /// A function with too few or too many arguments.
    WrongArity,
}

/// What would go wrong at evaluation, known before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeFinding {
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// What is wrong.
    pub message: String,
    /// Where it begins.
    pub offset: usize,
    /// How far it goes.
    pub length: usize,
    /// How to mend it.
    pub help: String,
}
