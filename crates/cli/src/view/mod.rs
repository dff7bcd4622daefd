//! How things look to a person: shared by the commands that show them.

mod plan;
mod proposal;
mod run;

pub(crate) use plan::{actions, approval, blast_radius, reasons};
pub(crate) use proposal::proposal;
pub(crate) use run::{steps, undo_note};

use serde_json::Value;
use stanch_model::Time;

/// A moment to the second, UTC.
pub(crate) fn time(time: Time) -> String {
    time.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment that may not have come.
pub(crate) fn time_or_dash(moment: Option<Time>) -> String {
    moment.map_or_else(|| "-".to_owned(), time)
}

/// Anything that may not be there.
pub(crate) fn or_dash(thing: Option<&impl ToString>) -> String {
    thing.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// The word that JSON has for a value of a closed set.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// What stands at a JSON pointer, as a person would write it; `-` if there is nothing.
pub(crate) fn at(document: &Value, pointer: &str) -> String {
    match document.pointer(pointer) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.is_empty() => "-".to_owned(),
        Some(Value::Array(list)) => {
            let items: Vec<String> = list.iter().map(|item| at(item, "")).collect();
            items.join(", ")
        }
        Some(other) => other.to_string(),
    }
}

/// At most so many characters of a long text, for a table.
pub(crate) fn short(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A moment at a JSON pointer, to the second.
pub(crate) fn time_at(document: &Value, pointer: &str) -> String {
    let text = at(document, pointer);
    text.parse().map_or(text, time)
}
