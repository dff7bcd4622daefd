//! Alerts: findings to look at, by our rules or by a product (OCSF Detection Finding, class 2004).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    AlertId, EventId, IncidentId, Observable, Severity, TenantId, Time,
    event::{Common, Trust},
};

/// Who found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// A Sigma rule of ours.
    Sigma,
    /// A Sigma correlation rule of ours.
    Correlation,
    /// A rule of the product that sent the alert.
    Product,
}

/// The rule behind an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleRef {
    /// The rule's id: a UUID for Sigma, `product:number` for products.
    pub id: String,
    /// The rule's title.
    pub title: String,
    /// Who found it.
    pub kind: RuleKind,
}

/// A finding to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The rule behind it.
    pub rule: RuleRef,
    /// How bad.
    pub severity: Severity,
    /// ATT&CK technique ids, `T1071.001`.
    pub techniques: Vec<String>,
    /// Values seen.
    pub observables: Vec<Observable>,
    /// The mapped fields of the first event.
    #[schema(value_type = Object)]
    pub common: Common,
    /// The native fields of the first event.
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
    /// The source that delivered the first event.
    pub source: String,
    /// How far that source is believed.
    pub trust: Trust,
    /// The events behind it, the first ones up to [`EVENTS_MAX`].
    pub events: Vec<EventId>,
    /// Hash over rule and entities; the same key within the window is the same alert.
    pub dedup_key: String,
    /// How many times it was seen.
    pub count: u64,
    /// When the first event happened.
    pub first_seen_at: Time,
    /// When the latest event happened.
    pub last_seen_at: Time,
    /// When we raised it.
    pub detected_at: Time,
    /// The incident it belongs to; an informational alert has none.
    pub incident: Option<IncidentId>,
    /// Set where the events are explained by an act of our own; such an alert starts no automatic run.
    pub self_caused: bool,
}

/// How many event ids an alert keeps.
pub const EVENTS_MAX: usize = 50;

impl Alert {
    /// What playbook expressions see as `alert`; its shape is [`context_schema`].
    #[must_use]
    pub fn context(&self) -> Value {
        let c = &self.common;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let ip = |ip: Option<std::net::IpAddr>| ip.map(|ip| ip.to_string()).unwrap_or_default();
        json!({
            "id": self.id,
            "rule": { "id": self.rule.id, "title": self.rule.title },
            "severity": self.severity.number(),
            "techniques": self.techniques,
            "source": self.source,
            "count": self.count,
            "host": { "name": text(&c.host) },
            "user": { "name": text(&c.user) },
            "src": { "ip": ip(c.src_ip) },
            "dst": { "ip": ip(c.dst_ip), "port": c.dst_port.unwrap_or_default() },
            "process": { "path": text(&c.process) },
            "file": { "sha256": text(&c.file_sha256) },
            "domain": text(&c.domain),
            "url": text(&c.url),
            "fields": self.fields,
            "first_seen_at": self.first_seen_at,
            "last_seen_at": self.last_seen_at,
        })
    }
}

/// JSON Schema of [`Alert::context`], for the playbook checker. Absent texts are empty strings.
#[must_use]
pub fn context_schema() -> Value {
    let text = json!({ "type": "string" });
    let named = |name: &str| json!({ "type": "object", "additionalProperties": false, "properties": { name: text } });
    json!({ "type": "object", "additionalProperties": false, "properties": {
        "id": text,
        "rule": { "type": "object", "additionalProperties": false, "properties": { "id": text, "title": text } },
        "severity": { "type": "integer" },
        "techniques": { "type": "array", "items": text },
        "source": text,
        "count": { "type": "integer" },
        "host": named("name"),
        "user": named("name"),
        "src": named("ip"),
        "dst": { "type": "object", "additionalProperties": false, "properties": { "ip": text, "port": { "type": "integer" } } },
        "process": named("path"),
        "file": named("sha256"),
        "domain": text,
        "url": text,
        "fields": { "type": "object" },
        "first_seen_at": text,
        "last_seen_at": text,
    }})
}
