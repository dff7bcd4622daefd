//! Assets and ranges as they stand in the policy file.

use serde::{Deserialize, Serialize};
use stanch_model::ObservableKind;

use super::{Pattern, PatternError};

/// Something that is not to be acted on like anything else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AssetText", into = "AssetText")]
pub struct Asset {
    /// What kind of observable it is.
    pub kind: ObservableKind,
    /// Which ones.
    pub pattern: Pattern,
    /// Why; shown to whoever is asked.
    pub note: String,
    /// What happens when a run would act on it.
    pub automatic: Automatic,
    /// How many people can let it happen.
    pub approvals: Option<u32>,
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetText {
    kind: ObservableKind,
    value: String,
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

impl TryFrom<AssetText> for Asset {
    type Error = PatternError;
    fn try_from(text: AssetText) -> Result<Self, PatternError> {
        let AssetText { kind, value, note, automatic, approvals } = text;
        Ok(Self { kind, pattern: Pattern::new(kind, &value)?, note, automatic, approvals })
    }
}

impl From<Asset> for AssetText {
    fn from(asset: Asset) -> Self {
        let Asset { kind, pattern, note, automatic, approvals } = asset;
        Self { kind, value: pattern.to_string(), note, automatic, approvals }
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
