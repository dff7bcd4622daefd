//! Steps that wait: for time, for a signal, for people.

use std::time::Duration;

use stanch_expression::{Expression, Template};

use super::{Field, Spanned};

/// Lets time pass.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// So long.
    For(Spanned<Duration>),
    /// Until the moment that the expression gives as an RFC 3339 text; at once if it is past.
    Until(Spanned<Expression>),
    /// Until somebody outside says so.
    Signal {
        /// The signal's name.
        name: Spanned<String>,
        /// How long it is waited for.
        within: Spanned<Duration>,
    },
}

/// Asks people.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The question.
    pub text: Spanned<Template>,
    /// What an answer looks like.
    pub kind: AskKind,
    /// How long the question stands.
    pub within: Spanned<Duration>,
    /// The group that is asked.
    pub by: Option<Spanned<String>>,
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum AskKind {
    /// One of some words.
    Decision {
        /// The answers to choose from, at least two.
        options: Vec<Spanned<String>>,
        /// The answer if nobody answers.
        otherwise: Spanned<String>,
    },
    /// A value for each field; all of them are required.
    Form(Vec<Field>),
}
