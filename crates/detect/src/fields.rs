//! Our events as rsigma sees them: flat fields, borrowed, nothing copied.

use std::borrow::Cow;

use rsigma_eval::{Event as SigmaEvent, EventValue};
use serde_json::{Map, Value, json};
use stanch_model::Event;

/// How deep keyword search goes into nested values.
const NESTING_MAX: usize = 32;

/// An event, borrowed for one evaluation.
pub(crate) struct Fields<'a> {
    fields: &'a Map<String, Value>,
    /// The text line that keywords are also looked for in; JSON records are covered by their fields.
    line: Option<&'a str>,
    event: &'a Event,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        let line = Some(event.raw.as_str())
            .filter(|raw| !raw.is_empty() && !raw.trim_start().starts_with('{'));
        Self { fields: &event.fields, line, event }
    }
}

impl SigmaEvent for Fields<'_> {
    /// The exact name first; then a dotted path into nested values.
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        if let Some(value) = self.fields.get(path) {
            return Some(EventValue::from(value));
        }
        let (head, rest) = path.split_once('.')?;
        nested(self.fields.get(head)?, rest)
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        self.line.is_some_and(pred) || self.fields.values().any(|v| any_text(v, pred, NESTING_MAX))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut texts: Vec<&str> = self.line.into_iter().collect();
        self.fields.values().for_each(|value| collect_texts(value, &mut texts, NESTING_MAX));
        texts.into_iter().map(Cow::Borrowed).collect()
    }

    /// Asked for only where a correlation remembers what it counted: the event's id is enough.
    fn to_json(&self) -> Value {
        json!({ "id": self.event.id })
    }

    fn field_keys(&self) -> Vec<Cow<'_, str>> {
        self.fields.keys().map(|key| Cow::Borrowed(key.as_str())).collect()
    }

    fn top_level_keys(&self) -> Option<Vec<Cow<'_, str>>> {
        Some(self.field_keys())
    }
}

/// A value below `value` by a dotted path; lists are looked through.
fn nested<'a>(value: &'a Value, path: &str) -> Option<EventValue<'a>> {
    let mut level = vec![value];
    for name in path.split('.') {
        level = level
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(items) => items.iter().collect(),
                other => vec![other],
            })
            .filter_map(|value| value.get(name))
            .collect();
    }
    match level.as_slice() {
        [] => None,
        [one] => Some(EventValue::from(*one)),
        many => Some(EventValue::Array(many.iter().map(|v| EventValue::from(*v)).collect())),
    }
}

fn any_text(value: &Value, pred: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    match value {
        Value::String(text) => pred(text),
        Value::Array(items) if depth > 0 => items.iter().any(|v| any_text(v, pred, depth - 1)),
        Value::Object(map) if depth > 0 => map.values().any(|v| any_text(v, pred, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            false
        }
    }
}

fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>, depth: usize) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) if depth > 0 => {
            items.iter().for_each(|v| collect_texts(v, texts, depth - 1));
        }
        Value::Object(map) if depth > 0 => {
            map.values().for_each(|v| collect_texts(v, texts, depth - 1));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {}
    }
}
