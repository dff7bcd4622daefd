//! The language as a table: every kind of step, every key, what it holds and within which limits.
//!
//! One table for all that speaks of the language: the parser knows from it which keys there are, editors get
//! it as a JSON [`schema`], the reference page (docs/reference/language.md) and the order in which
//! [`crate::fmt`] writes keys are made of it. Tests hold the parser to the limits that stand here.

mod playbook;
pub mod schema;
mod steps;

use std::time::Duration;

pub use self::{
    playbook::{PLAYBOOK, TRIGGER},
    steps::{APPROVE, CASE, ID, KINDS, RETRY, TARGET, WAIT},
};
use crate::ast::OnError;

/// A kind of step.
#[derive(Debug)]
pub struct Kind {
    /// The key that names it.
    pub word: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it does.
    pub text: &'static str,
    /// What stands behind the word.
    pub value: Shape,
    /// Its other keys, in the order in which they are written; `id` stands before all.
    pub keys: &'static [Key],
    /// What `steps.ID` holds, beside `ok`.
    pub gives: &'static str,
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Object {
    /// What it is, as in "an approval".
    pub what: &'static str,
    /// Its keys, in the order in which they are written.
    pub keys: &'static [Key],
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Whether it has to be there.
    pub need: Need,
    /// What it holds.
    pub shape: Shape,
    /// What it means.
    pub text: &'static str,
}

/// Whether a key has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It has.
    Always,
    /// It may be left out; what counts then, in words.
    Else(&'static str),
}

/// What a key holds.
#[derive(Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// A text that may hold `${{ }}`.
    Template,
    /// A CEL expression that gives this.
    Expression(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Number {
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
    },
    /// A duration: a whole number and one of ms, s, m, h, d.
    Time {
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// A name: of a playbook, with dashes, or else of a step or a field, with underscores.
    Name {
        /// With dashes.
        dashes: bool,
    },
    /// A list of at least so many steps.
    Steps(usize),
    /// Names and values; texts in them may hold `${{ }}`.
    Values,
    /// Names and constants.
    Constants,
    /// Names and JSON Schemas.
    Fields(Fields),
    /// A text, a number, true, false or null.
    Constant,
    /// A list of from so many to so many.
    List(&'static Shape, usize, usize),
    /// A mapping with known keys.
    Object(&'static Object),
    /// One of these.
    Either(&'static [Shape]),
}

/// Which JSON Schemas may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Any that playbooks know, with a `default`.
    Inputs,
    /// Any that playbooks know.
    Output,
    /// Single values: for people to fill in.
    Form,
}

/// The words of [`OnError`].
pub const ON_ERROR: [(&str, OnError); 2] =
    [("fail", OnError::Fail), ("continue", OnError::Continue)];

impl Object {
    /// The names of its keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

impl Kind {
    /// The kind with that word.
    #[must_use]
    pub fn of(word: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.word == word)
    }

    /// Whether it has a key beside `id` and its word.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|own| own.name == key)
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// Nothing stays without a look for longer.
const LONGEST: Duration = Duration::from_secs(90 * 86_400);

const fn must(name: &'static str, shape: Shape, text: &'static str) -> Key {
    Key { name, need: Need::Always, shape, text }
}

const fn may(name: &'static str, shape: Shape, otherwise: &'static str, text: &'static str) -> Key {
    Key { name, need: Need::Else(otherwise), shape, text }
}

#[cfg(test)]
pub(crate) mod tests;
