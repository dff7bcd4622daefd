//! Reported mails: what a person handed in because it looked wrong (OCSF Email Activity, class 4009).

use serde_json::{Value, json};

/// JSON Schema of what playbook expressions see as `mail`, for the playbook checker. Absent texts are
/// empty strings; `spf`, `dkim` and `dmarc` are the words of RFC 8601, §2.7.
#[must_use]
pub fn context_schema() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let closed = |properties: Value| json!({ "type": "object", "additionalProperties": false, "properties": properties });
    let attachment = closed(
        json!({ "name": text, "type": text, "sha256": text, "bytes": { "type": "integer" } }),
    );
    closed(json!({
        "id": text,
        "message_id": text,
        "reported_by": text,
        "reported_at": text,
        "received_at": text,
        "from": text,
        "reply_to": text,
        "to": texts,
        "subject": text,
        "spf": text,
        "dkim": text,
        "dmarc": text,
        "urls": texts,
        "domains": texts,
        "attachments": { "type": "array", "items": attachment },
    }))
}
