//! Who may do what to which target, as it stands in the policy file.

use serde::{Deserialize, Serialize};
use stanch_model::{ObservableKind, guard::Criticality, people::Role};

use super::{ClassPattern, Pattern, PatternError, value};
use crate::facts::folded;

/// One line: it permits, or it forbids.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "RightText", into = "RightText")]
pub struct Right {
    /// What people call it; reasons name it.
    pub name: String,
    /// Permit or forbid.
    pub effect: Effect,
    /// Whom.
    pub who: Who,
    /// Which acts.
    pub what: Vec<ClassPattern>,
    /// On which targets.
    pub on: On,
    /// Why.
    pub note: String,
    /// Where it stands in the file that it was read from. No part of what it says.
    pub line: Option<u32>,
}

impl PartialEq for Right {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, effect, who, what, on, note, line: _ } = self;
        (name, effect, who, what, on, note)
            == (&other.name, &other.effect, &other.who, &other.what, &other.on, &other.note)
    }
}
impl Eq for Right {}

/// Whether a right gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Whom it names may. Once people, playbooks or connectors are named by one, all of them need one.
    Permit,
    /// Whom it names may not, whatever else permits it.
    Forbid,
}

/// Whom a right is about. `*` as a name is all of that kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// People, tokens, playbooks and connectors.
    Anybody,
    /// A person by login name.
    Person(String),
    /// A token by name.
    Token(String),
    /// People and tokens of a group.
    Group(String),
    /// People and tokens that have at least that role.
    Role(Role),
    /// A playbook by name.
    Playbook(String),
    /// A connector instance by name.
    Connector(String),
}

/// On which targets: all that is given has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct On {
    /// The kind of target.
    pub kind: Option<ObservableKind>,
    /// How it is called.
    pub pattern: Option<Pattern>,
    /// How the inventory tags it.
    pub tag: Option<String>,
    /// A group that the inventory has it in.
    pub group: Option<String>,
    /// Where the inventory has it.
    pub site: Option<String>,
    /// How much depends on it: one of these.
    pub criticality: Vec<Criticality>,
    /// Whether it is the practice target.
    pub practice: Option<bool>,
}

/// A right that says nothing, or two things.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RightError {
    /// The value is none of its kind.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// None or both.
    #[error("a right either permits or forbids: give it `permit: {{ … }}` or `forbid: {{ … }}`")]
    Effect,
    /// A right about no act.
    #[error("`what` names no act: write a capability, edr.* or *")]
    NoAct,
    /// A value that nobody can read.
    #[error("`value` needs `kind` beside it")]
    NoKind,
    /// A name that is none.
    #[error("an empty name means nobody and nothing: write it, or * for all of the kind")]
    Empty,
    /// The policy language behind the rights does not take it.
    #[error("this right cannot be evaluated: {0}")]
    Unfit(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RightText {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    permit: Option<Terms>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forbid: Option<Terms>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    who: Who,
    #[serde(deserialize_with = "value::one_or_many")]
    what: Vec<ClassPattern>,
    #[serde(default)]
    on: OnText,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OnText {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<ObservableKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "value::one_or_many")]
    criticality: Vec<Criticality>,
    #[serde(skip_serializing_if = "Option::is_none")]
    practice: Option<bool>,
}

impl TryFrom<RightText> for Right {
    type Error = RightError;
    fn try_from(text: RightText) -> Result<Self, RightError> {
        let RightText { name, permit, forbid, note } = text;
        let (effect, Terms { who, what, on }) = match (permit, forbid) {
            (Some(terms), None) => (Effect::Permit, terms),
            (None, Some(terms)) => (Effect::Forbid, terms),
            (None, None) | (Some(_), Some(_)) => return Err(RightError::Effect),
        };
        if what.is_empty() {
            return Err(RightError::NoAct);
        }
        let who = who.checked()?;
        let on = On::try_from(on)?;
        Ok(Self { name, effect, who, what, on, note, line: None })
    }
}

impl From<Right> for RightText {
    fn from(right: Right) -> Self {
        let Right { name, effect, who, what, on, note, line: _ } = right;
        let terms = Terms { who, what, on: on.into() };
        let (permit, forbid) = match effect {
            Effect::Permit => (Some(terms), None),
            Effect::Forbid => (None, Some(terms)),
        };
        Self { name, permit, forbid, note }
    }
}

impl Who {
    /// Group names as they are compared, and no empty names.
    fn checked(self) -> Result<Self, RightError> {
        let named = |name: String| {
            let name = name.trim().to_owned();
            if name.is_empty() { Err(RightError::Empty) } else { Ok(name) }
        };
        Ok(match self {
            Self::Anybody => Self::Anybody,
            Self::Role(role) => Self::Role(role),
            Self::Group(name) => Self::Group(folded(&named(name)?)),
            Self::Person(name) => Self::Person(named(name)?),
            Self::Token(name) => Self::Token(named(name)?),
            Self::Playbook(name) => Self::Playbook(named(name)?),
            Self::Connector(name) => Self::Connector(named(name)?),
        })
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anybody => f.write_str("anybody"),
            Self::Role(role) => write!(f, "role {role:?}"),
            Self::Group(name) => write!(f, "group {name}"),
            Self::Person(name) => write!(f, "person {name}"),
            Self::Token(name) => write!(f, "token {name}"),
            Self::Playbook(name) => write!(f, "playbook {name}"),
            Self::Connector(name) => write!(f, "connector {name}"),
        }
    }
}

impl TryFrom<OnText> for On {
    type Error = RightError;
    fn try_from(text: OnText) -> Result<Self, RightError> {
        let OnText { kind, value, tag, group, site, criticality, practice } = text;
        let pattern = match (kind, value) {
            (Some(kind), Some(value)) => Some(Pattern::new(kind, &value)?),
            (None, Some(_)) => return Err(RightError::NoKind),
            (_, None) => None,
        };
        let named = |name: Option<String>| match name.map(|name| folded(&name)) {
            Some(name) if name.is_empty() => Err(RightError::Empty),
            name => Ok(name),
        };
        let (tag, group, site) = (named(tag)?, named(group)?, named(site)?);
        Ok(Self { kind, pattern, tag, group, site, criticality, practice })
    }
}

impl From<On> for OnText {
    fn from(on: On) -> Self {
        let On { kind, pattern, tag, group, site, criticality, practice } = on;
        let value = pattern.map(|pattern| pattern.to_string());
        Self { kind, value, tag, group, site, criticality, practice }
    }
}
