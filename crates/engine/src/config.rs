//! The configuration: read once at the start, unknown keys refused, secrets only as references.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use serde::Deserialize;
use stanch_guard::Policy;
use stanch_intel::Meaning;
use stanch_model::{TenantId, event::Trust, manifest::Instance};

use crate::{
    Error,
    intake::{Source, SyslogProtocol},
};

/// `stanch.yaml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
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
