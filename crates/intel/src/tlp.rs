//! How far a word may go: the Traffic Light Protocol 2.0 (FIRST, August 2022).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// To whom something may be shown, from everybody to nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tlp {
    /// Everybody.
    Clear,
    /// The community.
    Green,
    /// Those in the organisation, and its clients, who need to know.
    Amber,
    /// Those in the organisation who need to know.
    #[serde(rename = "amber+strict")]
    AmberStrict,
    /// Those to whom it was said.
    Red,
}

impl Tlp {
    /// The word used on every surface.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is none of the protocol's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no TLP; there are clear, green, amber, amber+strict and red")]
pub struct UnknownTlp(String);

impl FromStr for Tlp {
    type Err = UnknownTlp;
    /// Reads `amber`, `TLP:AMBER`, and `white`, which was version 1's word for `clear`.
    fn from_str(text: &str) -> Result<Self, UnknownTlp> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.strip_prefix("tlp:").unwrap_or(&lower).trim() {
            "clear" | "white" => Ok(Self::Clear),
            "green" => Ok(Self::Green),
            "amber" => Ok(Self::Amber),
            "amber+strict" => Ok(Self::AmberStrict),
            "red" => Ok(Self::Red),
            _ => Err(UnknownTlp(text.trim().to_owned())),
        }
    }
}
