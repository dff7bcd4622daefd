//! The key under which secrets are sealed: 256 bits, and a name by which it is known again.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::codes;

/// Length of a key, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// Shortest passphrase, in characters. It guards a file that an attacker may have taken away and
/// tries at leisure, which a login's password does not.
const PASSPHRASE_CHARS_MIN: usize = 16;

/// RFC 9106 §4, second recommended option, with one lane: 64 MiB, 3 passes.
const ARGON2: (u32, u32, u32) = (64 * 1_024, 3, 1);

/// Why there is no key. The texts say where it was looked for, never what was found.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No form that a reference to a key has.
    #[error(
        "`secrets.key` names no key: write file:PATH, env:NAME, passphrase:file:PATH or passphrase:env:NAME [SC0001]"
    )]
    Reference,
    /// The variable or file cannot be read.
    #[error("the key of the secrets ({place}) cannot be read: {why} [SC0002]")]
    Unreadable {
        /// Where it should be.
        place: String,
        /// Why not.
        why: String,
    },
    /// Others may read or write the file.
    #[error(
        "the key's file {path} has mode {mode:03o}, so others may read it: chmod 600 {path} [SC0003]"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// It is no key.
    #[error("what stands in {place} is no key: {want} [SC0004]")]
    Malformed {
        /// Where it stands.
        place: String,
        /// What should stand there.
        want: &'static str,
    },
}

impl KeyError {
    /// Its code in [`super::CODES`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Reference => codes::REFERENCE,
            Self::Unreadable { .. } => codes::UNREADABLE,
            Self::Exposed { .. } => codes::EXPOSED,
            Self::Malformed { .. } => codes::MALFORMED,
        }
    }
}

/// A key. Its bytes are overwritten when it goes.
#[derive(Clone)]
pub struct Key {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl Key {
    fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let digest = Sha256::new().chain_update(b"stanch secrets key id\0").chain_update(*bytes);
        let digest = hex::encode(digest.finalize());
        Self { bytes, id: digest.chars().take(16).collect() }
    }

    /// A new one, by chance.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::rng().fill(&mut *bytes);
        Self::new(bytes)
    }

    /// The key that `text` writes in 64 hexadecimal digits; `place` is for messages.
    ///
    /// # Errors
    /// Another text.
    pub fn from_hex(text: &str, place: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        match hex::decode_to_slice(text.trim(), &mut *bytes) {
            Ok(()) => Ok(Self::new(bytes)),
            Err(_) => Err(KeyError::Malformed {
                place: place.to_owned(),
                want: "write 64 hexadecimal digits, as `openssl rand -hex 32` makes them",
            }),
        }
    }

    /// The key that argon2id makes of a passphrase; half a second and 64 MiB.
    ///
    /// # Errors
    /// A passphrase of fewer than 16 characters.
    ///
    /// # Panics
    /// Never: the parameters are in range.
    pub fn from_passphrase(
        passphrase: &str,
        salt: &[u8; 16],
        place: &str,
    ) -> Result<Self, KeyError> {
        let passphrase = passphrase.trim_end_matches(['\r', '\n']);
        if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(KeyError::Malformed {
                place: place.to_owned(),
                want: "a passphrase has at least 16 characters",
            });
        }
        let (memory, passes, lanes) = ARGON2;
        let params = Params::new(memory, passes, lanes, Some(KEY_BYTES))
            .expect("invariant: the parameters are in range");
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, &mut *bytes)
            .expect("invariant: salt and output have their lengths");
        Ok(Self::new(bytes))
    }

    /// By what it is known again: the beginning of a hash that does not lead back to it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As its file holds it, with the line end.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        let mut text = hex::encode(*self.bytes);
        let line = Zeroizing::new(format!("{text}\n"));
        text.zeroize();
        line
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_and_read_back_and_never_shown() {
        let key = Key::generate();
        let text = key.to_hex();
        assert_eq!(text.len(), 65);
        let again = Key::from_hex(&text, "x").unwrap();
        assert_eq!((again.id(), again.bytes()), (key.id(), key.bytes()));
        assert_ne!(Key::generate().id(), key.id());
        let shown = format!("{key:?}");
        assert!(shown.contains(key.id()) && !text.contains(key.id()), "{shown}");
        for wrong in ["", "abc", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            let error = Key::from_hex(wrong, "file k").unwrap_err();
            assert_eq!(error.code(), "SC0004");
            assert!(!wrong.is_empty() || error.to_string().contains("file k"));
        }
    }

    #[test]
    fn a_passphrase_gives_one_key_for_each_salt() {
        let key = |salt: u8| Key::from_passphrase("correct horse battery\n", &[salt; 16], "p");
        assert_eq!(key(1).unwrap().id(), key(1).unwrap().id());
        assert_ne!(key(1).unwrap().id(), key(2).unwrap().id());
        assert_eq!(Key::from_passphrase("too short", &[1; 16], "p").unwrap_err().code(), "SC0004");
    }
}
