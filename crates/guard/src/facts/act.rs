//! An earlier act and what became of it.

use serde::{Deserialize, Serialize};
use stanch_model::Time;

/// An act whose intent is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What it acted on; for words only.
    pub target: String,
    /// When the intent was written.
    pub intended_at: Time,
    /// What became of it.
    pub outcome: Outcome,
    /// When a person took it back; an expiry is no such thing.
    pub undone_at: Option<Time>,
}

/// What became of an act, and when that was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// It is under way.
    Pending,
    /// The effect was seen; where nothing can be seen, the target said so.
    Done {
        /// When.
        at: Time,
    },
    /// It did not work, or the effect was not seen in time.
    Failed {
        /// When.
        at: Time,
    },
    /// It could not be found out. Counts as failed.
    Unknown {
        /// When that was clear.
        at: Time,
    },
}

impl Outcome {
    /// When it settled; none while it is under way.
    #[must_use]
    pub const fn settled_at(self) -> Option<Time> {
        match self {
            Self::Pending => None,
            Self::Done { at } | Self::Failed { at } | Self::Unknown { at } => Some(at),
        }
    }

    /// Whether it went wrong.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Unknown { .. })
    }
}
