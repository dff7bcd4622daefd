//! Secrets: kept sealed in the store, changed by administrators, opened for one call.
//!
//! The key is where the configuration says, else in `DATA/secrets.key`, which is made when the first
//! secret is set. A new value is in force at once; the one before it is kept until somebody confirms
//! that the new one works, and can be brought back until then.

mod change;
mod forget;
mod keys;
mod rotate;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use futures::future::BoxFuture;
use serde::Serialize;
use stanch_connector::{
    Secret, Secrets,
    secrets::{Keyring, Label, Purpose, SealError, Sealed, SecretError, Vault},
};
use stanch_model::{TenantId, Time, manifest::Instance, secret::SecretVersion};
use stanch_store::SealedSecret;

pub use self::{forget::forget, rotate::Rotated};
use crate::{Error, config::SecretsConfig, core::Core};

/// What may be seen of a secret: never its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SecretView {
    /// Its name.
    pub name: String,
    /// Which of its values is in force.
    pub version: u32,
    /// The value before it, kept until this one is confirmed.
    pub previous: Option<u32>,
    /// What it is for.
    pub purpose: Purpose,
    /// Who set the value in force.
    pub set_by: String,
    /// When.
    pub set_at: Time,
    /// The connector instances that have it as their credential.
    pub used_by: Vec<String>,
}

/// The secrets of an installation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SecretStore {
    core: Core,
    /// None until the first secret is set, where nothing is configured.
    ring: Arc<RwLock<Option<Keyring>>>,
    /// Where the key is if the configuration says nothing.
    managed: Option<PathBuf>,
    /// For reading a key that somebody names later.
    lookup: Secrets,
    used_by: Arc<BTreeMap<String, Vec<String>>>,
    rotating: Arc<tokio::sync::Mutex<()>>,
}

impl SecretStore {
    /// Reads the key and holds it against what is sealed. Values under a previous key are sealed anew.
    ///
    /// # Errors
    /// A key that cannot be read, or is not the one that the values are sealed under: without it the
    /// installation would start without its hands, and nobody would know until they are needed.
    pub async fn open(
        core: Core,
        data: &Path,
        config: &SecretsConfig,
        lookup: &Secrets,
        connectors: &[Instance],
    ) -> Result<Self, Error> {
        let rows = core.store.read(|view| view.secrets()).await?;
        if config.stays_shut() {
            return Ok(Self::shut(core, lookup));
        }
        let managed = config.key.is_none().then(|| data.join("secrets.key"));
        let ring = keys::load(&core, managed.as_deref(), config, lookup).await?;
        keys::fits(ring.as_ref(), managed.as_deref(), &rows)?;
        let secrets = Self {
            core,
            ring: Arc::new(RwLock::new(ring)),
            managed,
            lookup: lookup.clone(),
            used_by: Arc::new(used_by(connectors)),
            rotating: Arc::default(),
        };
        secrets.settle(&rows).await?;
        for (name, instances) in &*secrets.used_by {
            if !rows.iter().any(|row| row.head.name == *name) {
                tracing::warn!(secret = %name, ?instances, "no such secret yet: `stanch secret set`");
            }
        }
        Ok(secrets)
    }

    /// One that opens nothing and takes nothing.
    fn shut(core: Core, lookup: &Secrets) -> Self {
        Self {
            core,
            ring: Arc::default(),
            managed: None,
            lookup: lookup.clone(),
            used_by: Arc::default(),
            rotating: Arc::default(),
        }
    }

    /// All secrets, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<SecretView>, Error> {
        let rows = self.core.store.read(|view| view.secrets()).await?;
        let mut views: Vec<SecretView> = Vec::new();
        for head in rows.into_iter().map(|row| row.head).filter(|head| head.tenant == *tenant) {
            match views.last_mut().filter(|view| view.name == head.name) {
                Some(view) => view.previous = Some(head.version),
                None => views.push(self.view(head)),
            }
        }
        Ok(views)
    }

    /// The names that playbooks may read as `secrets.NAME`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn input_names(&self, tenant: &TenantId) -> Result<Vec<String>, Error> {
        let all = self.list(tenant).await?.into_iter();
        Ok(all.filter(|view| view.purpose == Purpose::Input).map(|view| view.name).collect())
    }

    fn view(&self, head: SecretVersion) -> SecretView {
        SecretView {
            used_by: self.used_by.get(&head.name).cloned().unwrap_or_default(),
            name: head.name,
            version: head.version,
            previous: None,
            purpose: head.purpose,
            set_by: head.set_by,
            set_at: head.set_at,
        }
    }

    /// The value in force, if it is there for that.
    async fn value(&self, name: &str, purpose: Purpose) -> Result<Secret, SecretError> {
        let wanted = name.to_owned();
        let read = self.core.store.read(move |view| view.secret(&TenantId::default(), &wanted));
        let vault = |why: String| SecretError::Vault { name: name.to_owned(), why };
        let rows = read.await.map_err(|error| vault(error.to_string()))?;
        let missing = || SecretError::Missing(name.to_owned());
        let row = rows.into_iter().next().ok_or_else(missing)?;
        if row.head.purpose != purpose {
            return Err(SecretError::Purpose { name: name.to_owned(), help: instead(purpose) });
        }
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let ring = ring.as_ref().ok_or_else(|| vault("there is no key".to_owned()))?;
        open(ring, &row).map_err(|error| vault(error.to_string()))
    }
}

impl Vault for SecretStore {
    fn open<'a>(
        &'a self,
        name: &'a str,
        purpose: Purpose,
    ) -> BoxFuture<'a, Result<Secret, SecretError>> {
        Box::pin(self.value(name, purpose))
    }
}

const fn instead(wanted: Purpose) -> &'static str {
    match wanted {
        Purpose::Input => {
            "it is a connector's credential; set one for playbooks with `stanch secret set NAME --for input`"
        }
        Purpose::Credential => {
            "it is for playbooks; set one for connectors with `stanch secret set NAME --for credential`"
        }
    }
}

/// Secret → the instances that have it as their credential.
fn used_by(connectors: &[Instance]) -> BTreeMap<String, Vec<String>> {
    let mut used = BTreeMap::<String, Vec<String>>::new();
    for instance in connectors {
        let reference =
            instance.credential.as_deref().and_then(|text| text.strip_prefix("secret:"));
        if let Some(name) = reference {
            used.entry(name.to_owned()).or_default().push(instance.name.clone());
        }
    }
    used
}

const fn label(head: &SecretVersion) -> Label<'_> {
    Label { tenant: &head.tenant, name: head.name.as_str(), version: head.version }
}

fn open(ring: &Keyring, row: &SealedSecret) -> Result<Secret, SealError> {
    let sealed = Sealed { key: row.key.clone(), bytes: row.bytes.clone() };
    ring.open(label(&row.head), &sealed)
}

fn seal(ring: &Keyring, head: SecretVersion, value: &Secret) -> SealedSecret {
    let Sealed { key, bytes } = ring.seal(label(&head), value);
    SealedSecret { head, key, bytes }
}
