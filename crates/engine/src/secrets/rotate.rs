//! A new key: everything is sealed under it before the old one is forgotten.

use std::sync::PoisonError;

use serde::Serialize;
use serde_json::json;
use stanch_connector::secrets::{Key, KeySource, Keyring, SealError};
use stanch_model::TenantId;
use stanch_store::{Error as StoreError, SealedSecret, Tx};

use super::{SecretStore, keys, open, seal};
use crate::{Error, core::audit};

/// What a rotation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// Id of the key that seals now.
    pub key: String,
    /// Id of the one before.
    pub before: Option<String>,
    /// How many values were sealed anew.
    pub values: usize,
    /// What has to be done before the next start, if anything.
    pub next: Option<String>,
}

impl SecretStore {
    /// Seals everything under a new key: the one that `to` names, or a new one in the managed file.
    ///
    /// # Errors
    /// No `to` where the configuration names the key; a key that cannot be read; a value that does
    /// not open.
    pub async fn rotate_key(&self, by: &str, to: Option<&str>) -> Result<Rotated, Error> {
        let _turn = self.rotating.lock().await;
        let key = match (to, &self.managed) {
            (Some(reference), _) => self.named(reference).await?,
            (None, Some(path)) if keys::successor(path).exists() => {
                // A rotation before this one failed half way, and values may be sealed under its key.
                keys::key(&self.core, &KeySource::file(keys::successor(path)), &self.lookup).await?
            }
            (None, Some(path)) => keys::create(&keys::successor(path))?,
            (None, None) => {
                return Err(Error::Invalid(
                    "the configuration names the key: name the new one with --to, or put it under `secrets.key` \
                     and the old one under `secrets.previous`, and restart"
                        .to_owned(),
                ));
            }
        };
        let before = self.turn(key);
        let values = self.seal_anew(by).await?;
        let next = match (to, &self.managed) {
            (None, Some(path)) => keys::succeed(path).map(|()| None)?,
            (Some(reference), _) => {
                Some(format!("write `secrets: {{ key: \"{reference}\" }}` into the configuration"))
            }
            (None, None) => None,
        };
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let ring = ring.as_mut().expect("invariant: a key was just put into the ring");
        ring.forget_previous();
        Ok(Rotated { key: ring.id().to_owned(), before, values, next })
    }

    async fn named(&self, reference: &str) -> Result<Key, Error> {
        let invalid = |error: &dyn std::fmt::Display| Error::Invalid(error.to_string());
        let source: KeySource = reference.parse().map_err(|error| invalid(&error))?;
        keys::key(&self.core, &source, &self.lookup).await.map_err(|error| invalid(&error))
    }

    /// Makes `key` the one that seals, and says which did before.
    fn turn(&self, key: Key) -> Option<String> {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        match ring.as_mut() {
            Some(ring) => {
                let before = ring.id().to_owned();
                ring.turn(key);
                Some(before)
            }
            None => {
                *ring = Some(Keyring::new(key, Vec::new()));
                None
            }
        }
    }

    /// Finishes at the start what a rotation left, and what the configuration asks for by naming a
    /// new key and the previous one.
    pub(super) async fn settle(&self, rows: &[SealedSecret]) -> Result<(), Error> {
        let (current, damaged) = {
            let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
            let Some(ring) = ring.as_ref() else { return Ok(()) };
            let damaged: Vec<String> = rows
                .iter()
                .filter_map(|row| open(ring, row).err())
                .map(|e| e.to_string())
                .collect();
            (ring.id().to_owned(), damaged)
        };
        for error in damaged {
            // The others are good; what needs this one will say so.
            tracing::error!(%error, "a secret cannot be used");
        }
        if rows.iter().any(|row| row.key != current) {
            let values = self.seal_anew("engine").await?;
            tracing::info!(key = %current, values, "the secrets were sealed under the new key");
        }
        if let Some(path) = self.managed.as_ref().filter(|path| keys::successor(path).exists()) {
            keys::succeed(path)?;
        }
        Ok(())
    }

    /// Seals under the key of the moment whatever is sealed under another, in one change.
    async fn seal_anew(&self, by: &str) -> Result<usize, Error> {
        let (store, by, now) = (self.clone(), by.to_owned(), self.core.clock.now());
        let written = self.core.store.write(move |tx| {
            let ring = store.ring.read().unwrap_or_else(PoisonError::into_inner);
            let none = || StoreError::Conflict("there is no key to seal under".to_owned());
            let ring = ring.as_ref().ok_or_else(none)?;
            let values = re_seal(tx, ring)?;
            let detail = json!({ "key": ring.id(), "values": values });
            let what = (by.as_str(), "secret.rotate_key", ring.id());
            audit(tx, &TenantId::default(), now, what, detail)?;
            Ok(values)
        });
        Ok(written.await?)
    }
}

fn re_seal(tx: &Tx<'_>, ring: &Keyring) -> Result<usize, StoreError> {
    let mut values = 0;
    for row in tx.secrets()?.into_iter().filter(|row| row.key != ring.id()) {
        match open(ring, &row) {
            Ok(value) => tx.put_secret(&seal(ring, row.head, &value))?,
            // It opens under no key, so it is no reason to ask for the old one for ever.
            Err(error @ SealError::Damaged { .. }) => {
                tracing::error!(%error, "a secret cannot be sealed anew");
                tx.put_secret(&SealedSecret { key: ring.id().to_owned(), ..row })?;
            }
            Err(error @ SealError::WrongKey { .. }) => {
                return Err(StoreError::Conflict(error.to_string()));
            }
        }
        values += 1;
    }
    Ok(values)
}
