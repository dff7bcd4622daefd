//! Sealing and opening: XChaCha20-Poly1305, bound to whose secret it is, its name and its version.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305,
    aead::{Aead as _, Payload},
};
use rand::RngExt as _;
use stanch_model::TenantId;
use zeroize::Zeroizing;

use super::{Key, Secret, codes};

/// Length of a nonce, in bytes. It is long enough to be drawn by chance.
const NONCE_BYTES: usize = 24;

/// The form of the sealed bytes, and the first of them.
const FORM: u8 = 1;

/// What a sealed value is: it opens as this and as nothing else, so a row of the store cannot be
/// passed off as another.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// Whose.
    pub tenant: &'a TenantId,
    /// Its name.
    pub name: &'a str,
    /// Which of its values.
    pub version: u32,
}

impl Label<'_> {
    /// Each part with its length, so that no two labels give the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"stanch secret".to_vec();
        for part in [self.tenant.0.as_bytes(), self.name.as_bytes(), &self.version.to_be_bytes()] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// A value that only its key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Id of the key.
    pub key: String,
    /// Form, nonce, ciphertext with tag.
    pub bytes: Vec<u8>,
}

/// Why a sealed value does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another key sealed it.
    #[error(
        "the secret `{name}` is sealed under the key {key}, and there is {have}: put that key back, or name it under `secrets.previous` [SC0005]"
    )]
    WrongKey {
        /// The secret.
        name: String,
        /// Id of the key that it takes.
        key: String,
        /// Ids of those that there are.
        have: String,
    },
    /// The bytes are not those that were sealed.
    #[error(
        "the secret `{name}` does not open: the store was changed or damaged; set it anew [SC0006]"
    )]
    Damaged {
        /// The secret.
        name: String,
    },
}

impl SealError {
    /// Its code in [`super::CODES`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongKey { .. } => codes::WRONG_KEY,
            Self::Damaged { .. } => codes::DAMAGED,
        }
    }
}

/// The key that seals, and those that still open.
#[derive(Clone, Debug)]
pub struct Keyring {
    current: Key,
    previous: Vec<Key>,
}

impl Keyring {
    /// A ring of `current`, which seals, and `previous`, which only open.
    #[must_use]
    pub const fn new(current: Key, previous: Vec<Key>) -> Self {
        Self { current, previous }
    }

    /// Makes `key` the one that seals; the one that did so before still opens.
    pub fn turn(&mut self, key: Key) {
        let before = std::mem::replace(&mut self.current, key);
        self.previous.push(before);
    }

    /// Forgets the keys that only open.
    pub fn forget_previous(&mut self) {
        self.previous.clear();
    }

    /// Id of the key that seals.
    #[must_use]
    pub fn id(&self) -> &str {
        self.current.id()
    }

    /// Whether the key by that id is there.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.keys().any(|key| key.id() == id)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// Seals `secret` as `label`.
    ///
    /// # Panics
    /// Never: a secret is short of the 256 GiB that the cipher takes.
    #[must_use]
    pub fn seal(&self, label: Label<'_>, secret: &Secret) -> Sealed {
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill(&mut nonce);
        let aad = label.bytes();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &aad };
        let cipher = XChaCha20Poly1305::new(self.current.bytes().into());
        let sealed = cipher.encrypt((&nonce).into(), payload);
        let sealed = sealed.expect("invariant: a secret is at most 64 KiB");
        let bytes = [&[FORM][..], &nonce, &sealed].concat();
        Sealed { key: self.current.id().to_owned(), bytes }
    }

    /// Opens what was sealed as `label`.
    ///
    /// # Errors
    /// A key that is not there; bytes that are not those that were sealed as this.
    pub fn open(&self, label: Label<'_>, sealed: &Sealed) -> Result<Secret, SealError> {
        let Some(key) = self.keys().find(|key| key.id() == sealed.key) else {
            let have: Vec<&str> = self.keys().map(Key::id).collect();
            return Err(SealError::WrongKey {
                name: label.name.to_owned(),
                key: sealed.key.clone(),
                have: have.join(", "),
            });
        };
        let damaged = || SealError::Damaged { name: label.name.to_owned() };
        let Some((&[FORM], rest)) = sealed.bytes.split_first_chunk::<1>() else {
            return Err(damaged());
        };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let aad = label.bytes();
        let payload = Payload { msg: ciphertext, aad: &aad };
        let cipher = XChaCha20Poly1305::new(key.bytes().into());
        let opened = cipher.decrypt(nonce.into(), payload).map(Zeroizing::new);
        let mut opened = opened.ok().ok_or_else(damaged)?;
        let text = String::from_utf8(std::mem::take(&mut *opened));
        text.map(Secret::from).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            damaged()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(tenant: &TenantId) -> Label<'_> {
        Label { tenant, name: "edr", version: 1 }
    }

    #[test]
    fn what_was_sealed_opens_as_what_it_is_and_as_nothing_else() {
        let tenant = TenantId::default();
        let (ring, secret) = (Keyring::new(Key::generate(), vec![]), Secret::from("v1".to_owned()));
        let sealed = ring.seal(label(&tenant), &secret);
        assert_eq!(ring.open(label(&tenant), &sealed).unwrap(), secret);
        assert_ne!(ring.seal(label(&tenant), &secret).bytes, sealed.bytes, "each has its nonce");
        let other = TenantId("other".to_owned());
        for wrong in [
            label(&other),
            Label { name: "edr2", ..label(&tenant) },
            Label { version: 2, ..label(&tenant) },
        ] {
            let error = ring.open(wrong, &sealed).unwrap_err();
            assert_eq!(error.code(), "SC0006", "{wrong:?}");
        }
    }

    #[test]
    fn every_changed_byte_and_every_cut_shows() {
        let tenant = TenantId::default();
        let ring = Keyring::new(Key::generate(), vec![]);
        let sealed = ring.seal(label(&tenant), &Secret::from("a value".to_owned()));
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert!(ring.open(label(&tenant), &changed).is_err(), "byte {at}");
            changed.bytes.truncate(at);
            assert!(ring.open(label(&tenant), &changed).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_key_that_is_gone_is_named_and_one_that_was_turned_still_opens() {
        let tenant = TenantId::default();
        let secret = Secret::from("a value".to_owned());
        let mut ring = Keyring::new(Key::generate(), vec![]);
        let (old, sealed) = (ring.id().to_owned(), ring.seal(label(&tenant), &secret));
        ring.turn(Key::generate());
        assert!(ring.has(&old) && ring.id() != old);
        assert_eq!(ring.open(label(&tenant), &sealed).unwrap(), secret);
        assert_eq!(ring.seal(label(&tenant), &secret).key, ring.id());
        ring.forget_previous();
        let error = ring.open(label(&tenant), &sealed).unwrap_err();
        assert_eq!(error.code(), "SC0005");
        let text = error.to_string();
        assert!(text.contains(&old) && text.contains(ring.id()) && text.contains("edr"), "{text}");
    }

    #[test]
    fn labels_do_not_run_into_each_other() {
        let (a, b) = (TenantId("ab".to_owned()), TenantId("a".to_owned()));
        let one = Label { tenant: &a, name: "c", version: 1 };
        let two = Label { tenant: &b, name: "bc", version: 1 };
        assert_ne!(one.bytes(), two.bytes());
    }
}
