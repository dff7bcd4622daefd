//! Entries in the journal export format: lines of `NAME=value`, binary values with their length, a
//! blank line at the end.
//!
//! A record is text, so an entry that holds a binary value (a message of several lines is one)
//! comes out as the JSON object that `journalctl -o json` writes of it: text as text, other bytes as
//! a list of numbers, a name that comes twice as a list. An entry without comes out as it stands.

use serde_json::{Map, Value};

use super::value;
use crate::limits::RECORD_BYTES_MAX;

/// What an entry begins with.
const STARTS: &[&[u8]] = &[b"__CURSOR=", b"__REALTIME_TIMESTAMP="];

/// An entry, and how many bytes it takes.
pub(super) enum Entry {
    /// So many bytes, as they stand.
    Text(usize),
    /// So many bytes, as JSON.
    Json(usize, String),
    /// So many bytes that are none, and why.
    Broken(usize, String),
}

/// Whether an entry starts here.
pub(super) fn starts(bytes: &[u8]) -> bool {
    STARTS.iter().any(|start| bytes.starts_with(start))
}

/// Reads the entry at the start of `bytes`.
pub(super) fn entry(bytes: &[u8]) -> Entry {
    let mut at = 0_usize;
    let mut fields = Vec::new();
    let mut is_text = true;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty() && !is_end(rest, at)) {
        let line = rest.get(..value::line(rest)).unwrap_or_default();
        let Some(field) = field(rest, line) else {
            let reason = "a line is neither `NAME=value` nor a name with the length of its value";
            let length = at.saturating_add(next(rest));
            return Entry::Broken(
                length,
                format!("{reason}: send entries as journalctl -o export writes them"),
            );
        };
        is_text = is_text && field.is_line;
        // The last line may lack its break.
        at = at.saturating_add(field.length).min(bytes.len());
        fields.push(field);
    }
    if at > RECORD_BYTES_MAX {
        let reason = format!(
            "the entry has {at} bytes and {RECORD_BYTES_MAX} are allowed: leave payloads out of it"
        );
        return Entry::Broken(at, reason);
    }
    let is_utf8 = bytes.get(..at).is_some_and(|entry| std::str::from_utf8(entry).is_ok());
    if is_text && is_utf8 {
        return Entry::Text(at);
    }
    Entry::Json(at, json(&fields))
}

/// A blank line, or the beginning of the next entry where the blank line is missing.
fn is_end(rest: &[u8], at: usize) -> bool {
    rest.first() == Some(&b'\n')
        || rest.starts_with(b"\r\n")
        || (at > 0 && rest.starts_with(b"__CURSOR="))
}

struct Field<'a> {
    name: &'a str,
    value: &'a [u8],
    /// With name and line break.
    length: usize,
    is_line: bool,
}

/// The field at the start of `rest`, whose first line is `line`.
fn field<'a>(rest: &'a [u8], line: &'a [u8]) -> Option<Field<'a>> {
    let after = line.len().saturating_add(1);
    if let Some(at) = line.iter().position(|byte| *byte == b'=') {
        let (name, value) = line.split_at_checked(at)?;
        let value = value.get(1..)?;
        return Some(Field { name: field_name(name)?, value, length: after, is_line: true });
    }
    let sized = rest.get(after..)?;
    let (size, sized) = sized.split_first_chunk::<8>()?;
    let size = usize::try_from(u64::from_le_bytes(*size)).ok()?;
    let value = sized.get(..size)?;
    // The break behind the value is missing at most at the very end.
    let breaks = match sized.get(size) {
        Some(b'\n') => 1,
        None => 0,
        Some(_) => return None,
    };
    let length = after.saturating_add(8).saturating_add(size).saturating_add(breaks);
    Some(Field { name: field_name(line)?, value, length, is_line: false })
}

fn field_name(name: &[u8]) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let is_name = !name.is_empty() && name.iter().all(is_part);
    std::str::from_utf8(name).ok().filter(|_| is_name)
}

/// Bytes up to the next blank line or the next entry, whichever is first; all if there is neither.
fn next(rest: &[u8]) -> usize {
    let mut breaks = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let found = breaks.find_map(|(at, _)| {
        let at = at.saturating_add(1);
        let after = rest.get(at..).unwrap_or_default();
        (after.first() == Some(&b'\n') || starts(after)).then_some(at)
    });
    found.unwrap_or(rest.len())
}

fn json(fields: &[Field<'_>]) -> String {
    let mut object = Map::new();
    for field in fields {
        let value = match std::str::from_utf8(field.value) {
            Ok(text) => Value::from(text),
            Err(_) => Value::from(field.value),
        };
        match object.get_mut(field.name) {
            None => {
                object.insert(field.name.to_owned(), value);
            }
            // A list of numbers is one value.
            Some(Value::Array(list)) if !list.first().is_some_and(Value::is_number) => {
                list.push(value);
            }
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(object).to_string()
}
