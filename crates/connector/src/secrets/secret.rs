//! A secret value: shown by nothing, overwritten when it goes.

use std::fmt;

use zeroize::Zeroizing;

/// Longest secret, in bytes; a private key is about 3 KiB.
pub const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Shortest value that can be struck out of texts; shorter ones would eat ordinary words.
pub const REDACT_BYTES_MIN: usize = 8;

/// A secret value. `Debug` does not show it, there is no `Display`, and its memory is overwritten
/// when it is dropped. What a library copies on the way to the target is beyond our reach.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The value, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}
