//! What there is to act with here: connectors as this installation uses them, and how steps find them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ActionManifest, Manifest, Transport};

/// A connector as this installation uses it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Its name here: `edge-firewall`.
    pub name: String,
    /// The manifest it fills.
    pub connector: String,
    /// `https://…` for HTTP, `ssh://user@host:port` for SSH, `ldaps://…` or `ldap://…` (StartTLS)
    /// for LDAP, `imaps://…` or `imap://…` (STARTTLS) for IMAP,
    /// `smtps://…` or `smtp://…` (STARTTLS) for SMTP, `syslog+tls://…`, `syslog+tcp://…` or `syslog://…`
    /// (UDP) for syslog.
    #[serde(default)]
    pub base_url: String,
    /// Whether private, loopback and link-local ranges may be reached. Off unless said.
    #[serde(default)]
    pub allow_private: bool,
    /// Where the credential is: `secret:NAME`, `env:NAME` or `file:PATH`. For HTTP what the
    /// manifest's `auth` says, a private key for SSH, password of `user` for the others.
    #[serde(default)]
    pub credential: Option<String>,
    /// Who signs in, where the address does not say it: for LDAP a distinguished name or
    /// `name@domain`.
    #[serde(default)]
    pub user: Option<String>,
    /// A PEM file with the authorities that the server's certificate must lead to; the system's
    /// own if absent. Not for HTTP and SSH.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// Whether to talk without TLS where the protocol would begin with it. Only possible with a
    /// server inside; whoever is on the way can read the password. Off unless said.
    #[serde(default)]
    pub plaintext: bool,
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
