//! Protected assets and shared ranges as they stand in the policy file.

use serde::{Deserialize, Serialize};
use stanch_model::{ObservableKind, guard::Criticality};

use super::{Pattern, PatternError};
use crate::facts::{AssetFacts, folded};

/// Something that is not to be acted on like anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ProtectedText", into = "ProtectedText")]
pub struct Protected {
    /// Which targets.
    pub which: Which,
    /// Why; shown to whoever is asked.
    pub note: String,
    /// What happens when a run would act on one.
    pub automatic: Automatic,
    /// How many people can let it happen.
    pub approvals: Option<u32>,
}

/// Which targets an entry protects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// What is called so.
    Value {
        /// What kind of observable the entry names.
        kind: ObservableKind,
        /// How it is named.
        pattern: Pattern,
    },
    /// What the inventory tags so.
    Tag(String),
    /// What the inventory has in that group.
    Group(String),
    /// That much, or more, depends on it.
    Criticality(Criticality),
}

/// What happens when a run would act on a protected asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Automatic {
    /// It is refused, unless `approvals` says how many people can let it happen.
    #[default]
    Never,
    /// People are asked: `approvals` of them, else as many as for anything else.
    Ask,
}

/// Infrastructure that many share: an act on it hits them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SharedText", into = "SharedText")]
pub struct SharedRange {
    /// Addresses, a network, a name or `*.domain`.
    pub pattern: Pattern,
    /// Whose it is.
    pub note: String,
}

/// An entry that names nothing, or more than one thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtectedError {
    /// The value is none of its kind.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// None of the ways to name assets, or several.
    #[error(
        "an entry names assets in one way: `kind` and `value`, or `tag`, or `group`, or `criticality`"
    )]
    NotOne,
    /// A tag or group without a name.
    #[error("an empty name protects nothing: write the tag or group as the inventory has it")]
    Empty,
}

impl Which {
    /// Whether the inventory is needed to tell.
    #[must_use]
    pub const fn needs_inventory(&self) -> bool {
        !matches!(self, Self::Value { .. })
    }

    pub(crate) fn is(&self, asset: &AssetFacts) -> bool {
        match self {
            Self::Value { .. } => false,
            Self::Tag(tag) => asset.has_tag(tag),
            Self::Group(group) => asset.has_group(group),
            Self::Criticality(least) => asset.criticality.is_some_and(|own| own >= *least),
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value { kind, pattern } => write!(f, "{kind} {pattern}"),
            Self::Tag(tag) => write!(f, "tag {tag}"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Criticality(least) => write!(f, "criticality {}", least.word()),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtectedText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<ObservableKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    criticality: Option<Criticality>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    automatic: Automatic,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approvals: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedText {
    value: String,
    #[serde(default)]
    note: String,
}

impl TryFrom<ProtectedText> for Protected {
    type Error = ProtectedError;
    fn try_from(text: ProtectedText) -> Result<Self, ProtectedError> {
        let ProtectedText { kind, value, tag, group, criticality, note, automatic, approvals } =
            text;
        let named = |name: String| Some(folded(&name)).filter(|name| !name.is_empty());
        let which = match (kind, value, tag, group, criticality) {
            (Some(kind), Some(value), None, None, None) => {
                Which::Value { kind, pattern: Pattern::new(kind, &value)? }
            }
            (None, None, Some(tag), None, None) => {
                Which::Tag(named(tag).ok_or(ProtectedError::Empty)?)
            }
            (None, None, None, Some(group), None) => {
                Which::Group(named(group).ok_or(ProtectedError::Empty)?)
            }
            (None, None, None, None, Some(least)) => Which::Criticality(least),
            _ => return Err(ProtectedError::NotOne),
        };
        Ok(Self { which, note, automatic, approvals })
    }
}

impl From<Protected> for ProtectedText {
    fn from(protected: Protected) -> Self {
        let Protected { which, note, automatic, approvals } = protected;
        let bare = Self {
            kind: None,
            value: None,
            tag: None,
            group: None,
            criticality: None,
            note,
            automatic,
            approvals,
        };
        match which {
            Which::Value { kind, pattern } => {
                Self { kind: Some(kind), value: Some(pattern.to_string()), ..bare }
            }
            Which::Tag(tag) => Self { tag: Some(tag), ..bare },
            Which::Group(group) => Self { group: Some(group), ..bare },
            Which::Criticality(least) => Self { criticality: Some(least), ..bare },
        }
    }
}

impl TryFrom<SharedText> for SharedRange {
    type Error = PatternError;
    fn try_from(SharedText { value, note }: SharedText) -> Result<Self, PatternError> {
        let pattern = Pattern::new(ObservableKind::Ip, &value)
            .or_else(|_| Pattern::new(ObservableKind::Domain, &value))?;
        Ok(Self { pattern, note })
    }
}

impl From<SharedRange> for SharedText {
    fn from(SharedRange { pattern, note }: SharedRange) -> Self {
        Self { value: pattern.to_string(), note }
    }
}
