//! Connector manifests: what a target can do, how it is asked, looked up, verified and undone.
//!
//! The types only; `connector` reads and checks the YAML, `playbook` checks steps against it,
//! the engine joins both.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ObservableKind, canonical};

/// What an action does to the world.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EffectClass {
    /// Changes nothing.
    Read,
    /// Can be undone by the manifest's `undo`.
    Reversible,
    /// Cannot be undone.
    Irreversible,
}

/// What happens if the same act is sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Idempotency {
    /// The target's state is the same after the second.
    Natural,
    /// The target recognises our idempotency key.
    Key,
    /// It acts twice: never repeated without a person.
    None,
}

/// How a connector reaches its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// The guarded HTTP client; calls are [`Call::Http`].
    Http,
    /// SSH, one command an exec request; calls are [`Call::Ssh`].
    Ssh,
    /// Answered by the engine itself (`intel.lookup`, `incident.comment`).
    Builtin,
}

/// One request to a target. Texts may hold `${{ CEL }}` over `input`, `config`, `key`
/// (idempotency key), `ttl_seconds` (of the expiry, 0 if none) and, in `probe`, `verify` and
/// `undo`, `output` of the act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Call {
    /// An HTTP request below the instance's `base_url`.
    Http(HttpCall),
    /// A command: an argument vector, never a shell line. An argument that renders empty is kept.
    Ssh(Vec<String>),
    /// A function of the engine.
    Builtin(String),
}

/// An HTTP request below the instance's `base_url`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpCall {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
    pub method: String,
    /// Path and query; each rendered part is percent-encoded as one segment.
    pub path: String,
    /// Extra headers; `Authorization` comes from the instance's credential.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON body, rendered leaf by leaf.
    #[serde(default)]
    pub body: Option<Value>,
    /// Status codes that mean accepted; 2xx if empty.
    #[serde(default)]
    pub accept: Vec<u16>,
}

/// A question to the target: is the effect there?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What to ask.
    pub call: Call,
    /// CEL over `input`, `config`, `key`, `output` and `response` (`status`, `body`; for SSH
    /// `exit`, `stdout`, and `body` where stdout is JSON) that is true if the effect is there.
    pub done: String,
}

/// A check repeated until it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// What to ask.
    pub call: Call,
    /// See [`Check::done`].
    pub done: String,
    /// Pause between two questions.
    #[serde(with = "crate::duration::text", default = "default_every")]
    pub every: Duration,
    /// When to give up.
    #[serde(with = "crate::duration::text", default = "default_within")]
    pub within: Duration,
}

const fn default_every() -> Duration {
    Duration::from_secs(1)
}
const fn default_within() -> Duration {
    Duration::from_secs(60)
}
const fn default_timeout() -> Duration {
    Duration::from_secs(15)
}

/// How an act is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// What to ask for.
    pub call: Call,
    /// Until the effect is seen to be gone.
    pub verify: Verify,
    /// In plain words, for the approval card.
    pub title: String,
}

/// Which input names the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// What kind of thing it is; the value is canonicalised as that.
    pub kind: ObservableKind,
    /// Name of the input property.
    pub input: String,
}

/// At most so many acts in a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many.
    pub count: u32,
    /// In what time.
    #[serde(with = "crate::duration::text")]
    pub per: Duration,
}

/// A recorded exchange: documentation, plan answer and contract test in one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The action's input.
    pub input: Value,
    /// The action's output.
    pub output: Value,
}

/// One action of a connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionManifest {
    /// In plain words, imperative: `Block an address`.
    pub title: String,
    /// The capability it fulfils (`firewall.block_address`); vendor actions have none.
    #[serde(default)]
    pub capability: Option<String>,
    /// What it does to the world.
    pub effect: EffectClass,
    /// Whether a read gives something away to a third party; plan and shadow do not make it.
    #[serde(default)]
    pub discloses: bool,
    /// Whether it only writes into our own books (a comment); plan and shadow do not make it.
    #[serde(default)]
    pub own_books: bool,
    /// What happens if it is sent twice.
    pub idempotency: Idempotency,
    /// What it acts on; required unless the effect is `read`.
    #[serde(default)]
    pub target: Option<TargetSpec>,
    /// JSON Schema of the input, an object.
    pub input: Value,
    /// JSON Schema of the output, an object.
    pub output: Value,
    /// The request.
    pub call: Call,
    /// Output property → CEL over `input`, `config` and `response`.
    #[serde(default)]
    pub returns: BTreeMap<String, String>,
    /// Looks the act up in the target, before acting (prior state) and after a crash.
    #[serde(default)]
    pub probe: Option<Check>,
    /// Asks until the effect is seen.
    #[serde(default)]
    pub verify: Option<Verify>,
    /// Takes it back; required if reversible.
    #[serde(default)]
    pub undo: Option<Undo>,
    /// Whether the target itself lifts the act after `ttl_seconds`.
    #[serde(default)]
    pub native_expiry: bool,
    /// At most so many.
    #[serde(default)]
    pub rate_limit: Option<RateLimit>,
    /// Time for one request.
    #[serde(with = "crate::duration::text", default = "default_timeout")]
    pub timeout: Duration,
    /// Recorded exchanges.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// A connector: one vendor, one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name, as in `do: NAME.action`.
    pub connector: String,
    /// In plain words.
    pub title: String,
    /// What it is, what it was proven against.
    pub description: String,
    /// True for the practice target; shown wherever its acts are shown.
    #[serde(default)]
    pub practice: bool,
    /// How it reaches its target.
    pub transport: Transport,
    /// Its actions by name.
    pub actions: BTreeMap<String, ActionManifest>,
}

impl Manifest {
    /// SHA-256 over the canonical JSON; part of every plan hash.
    ///
    /// # Panics
    /// Never: a manifest that was read from YAML has a JSON form.
    #[must_use]
    pub fn digest(&self) -> String {
        canonical::sha256(self).expect("invariant: a manifest is JSON")
    }
}

/// A connector as this installation uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Its name here: `edge-firewall`.
    pub name: String,
    /// The manifest it fills.
    pub connector: String,
    /// `https://…` for HTTP, `ssh://user@host:port` for SSH.
    #[serde(default)]
    pub base_url: String,
    /// Whether private, loopback and link-local ranges may be reached. Off unless said.
    #[serde(default)]
    pub allow_private: bool,
    /// Where the credential is: `env:NAME` or `file:PATH`. Bearer token for HTTP, private key for SSH.
    #[serde(default)]
    pub credential: Option<String>,
    /// SSH: the server's public key in OpenSSH form; a server with another one is refused.
    #[serde(default)]
    pub host_key: Option<String>,
    /// Values that requests may use as `config.*`.
    #[serde(default)]
    pub config: BTreeMap<String, Value>,
}

/// Everything that steps can name: manifests, instances and what capabilities are bound to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Manifests by connector name.
    pub manifests: BTreeMap<String, Manifest>,
    /// Instances by their name.
    pub instances: BTreeMap<String, Instance>,
    /// Capability (`edr.isolate_host`) → instance name.
    pub bindings: BTreeMap<String, String>,
}

/// An action found in the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The instance that acts; builtin connectors have one of their own name.
    pub instance: &'a str,
    /// The manifest of the instance.
    pub manifest: &'a Manifest,
    /// Name of the action in the manifest.
    pub name: &'a str,
    /// The action.
    pub action: &'a ActionManifest,
}

/// Why a `do:` names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// Neither a capability of any manifest nor `connector.action`.
    #[error("no action or capability is called `{0}`")]
    Unknown(String),
    /// A capability that exists, but nothing is bound to it here.
    #[error("capability `{0}` is bound to no connector instance")]
    Unbound(String),
}

impl Catalog {
    /// Finds what `do: NAME` means: a capability by its binding, else `connector.action` or
    /// `instance.action`.
    ///
    /// # Errors
    /// Unknown names; capabilities without a binding.
    pub fn resolve(&self, name: &str) -> Result<Resolved<'_>, ResolveError> {
        if let Some(instance) = self.bindings.get(name)
            && let Some(found) = self.capability_of(instance, name)
        {
            return Ok(found);
        }
        if let Some((owner, action)) = name.split_once('.')
            && let Some(found) = self.named(owner, action)
        {
            return Ok(found);
        }
        if self.capabilities().any(|capability| capability == name) {
            return Err(ResolveError::Unbound(name.to_owned()));
        }
        Err(ResolveError::Unknown(name.to_owned()))
    }

    /// All capabilities that any manifest offers, with doubles.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.manifests
            .values()
            .flat_map(|m| m.actions.values())
            .filter_map(|a| a.capability.as_deref())
    }

    fn capability_of<'a>(&'a self, instance: &'a str, capability: &str) -> Option<Resolved<'a>> {
        let manifest = self.manifests.get(&self.instances.get(instance)?.connector)?;
        let (name, action) = manifest
            .actions
            .iter()
            .find(|(_, action)| action.capability.as_deref() == Some(capability))?;
        Some(Resolved { instance, manifest, name, action })
    }

    fn named<'a>(&'a self, owner: &str, action: &str) -> Option<Resolved<'a>> {
        let by_connector = || self.instances.iter().find(|(_, i)| i.connector == owner);
        let (instance, connector) = match self.instances.get_key_value(owner).or_else(by_connector)
        {
            Some((name, instance)) => (name.as_str(), instance.connector.as_str()),
            None => {
                let manifest = self.manifests.get(owner)?;
                if manifest.transport != Transport::Builtin {
                    return None;
                }
                (manifest.connector.as_str(), owner)
            }
        };
        let manifest = self.manifests.get(connector)?;
        let (name, action) = manifest.actions.get_key_value(action)?;
        Some(Resolved { instance, manifest, name, action })
    }
}
