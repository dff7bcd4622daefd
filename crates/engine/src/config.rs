//! The configuration: read once at the start, unknown keys refused, secrets only as references.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use serde::Deserialize;
use stanch_guard::Policy;
use stanch_intel::Meaning;
use stanch_model::{
    ObservableKind, TenantId, event::Trust, guard::Criticality, manifest::Instance,
    notice::NoticeEvent,
};

use crate::{
    Error,
    intake::{Source, SyslogProtocol},
};

/// `stanch.yaml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where decisions are kept, if not in the data folder.
    pub store: Option<StoreConfig>,
    /// Connectors as this installation uses them.
    pub connectors: Vec<Instance>,
    /// Capability (`firewall.block_address`) → connector name.
    pub bindings: BTreeMap<String, String>,
    /// What the guard holds to.
    pub policy: Policy,
    /// What is known of sources beside their token: format and trust, by name.
    pub sources: BTreeMap<String, SourceConfig>,
    /// Files to follow.
    pub files: Vec<FileConfig>,
    /// Syslog listeners.
    pub syslog: Vec<SyslogConfig>,
    /// Indicator lists.
    pub intel: Vec<IntelConfig>,
    /// The comparison of ledger and targets.
    pub reconcile: ReconcileConfig,
    /// Where the key of the secrets is.
    pub secrets: SecretsConfig,
    /// Who answers for what.
    pub assets: Vec<AssetConfig>,
    /// Playbooks beside those that are read at the start.
    pub playbooks: PlaybooksConfig,
    /// How people are told.
    pub notices: NoticesConfig,
}

/// How people are told that something waits for them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesConfig {
    /// Where people open Stanch; links begin with it.
    pub base_url: Option<String>,
    /// What mails go through.
    pub mail: Option<MailConfig>,
    /// Webhooks.
    pub webhooks: Vec<WebhookConfig>,
}

/// What mails go through.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// An instance of the connector `smtp`.
    pub instance: String,
}

/// A webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Its name.
    pub name: String,
    /// Where notices are posted.
    pub url: String,
    /// What they are signed with: `env:NAME` or `file:PATH`.
    pub secret: String,
    /// Whether private addresses may be reached.
    #[serde(default)]
    pub allow_private: bool,
    /// What it is told; everything if absent.
    #[serde(default)]
    pub events: Vec<NoticeEvent>,
}

/// The comparison of ledger and targets.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReconcileConfig {
    /// How often; 15 minutes if absent, 10 seconds at least.
    #[serde(with = "stanch_model::duration::text")]
    pub every: Duration,
}

impl Default for ReconcileConfig {
    fn default() -> Self {
        Self { every: Duration::from_secs(15 * 60) }
    }
}

impl ReconcileConfig {
    /// How often.
    ///
    /// # Errors
    /// Less than 10 seconds: every look asks every target.
    pub fn period(&self) -> Result<Duration, Error> {
        if self.every < Duration::from_secs(10) {
            return Err(Error::Content("reconcile.every is at least 10s".to_owned()));
        }
        Ok(self.every)
    }
}

/// Where the key of the secrets is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsConfig {
    /// `file:PATH`, `env:NAME`, or either after `passphrase:`; `DATA/secrets.key` if absent.
    pub key: Option<String>,
    /// Keys that only open; what is sealed under them is sealed under `key` at the start.
    pub previous: Vec<String>,
    #[serde(skip)]
    stays_shut: bool,
}

impl SecretsConfig {
    /// A key somewhere else than in the data folder, and those that only open.
    #[must_use]
    pub const fn new(key: Option<String>, previous: Vec<String>) -> Self {
        Self { key, previous, stays_shut: false }
    }

    /// For work on a data folder that needs no secret, and so no key.
    #[must_use]
    pub const fn shut() -> Self {
        Self { key: None, previous: Vec::new(), stays_shut: true }
    }

    /// Whether no secret is opened, whatever there is.
    #[must_use]
    pub const fn stays_shut(&self) -> bool {
        self.stays_shut
    }
}

/// A store in PostgreSQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Where it is, `postgres://USER@HOST/DATABASE`; the password as `?password=file:PATH`.
    pub url: String,
    /// After how long without a sign of life another process takes over; 15 s if absent.
    #[serde(deserialize_with = "stanch_model::duration::text::deserialize")]
    pub lease: Duration,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { url: String::new(), lease: Duration::from_secs(15) }
    }
}

/// Playbooks beside those that are read at the start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaybooksConfig {
    /// A folder that is followed: what is in it and checks is in force.
    pub follow: Option<PathBuf>,
}

/// Something that somebody answers for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetConfig {
    /// What kind of observable it is.
    pub kind: ObservableKind,
    /// Which: as in `policy.protected`.
    pub value: String,
    /// Login name of whoever answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// What it is: `domain-controller`, `workstation`.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// Who it belongs to: `executives`, `finance`.
    #[serde(default)]
    pub groups: BTreeSet<String>,
    /// Where it is.
    #[serde(default)]
    pub site: Option<String>,
    /// How much depends on it.
    #[serde(default)]
    pub criticality: Option<Criticality>,
}

/// What is known of a source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceConfig {
    /// Format of its records; recognised record by record if absent.
    pub format: Option<String>,
    /// How far it is believed; `medium` if absent.
    pub trust: Trust,
}

/// A file to follow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// The file; it may not be there yet.
    pub path: PathBuf,
    /// As which source.
    pub source: String,
}

/// A syslog listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogConfig {
    /// `udp` or `tcp`.
    pub protocol: Protocol,
    /// Address and port, `127.0.0.1:5514`.
    pub listen: SocketAddr,
    /// As which source.
    pub source: String,
}

/// `udp` or `tcp`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// RFC 5426.
    Udp,
    /// RFC 6587.
    Tcp,
}

impl From<Protocol> for SyslogProtocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Udp => Self::Udp,
            Protocol::Tcp => Self::Tcp,
        }
    }
}

/// An indicator list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntelConfig {
    /// Its name, as in verdicts.
    pub name: String,
    /// The file: one value a line, or a MISP warning list (`.json`).
    pub path: PathBuf,
    /// What being on it means: `malicious` or `benign`.
    pub meaning: Meaning,
}

impl Config {
    /// The source by that name, as configured.
    #[must_use]
    pub fn source(&self, name: &str) -> Source {
        let known = self.sources.get(name).cloned().unwrap_or_default();
        Source {
            tenant: TenantId::default(),
            name: name.to_owned(),
            trust: known.trust,
            format: known.format,
        }
    }
}
