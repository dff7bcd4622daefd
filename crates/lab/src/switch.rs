//! A thing that is on or off, and who turned it last: accounts and messages.

use stanch_model::Time;

use crate::state::Stamp;

/// On or off, since when, by which key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Switch {
    /// Whether somebody turned it on.
    pub(crate) on: bool,
    /// The key of the last act on it.
    pub(crate) key: Option<String>,
    /// When that act took effect.
    pub(crate) since: Option<Time>,
}

impl Switch {
    /// Turns it, unless the effect is never to come.
    pub(crate) fn turn(&mut self, on: bool, stamp: &Stamp<'_>) {
        if let Some(effective_at) = stamp.effective_at {
            *self = Self { on, key: Some(stamp.key.to_owned()), since: Some(effective_at) };
        }
    }
}
