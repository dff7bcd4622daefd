//! An entry's fields, from JSON and from text, and the audit record in one.

use serde_json::{Map, Value};

use crate::{fields::Fields, syslog_line::Envelope};

/// Whether a text begins as an entry of the export format.
pub(super) fn is_entry(text: &str) -> bool {
    ["__CURSOR=", "__REALTIME_TIMESTAMP="].iter().any(|start| text.starts_with(start))
}

/// Fields of `-o json`: a list of numbers is bytes, which become text.
pub(super) fn of_json(object: Map<String, Value>) -> Map<String, Value> {
    object.into_iter().map(|(name, value)| (name, texts(value, 0))).collect()
}

/// A value that is text, bytes, or a list of such.
fn texts(value: Value, depth: u8) -> Value {
    let Value::Array(list) = value else { return value };
    let byte = |value: &Value| value.as_u64().and_then(|number| u8::try_from(number).ok());
    let bytes: Option<Vec<u8>> = list.iter().map(byte).collect();
    match bytes.filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => Value::from(String::from_utf8_lossy(&bytes).into_owned()),
        None if depth == 0 => list.into_iter().map(|value| texts(value, 1)).collect(),
        None => Value::Array(list),
    }
}

/// Fields of an entry that is all lines; none if a line has no `=`.
pub(super) fn of_text(text: &str) -> Option<Map<String, Value>> {
    let mut fields = Map::new();
    for line in text.lines() {
        let (name, value) = line.split_once('=')?;
        match fields.get_mut(name) {
            None => {
                fields.insert(name.to_owned(), Value::from(value));
            }
            Some(Value::Array(list)) => list.push(Value::from(value)),
            Some(first) => *first = Value::Array(vec![first.take(), Value::from(value)]),
        }
    }
    Some(fields)
}

/// The audit record that an entry was made of; the journal took its header apart.
pub(super) fn audit_line(fields: &Fields, envelope: &Envelope) -> Option<String> {
    let kind = fields.text("_AUDIT_TYPE_NAME")?;
    let serial = fields.number("_AUDIT_ID")?;
    let micros = envelope.occurred_at?.micros();
    let (seconds, millis) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000) / 1_000);
    let body = envelope.message.strip_prefix(kind).unwrap_or(&envelope.message).trim_start();
    let host = envelope.hostname.as_deref().filter(|host| !host.contains(char::is_whitespace));
    let node = host.map(|host| format!("node={host} ")).unwrap_or_default();
    Some(format!("{node}type={kind} msg=audit({seconds}.{millis:03}:{serial}): {body}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bytes_become_text() {
        let check = |value: Value, expect: Value| assert_eq!(texts(value, 0), expect);
        check(json!([104, 105, 10]), json!("hi\n"));
        check(json!([255, 104]), json!("\u{fffd}h"));
        check(json!(["a", [104, 105]]), json!(["a", "hi"]));
        check(json!([[[104]]]), json!([[[104]]]));
        check(json!([300]), json!([300]));
        check(json!(null), json!(null));
        check(json!([]), json!([]));
    }

    #[test]
    fn lines_become_fields() {
        assert_eq!(
            of_text("A=1\nB=x=y\nA=2").map(Value::Object),
            Some(json!({"A": ["1", "2"], "B": "x=y"}))
        );
        assert_eq!(of_text("A=1\nB"), None);
    }
}
