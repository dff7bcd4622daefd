//! Findings: weaknesses of assets, as scanners report them (OCSF Vulnerability Finding, class 2002).

use serde_json::{Value, json};

/// JSON Schema of what playbook expressions see as `finding`, for the playbook checker. Absent texts
/// are empty strings, absent numbers zero.
#[must_use]
pub fn context_schema() -> Value {
    let text = json!({ "type": "string" });
    let closed = |properties: Value| json!({ "type": "object", "additionalProperties": false, "properties": properties });
    closed(json!({
        "id": text,
        "source": text,
        "title": text,
        "severity": { "type": "integer" },
        "cve": text,
        "cvss": { "type": "number" },
        "epss": { "type": "number" },
        "known_exploited": { "type": "boolean" },
        "asset": closed(json!({ "name": text, "address": text, "criticality": text, "owner": text })),
        "package": closed(json!({ "name": text, "version": text, "fixed_version": text })),
        "first_seen_at": text,
        "last_seen_at": text,
    }))
}
