//! Severity, with the words and numbers of OCSF `severity_id`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How bad it is. The numbers are OCSF's `severity_id` (1 Informational … 5 Critical).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// OCSF 1. Opens no incident by itself.
    Info = 1,
    /// OCSF 2.
    Low = 2,
    /// OCSF 3.
    Medium = 3,
    /// OCSF 4.
    High = 4,
    /// OCSF 5.
    Critical = 5,
}

impl Severity {
    /// All, from the mildest.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// OCSF's `severity_id`.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;
    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        match text {
            "info" | "informational" => Ok(Self::Info),
            "low" => Ok(Self::Low),
            "medium" => Ok(Self::Medium),
            "high" => Ok(Self::High),
            "critical" => Ok(Self::Critical),
            _ => Err(UnknownSeverity(text.to_owned())),
        }
    }
}

/// A word that is no severity.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no severity: use info, low, medium, high or critical")]
pub struct UnknownSeverity(String);
