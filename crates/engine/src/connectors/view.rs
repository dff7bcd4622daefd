//! What of a connector is shown.

use serde::Serialize;
use stanch_model::{
    ObservableKind, TenantId, Time, duration,
    manifest::{ActionManifest, Catalog, EffectClass, Instance, Manifest, Period, Transport},
};

use super::quota::{end, name};
use crate::{Engine, Error};

/// A connector instance, or one that the engine answers itself.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ConnectorView {
    /// Its name here.
    pub name: String,
    /// The manifest that it fills.
    pub connector: String,
    /// In plain words.
    pub title: String,
    /// What it is, and what it was proven against.
    pub description: String,
    /// Whether nothing in it is real.
    pub practice: bool,
    /// How the target is reached: `http`, `ssh`, `builtin`, …
    pub transport: String,
    /// Where the target is; empty for what the engine answers.
    pub base_url: String,
    /// Whether inside addresses may be reached.
    pub allow_private: bool,
    /// Where its credential is, `secret:NAME` or `env:NAME`; of a file only that it is one.
    pub credential: Option<String>,
    /// The capabilities that are bound to it.
    pub bindings: Vec<String>,
    /// What of its quotas is used.
    pub quota: Vec<QuotaView>,
    /// What it can do.
    pub actions: Vec<ActionView>,
}

/// A quota and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QuotaView {
    /// In what.
    pub per: Period,
    /// How many requests fit.
    pub count: u32,
    /// How many were sent.
    pub used: u32,
    /// When it begins anew.
    pub until: Time,
}

/// An action, as an operator wants to know it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ActionView {
    /// Its name in the manifest.
    pub name: String,
    /// In plain words.
    pub title: String,
    /// The capability that it fulfils.
    pub capability: Option<String>,
    /// What it does to the world.
    pub effect: EffectClass,
    /// Whether it gives something away to a third party.
    pub discloses: bool,
    /// What happens if it is sent twice: `natural`, `key`, `none`.
    pub idempotency: String,
    /// What it acts on.
    #[schema(value_type = Option<String>)]
    pub target: Option<ObservableKind>,
    /// Whether it can be looked up before the act and after a crash.
    pub probe: bool,
    /// How long the effect is waited for; none for what changes nothing.
    pub verify_within: Option<String>,
    /// How it is taken back, in plain words.
    pub undo: Option<String>,
    /// Whether the target itself lifts it.
    pub native_expiry: bool,
    /// At most so many in a time: `60 in 1m`.
    pub rate_limit: Option<String>,
    /// JSON Schema of the input.
    #[schema(value_type = Object)]
    pub input: serde_json::Value,
}

impl Engine {
    /// The connectors that there are here, by name: the configured instances, and what the engine
    /// answers itself.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn connectors(&self, tenant: &TenantId) -> Result<Vec<ConnectorView>, Error> {
        let catalog = self.library.catalog.clone();
        let mut views = Vec::new();
        for instance in catalog.instances.values() {
            let Some(manifest) = catalog.manifests.get(&instance.connector) else { continue };
            let (tenant, name) = (tenant.clone(), instance.name.clone());
            let read = self.core.store.read(move |view| view.requests_counted(&tenant, &name));
            let used = read.await?;
            views.push(view(&catalog, manifest, instance, &used, self.core.clock.now()));
        }
        let own = catalog.manifests.values().filter(|of| of.transport == Transport::Builtin);
        for manifest in own.filter(|of| !catalog.instances.contains_key(&of.connector)) {
            let instance = of_builtin(manifest);
            views.push(view(&catalog, manifest, &instance, &[], self.core.clock.now()));
        }
        views.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(views)
    }
}

/// What the engine answers itself has one instance, of its own name.
fn of_builtin(manifest: &Manifest) -> Instance {
    let name = &manifest.connector;
    serde_json::from_value(serde_json::json!({ "name": name, "connector": name }))
        .expect("invariant: an instance needs no more")
}

fn view(
    catalog: &Catalog,
    manifest: &Manifest,
    instance: &Instance,
    used: &[(String, u32)],
    now: Time,
) -> ConnectorView {
    let bound = catalog.bindings.iter().filter(|(_, to)| **to == instance.name);
    let quota = manifest.quota.iter().map(|quota| {
        let period = name(quota.per, now);
        let count = used.iter().find(|(of, _)| *of == period).map_or(0, |(_, count)| *count);
        QuotaView { per: quota.per, count: quota.count, used: count, until: end(quota.per, now) }
    });
    ConnectorView {
        name: instance.name.clone(),
        connector: manifest.connector.clone(),
        title: manifest.title.clone(),
        description: manifest.description.trim().to_owned(),
        practice: manifest.practice,
        transport: word(&manifest.transport),
        base_url: instance.base_url.clone(),
        allow_private: instance.allow_private,
        credential: instance.credential.as_deref().map(shown),
        bindings: bound.map(|(capability, _)| capability.clone()).collect(),
        quota: quota.collect(),
        actions: manifest.actions.iter().map(|(name, action)| of_action(name, action)).collect(),
    }
}

/// A reference without the path of a file, which says something about the host.
fn shown(reference: &str) -> String {
    match reference.split_once(':') {
        Some(("secret" | "env", _)) => reference.to_owned(),
        Some(("file", _)) => "file".to_owned(),
        _ => "unreadable".to_owned(),
    }
}

fn of_action(name: &str, action: &ActionManifest) -> ActionView {
    let limit = action.rate_limit.as_ref();
    ActionView {
        name: name.to_owned(),
        title: action.title.clone(),
        capability: action.capability.clone(),
        effect: action.effect,
        discloses: action.discloses,
        idempotency: word(&action.idempotency),
        target: action.target.as_ref().map(|target| target.kind),
        probe: action.probe.is_some(),
        verify_within: action.verify.as_ref().map(|verify| duration::format(verify.within)),
        undo: action.undo.as_ref().map(|undo| undo.title.clone()),
        native_expiry: action.native_expiry,
        rate_limit: limit.map(|of| format!("{} in {}", of.count, duration::format(of.per))),
        input: action.input.clone(),
    }
}

/// The word that JSON has for a value of a closed set.
fn word(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}
