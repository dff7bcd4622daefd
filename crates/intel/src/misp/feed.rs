//! The manifest of a MISP feed: which events it has, so that only those are fetched that changed.

use std::collections::BTreeMap;

use serde::Deserialize;
use stanch_model::Time;

use super::Seconds;
use crate::import::{Error, json};

/// What it is called in errors.
const WHAT: &str = "the manifest of a MISP feed";

/// An event of a feed; it is the file `UUID.json` beside the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// The event's UUID: only its characters, so that it can be part of a path.
    pub uuid: String,
    /// When the event was changed last.
    pub changed_at: Time,
    /// What it is called.
    pub info: String,
}

#[derive(Deserialize)]
struct Row {
    timestamp: Seconds,
    #[serde(default)]
    info: String,
}

/// Reads a manifest; events in the order of their UUIDs.
///
/// # Errors
/// A text that is none, or a name that is no UUID.
pub fn manifest(text: &str) -> Result<Vec<FeedEvent>, Error> {
    let rows: BTreeMap<String, Row> = json(WHAT, text)?;
    let event = |(uuid, row): (String, Row)| {
        if !is_uuid(&uuid) {
            let why = format!("`{uuid}` is no UUID");
            return Err(Error::Form { what: WHAT, why });
        }
        let changed_at = row.timestamp.time().unwrap_or_default();
        Ok(FeedEvent { uuid, changed_at, info: row.info })
    };
    rows.into_iter().map(event).collect()
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
