//! osquery's result log: differential, snapshot and batch, and its status log.
//!
//! One record is one row, as osquery writes it in event format: `action` (`added`, `removed`,
//! `snapshot`) and `columns`. Results of many rows (`snapshot`, `diffResults`) and the batches of
//! the TLS logger are cut into such records by the splitter; one that is too large for that stays
//! one record, whose columns are lists. Fields keep their names, dotted (`columns.cmdline`,
//! `decorations.username`).
//!
//! The service is `osquery`. The product is the operating system where the table or the
//! decorations tell it (`linux`, `macos`, `windows`), else `osquery`. What comes of osquery's
//! event tables gets Sigma's category and names (`table.rs`), by the columns it has, because the
//! name of a query is anybody's choice.
//!
//! Spec: <https://osquery.readthedocs.io/en/stable/deployment/logging/>,
//! <https://osquery.io/schema/>.

mod table;

use serde_json::Value;
use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
};

/// osquery.
pub(super) struct Osquery;

const NAME: &str = "osquery";

/// Where the time of the happening is, before that of the query.
const TIMES: &[&str] = &["columns.time", "unixTime", "calendarTime"];

impl Source for Osquery {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "osquery results"
    }

    fn spec(&self) -> &'static str {
        "https://osquery.readthedocs.io/en/stable/deployment/logging/"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some_and(|object| {
            let has = |name: &str| object.contains_key(name);
            let is_text = |name| object.get(name).is_some_and(Value::is_string);
            let is_result =
                is_text("name") && ["columns", "snapshot", "diffResults"].iter().any(|n| has(n));
            let is_status = has("severity") && has("message") && has("unixTime");
            is_text("hostIdentifier") && (is_result || is_status)
        })
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let mut fields = Fields::of(record.into_object(NAME)?);
        if fields.text_of(&["name", "message"]).is_none() {
            return Err(Error::Missing {
                format: NAME,
                field: "name",
                fix: "send the result log as osquery writes it",
            });
        }
        let occurred_at = occurred_at(&fields)?;
        // What a query no longer finds, or finds as it was, did not happen a second time.
        let is_news = matches!(fields.text("action"), Some("added") | None);
        let found = table::of(&fields).filter(|_| is_news);
        if let Some(table) = found {
            table.alias(&mut fields);
        }
        let product = table::product(&fields).unwrap_or(NAME);
        let categories: Vec<_> = found.iter().map(|table| table.category).collect();
        Ok(Draft {
            occurred_at,
            log_source: log_source(product, Some(NAME), &categories),
            common: common(&fields),
            product_alert: None,
            fields: fields.finish(),
        })
    }
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    // A column called `time` may be anything; the result's own time may not.
    let readable = TIMES.iter().find_map(|name| moment::of_value(fields.value(name)?));
    if readable.is_some() {
        return Ok(readable);
    }
    match fields.text("calendarTime") {
        // `Mon Nov 24 10:00:00 2026 UTC`, which `unixTime` says as a number.
        Some(_) if fields.value("unixTime").is_none() => Ok(None),
        _ => match fields.value("unixTime") {
            None => Ok(None),
            Some(stamp) => Err(Error::Malformed {
                format: NAME,
                expected: "`unixTime` in seconds since 1970",
                found: quote(&stamp.to_string()),
                fix: "send the result log as osquery writes it",
            }),
        },
    }
}

fn common(fields: &Fields) -> Common {
    let text = |names: &[&str]| fields.text_of(names).map(str::to_owned);
    Common {
        host: text(&["decorations.hostname", "decorations.computer_name", "hostIdentifier"]),
        user: fields.text_of(&["columns.username", "columns.user"]).and_then(bare_account),
        src_ip: fields.ip_of(&["SourceIp"]),
        dst_ip: fields.ip_of(&["DestinationIp"]),
        dst_port: fields.port_of(&["DestinationPort"]),
        process: text(&["Image"]),
        file_sha256: fields.sha256_of(&["columns.sha256"]),
        domain: fields.domain_of(&["columns.question", "QueryName"]),
        url: None,
    }
}
