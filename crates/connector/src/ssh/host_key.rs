//! The server's key: pinned in the instance, or nothing is sent.

use std::borrow::Cow;

use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate};
use stanch_model::manifest::Instance;

use crate::instance::{self, InstanceError};

/// The pinned key of `instance`.
pub(crate) fn host_key(instance: &Instance) -> Result<PublicKey, InstanceError> {
    let Some(text) = &instance.host_key else {
        return Err(instance::error(
            instance,
            "SSH needs the server's public key: add `host_key:` with the line that \
             `ssh-keyscan -t ed25519 HOST` prints, after you compared its fingerprint",
        ));
    };
    PublicKey::from_openssh(text.trim()).map_err(|error| {
        let form = "write `ssh-ed25519 AAAA…`, without the host name in front";
        instance::error(instance, format!("host_key is no OpenSSH public key ({error}): {form}"))
    })
}

/// The signature algorithms that a server with `key` can prove itself by.
pub(super) fn algorithms(key: &PublicKey) -> Cow<'static, [Algorithm]> {
    match key.algorithm() {
        Algorithm::Rsa { .. } => Cow::Borrowed(&[
            Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
            Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
        ]),
        other => Cow::Owned(vec![other]),
    }
}

/// Compares what the server showed with the pinned key; the text names both fingerprints.
pub(super) fn compare(pinned: &PublicKey, shown: &PublicKeyOrCertificate) -> Result<(), String> {
    let shown = match shown {
        PublicKeyOrCertificate::PublicKey { key, .. } if key.key_data() == pinned.key_data() => {
            return Ok(());
        }
        PublicKeyOrCertificate::PublicKey { key, .. } => {
            key.fingerprint(HashAlg::Sha256).to_string()
        }
        PublicKeyOrCertificate::Certificate(_) => "a certificate".to_owned(),
    };
    Err(format!(
        "the server is another one: it shows the key {shown}, host_key is {}; if the server was \
         set up anew, compare the fingerprint on its console and change host_key",
        pinned.fingerprint(HashAlg::Sha256)
    ))
}
