//! Graylog's Extended Log Format: one JSON object a record (over HTTP, or framed by zero bytes).
//!
//! `host`, `short_message`, `full_message`, `timestamp`, `level` keep their names. The sender's own
//! fields lose the underscore that GELF puts before them (`_user` is `user`), as in Graylog.
//! GELF is what a shipper wraps others' records in:
//!
//! - fields of a Windows event (`_EventID` with `_Channel` or `_SourceName`, as NXLog sends them)
//!   are read as source `windows` reads its flat shape;
//! - else Sigma's own words may stand in `_logsource.product`, `_logsource.service` and
//!   `_logsource.category`; without them only rules that ask for no product match.
//!
//! Spec: <https://go2docs.graylog.org/current/getting_in_log_data/gelf.html> (GELF 1.0 and 1.1).

use serde_json::{Map, Value};
use stanch_model::Time;

use super::{
    contract::{Draft, Source},
    json, windows,
};
use crate::{
    error::{Error, quote},
    fields::Fields,
    moment,
    record::Record,
};

/// GELF.
pub(super) struct Gelf;

const NAME: &str = "gelf";

impl Source for Gelf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Graylog Extended Log Format (GELF)"
    }

    fn spec(&self) -> &'static str {
        "https://go2docs.graylog.org/current/getting_in_log_data/gelf.html"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some_and(|object| {
            let is_text = |name| object.get(name).is_some_and(Value::is_string);
            is_text("version") && is_text("host") && is_text("short_message")
        })
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let object = record.into_object(NAME)?;
        for field in ["host", "short_message"] {
            if !object.get(field).is_some_and(Value::is_string) {
                let fix = "GELF asks for `host` and `short_message` as text";
                return Err(Error::Missing { format: NAME, field, fix });
            }
        }
        let occurred_at = occurred_at(&object)?;
        let object = bare(object);
        if windows::is_flat(&object) {
            let draft = windows::read(object)?;
            return Ok(Draft { occurred_at: draft.occurred_at.or(occurred_at), ..draft });
        }
        let fields = Fields::of(object);
        let mut common = json::common(&fields);
        common.host = fields.text("host").map(str::to_owned);
        Ok(Draft {
            occurred_at,
            log_source: json::log_source(&fields),
            common,
            product_alert: None,
            fields: fields.finish(),
        })
    }
}

fn occurred_at(object: &Map<String, Value>) -> Result<Option<Time>, Error> {
    let Some(stamp) = object.get("timestamp") else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "`timestamp` in seconds since 1970",
        found: quote(&stamp.to_string()),
        fix: "send the timestamp as a number, with a fraction where there is one",
    })?;
    Ok(Some(time))
}

/// Additional fields without their underscore, unless that is the name of a field of GELF's own:
/// `_host` cannot stand in for `host`.
fn bare(object: Map<String, Value>) -> Map<String, Value> {
    let rename = |name: String| match name.strip_prefix('_') {
        Some(bare) if !bare.is_empty() && !STANDARD.contains(&bare) => bare.to_owned(),
        Some(_) | None => name,
    };
    object.into_iter().map(|(name, value)| (rename(name), value)).collect()
}

/// Fields that GELF itself names.
const STANDARD: &[&str] = &[
    "version",
    "host",
    "short_message",
    "full_message",
    "timestamp",
    "level",
    "facility",
    "line",
    "file",
];
