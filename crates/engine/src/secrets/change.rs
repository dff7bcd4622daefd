//! What administrators do with secrets; each change and its line in the audit are one.

use std::sync::PoisonError;

use serde_json::json;
use stanch_connector::{
    Secret,
    secrets::{Keyring, Purpose, REDACT_BYTES_MIN, SECRET_BYTES_MAX, is_secret_name},
};
use stanch_model::{people::Actor, secret::SecretVersion};
use stanch_store::{Error as StoreError, SealedSecret, Tx};

use super::{SecretStore, SecretView, keys, seal};
use crate::{Error, core::audit};

impl SecretStore {
    /// Sets a value, which is in force at once. `purpose` is only needed for the first.
    ///
    /// # Errors
    /// A name or value that will not do; a purpose other than the secret has.
    pub async fn set(
        &self,
        actor: &Actor,
        name: &str,
        value: Secret,
        purpose: Option<Purpose>,
    ) -> Result<SecretView, Error> {
        checked(name, &value)?;
        self.make_key_if_none().await?;
        let (store, now) = (self.clone(), self.core.clock.now());
        let (actor, name) = (actor.clone(), name.to_owned());
        let written = self.core.store.write(move |tx| {
            let rows = tx.secret(&actor.tenant, &name)?;
            let before = rows.first().map(|row| &row.head);
            if let (Some(before), Some(purpose)) = (before, purpose)
                && before.purpose != purpose
            {
                return Err(StoreError::Conflict(format!(
                    "the secret `{name}` is there for something else: take another name, or remove it first"
                )));
            }
            // Of two values that nobody has confirmed the older one is not worth keeping.
            for row in rows.iter().filter(|row| !row.head.confirmed) {
                tx.remove_secret_version(&row.head)?;
            }
            let head = SecretVersion {
                tenant: actor.tenant.clone(),
                name: name.clone(),
                version: before.map_or(0, |before| before.version).saturating_add(1),
                purpose: before.map_or(purpose.unwrap_or_default(), |before| before.purpose),
                confirmed: rows.is_empty(),
                set_by: actor.name.clone(),
                set_at: now,
            };
            tx.put_secret(&store.sealed(head.clone(), &value)?)?;
            let detail = json!({ "version": head.version, "purpose": head.purpose });
            audit(tx, &actor.tenant, now, (&actor.name, "secret.set", &name), detail)?;
            after(tx, &store, head)
        });
        self.told(written.await?)
    }

    /// Says that the value in force works: the one before it is forgotten.
    ///
    /// # Errors
    /// No such secret; one whose value is confirmed already.
    pub async fn confirm(&self, actor: &Actor, name: &str) -> Result<SecretView, Error> {
        self.settle_value(actor, name, "secret.confirm", |tx, current, older| {
            tx.put_secret(&SealedSecret {
                head: SecretVersion { confirmed: true, ..current.head.clone() },
                ..current.clone()
            })?;
            older.iter().try_for_each(|row| tx.remove_secret_version(&row.head))
        })
        .await
    }

    /// Brings the value before the one in force back.
    ///
    /// # Errors
    /// No such secret; one whose value is confirmed, so that there is none before it.
    pub async fn revert(&self, actor: &Actor, name: &str) -> Result<SecretView, Error> {
        self.settle_value(actor, name, "secret.revert", |tx, current, _| {
            tx.remove_secret_version(&current.head)
        })
        .await
    }

    async fn settle_value(
        &self,
        actor: &Actor,
        name: &str,
        verb: &'static str,
        change: impl FnOnce(&Tx<'_>, &SealedSecret, &[SealedSecret]) -> Result<(), StoreError>
        + Send
        + 'static,
    ) -> Result<SecretView, Error> {
        let (store, now) = (self.clone(), self.core.clock.now());
        let (actor, name) = (actor.clone(), name.to_owned());
        let written = self.core.store.write(move |tx| {
            let rows = tx.secret(&actor.tenant, &name)?;
            let Some((current, older)) = rows.split_first() else {
                return Err(StoreError::NotFound { what: "secret", id: name.clone() });
            };
            if older.is_empty() {
                return Err(StoreError::Conflict(format!(
                    "the secret `{name}` has one value, version {}, and none to choose from",
                    current.head.version
                )));
            }
            change(tx, current, older)?;
            let left = tx.secret(&actor.tenant, &name)?.swap_remove(0).head;
            let detail = json!({ "version": left.version });
            audit(tx, &actor.tenant, now, (&actor.name, verb, &name), detail)?;
            after(tx, &store, left)
        });
        self.told(written.await?)
    }

    /// Takes a secret away.
    ///
    /// # Errors
    /// No such secret; one that is the credential of an instance.
    pub async fn remove(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        if let Some(instances) = self.used_by.get(name) {
            return Err(Error::Conflict(format!(
                "the secret `{name}` is the credential of {}: set a new value, or take it out of the configuration first",
                instances.join(", ")
            )));
        }
        let now = self.core.clock.now();
        let (actor, gone) = (actor.clone(), name.to_owned());
        let written = self.core.store.write(move |tx| {
            tx.remove_secret(&actor.tenant, &gone)?;
            audit(tx, &actor.tenant, now, (&actor.name, "secret.remove", &gone), json!({}))
        });
        written.await?;
        self.core.live.tell("secret", name);
        Ok(())
    }

    fn told(&self, view: SecretView) -> Result<SecretView, Error> {
        self.core.live.tell("secret", &view.name);
        Ok(view)
    }

    /// Seals under the key of the moment: in the writer's turn, so that no rotation comes between.
    fn sealed(&self, head: SecretVersion, value: &Secret) -> Result<SealedSecret, StoreError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let none = || StoreError::Conflict("the key of the secrets is gone".to_owned());
        ring.as_ref().map(|ring| seal(ring, head, value)).ok_or_else(none)
    }

    async fn make_key_if_none(&self) -> Result<(), Error> {
        let _turn = self.rotating.lock().await;
        if self.ring.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let Some(path) = &self.managed else { return Ok(()) };
        let key = keys::create(path)?;
        tracing::info!(path = %path.display(), key = key.id(), "made a key for the secrets");
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = Some(Keyring::new(key, Vec::new()));
        Ok(())
    }
}

/// The secret as it stands after a change.
fn after(tx: &Tx<'_>, store: &SecretStore, head: SecretVersion) -> Result<SecretView, StoreError> {
    let rows = tx.secret(&head.tenant, &head.name)?;
    let previous = rows.get(1).map(|row| row.head.version);
    Ok(SecretView { previous, ..store.view(head) })
}

fn checked(name: &str, value: &Secret) -> Result<(), Error> {
    if !is_secret_name(name) {
        let text = "a secret's name is a letter and then letters, digits or `_`, at most 64 in all";
        return Err(Error::Invalid(text.to_owned()));
    }
    let bytes = value.expose().len();
    if bytes < REDACT_BYTES_MIN {
        return Err(Error::Invalid(format!(
            "a secret has at least {REDACT_BYTES_MIN} bytes: a shorter one could not be struck out of what a target answers"
        )));
    }
    if u64::try_from(bytes).is_ok_and(|bytes| bytes > SECRET_BYTES_MAX) {
        return Err(Error::Invalid("a secret has at most 64 KiB".to_owned()));
    }
    Ok(())
}
