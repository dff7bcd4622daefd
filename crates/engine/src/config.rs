//! The configuration: read once at the start, unknown keys refused, secrets only as references.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use serde::Deserialize;
use stanch_guard::Policy;
use stanch_intel::Meaning;
use stanch_model::{
    ObservableKind, TenantId, event::Trust, manifest::Instance, notice::NoticeEvent,
};

use crate::intake::{Source, SyslogProtocol};

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
    /// The relay for mails.
    pub mail: Option<MailConfig>,
    /// Webhooks.
    pub webhooks: Vec<WebhookConfig>,
}

/// A relay for mails.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://HOST[:PORT]` or `smtp://HOST[:PORT]`.
    pub server: String,
    /// As whom they are sent.
    pub from: String,
    /// Who signs in at the relay; nobody if absent.
    #[serde(default)]
    pub user: String,
    /// The password: `env:NAME` or `file:PATH`.
    #[serde(default)]
    pub credential: Option<String>,
    /// Whether private addresses may be reached.
    #[serde(default)]
    pub allow_private: bool,
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
    pub owner: String,
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
