//! Events: one record from a log or sensor.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EventId, Observable, Severity, TenantId, Time};

/// How far a source is believed. An alert is never trusted more than the source it came from.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
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
pub enum Trust {
    /// Anybody can write into it (a mailbox, a public form): never starts an automatic act.
    Low,
    /// A host of ours that an attacker may hold.
    #[default]
    Medium,
    /// A sensor or product that an attacker on a host cannot write to.
    High,
}

/// What Sigma's `logsource` is matched with. A record may belong to several categories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogSource {
    /// `windows`, `linux`, `suricata`, …
    pub product: Option<String>,
    /// `sysmon`, `sshd`, `auditd`, …
    pub service: Option<String>,
    /// `process_creation`, `registry_set`, `registry_event`, …
    pub categories: Vec<String>,
}

/// Fields every source is mapped to, by OCSF's names in spirit: who did what from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Common {
    /// The host that the record is about, by name.
    pub host: Option<String>,
    /// The account that acted, without domain.
    pub user: Option<String>,
    /// The endpoint that opened the connection (OCSF `src_endpoint.ip`).
    pub src_ip: Option<IpAddr>,
    /// The endpoint that was connected to (OCSF `dst_endpoint.ip`).
    pub dst_ip: Option<IpAddr>,
    /// Port at the destination.
    pub dst_port: Option<u16>,
    /// Image path of the process.
    pub process: Option<String>,
    /// SHA-256 of the file or image, lower-case hexadecimal.
    pub file_sha256: Option<String>,
    /// Domain asked for or connected to.
    pub domain: Option<String>,
    /// URL asked for.
    pub url: Option<String>,
}

/// An alert that the source itself raised (Suricata, an EDR, an OCSF Detection Finding).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductAlert {
    /// The product's own rule id, prefixed by the product: `suricata:9000001`.
    pub rule_id: String,
    /// The product's title.
    pub title: String,
    /// Mapped to ours.
    pub severity: Severity,
    /// ATT&CK technique ids, `T1071.001`.
    pub techniques: Vec<String>,
}

/// One record from a log or sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Where it stands in the intake log.
    pub id: EventId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The intake source that delivered it (`/ingest/{source}`).
    pub source: String,
    /// How far that source is believed.
    pub trust: Trust,
    /// When it happened, by the record; the time of receipt if the record has none.
    pub occurred_at: Time,
    /// When it was acknowledged.
    pub received_at: Time,
    /// What rules it is for.
    pub log_source: LogSource,
    /// The record's own fields, flat, by the names that Sigma rules use.
    pub fields: Map<String, Value>,
    /// The mapped fields.
    pub common: Common,
    /// Present if the source raised an alert with it.
    pub product_alert: Option<ProductAlert>,
    /// The record as it came.
    pub raw: String,
}

impl Event {
    /// The observables that the mapped fields name, sorted, without doubles.
    #[must_use]
    pub fn observables(&self) -> Vec<Observable> {
        use crate::ObservableKind::{Domain, FileHash, Host, Ip, Process, Url, User};
        let c = &self.common;
        let ip = |ip: Option<IpAddr>| ip.map(|ip| ip.to_string());
        let found = [
            (Host, c.host.clone()),
            (User, c.user.clone()),
            (Ip, ip(c.src_ip)),
            (Ip, ip(c.dst_ip)),
            (Process, c.process.clone()),
            (FileHash, c.file_sha256.clone()),
            (Domain, c.domain.clone()),
            (Url, c.url.clone()),
        ];
        let mut observables: Vec<_> =
            found.into_iter().filter_map(|(kind, value)| Observable::new(kind, &value?)).collect();
        observables.sort();
        observables.dedup();
        observables
    }
}
