//! OCSF events as JSON: findings of security products, and their activity records.
//!
//! A Detection Finding (class 2004) that is new or updated becomes a product alert
//! (`finding.rs`); one that was closed, resolved or suppressed is an event only. All classes are
//! mapped by OCSF's own objects: `src_endpoint`, `dst_endpoint`, `device`, `actor`, `process`,
//! `file`, `query`, `url`; in findings those of `evidences` stand in where the event itself has
//! none. Process, file, network and DNS activity gets Sigma's categories and field names beside
//! OCSF's (`activity.rs`), with the operating system of `device` as product.
//!
//! Spec: <https://schema.ocsf.io> (1.0 to 1.6).

mod activity;
mod finding;

use serde_json::{Map, Value};
use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
};

/// OCSF.
pub(super) struct Ocsf;

const NAME: &str = "ocsf";

impl Source for Ocsf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "OCSF events and findings (JSON)"
    }

    fn spec(&self) -> &'static str {
        "https://schema.ocsf.io"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some_and(|object| {
            object.get("class_uid").is_some_and(Value::is_u64) && object.contains_key("metadata")
        })
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let object = record.into_object(NAME)?;
        let sha256 = sha256(&object);
        let mut fields = Fields::of(object);
        let Some(class_uid) = fields.number("class_uid") else {
            return Err(Error::Missing {
                format: NAME,
                field: "class_uid",
                fix: "send OCSF events with the number of their class (2004 is Detection Finding)",
            });
        };
        let occurred_at = occurred_at(&fields)?;
        let product_alert = finding::product_alert(&fields, class_uid)?;
        let common = common(&fields, sha256);
        let log_source = activity::log_source(&fields, class_uid);
        activity::alias(&mut fields, class_uid);
        Ok(Draft { occurred_at, log_source, common, product_alert, fields: fields.finish() })
    }
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = fields.value("time").or_else(|| fields.value("time_dt")) else {
        return Ok(None);
    };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "`time` in milliseconds since 1970",
        found: quote(&stamp.to_string()),
        fix: "send `time` as a number, or `time_dt` as RFC 3339",
    })?;
    Ok(Some(time))
}

fn common(fields: &Fields, sha256: Option<String>) -> Common {
    let text = |names: &[&str]| fields.text_of(names).map(str::to_owned);
    Common {
        host: text(&[
            "device.hostname",
            "device.name",
            "evidences.device.hostname",
            "resources.name",
        ]),
        user: fields
            .text_of(&["actor.user.name", "user.name", "evidences.actor.user.name"])
            .and_then(bare_account),
        src_ip: fields.ip_of(&["src_endpoint.ip", "evidences.src_endpoint.ip"]),
        dst_ip: fields.ip_of(&["dst_endpoint.ip", "evidences.dst_endpoint.ip"]),
        dst_port: fields.port_of(&["dst_endpoint.port", "evidences.dst_endpoint.port"]),
        process: text(&[
            "process.file.path",
            "actor.process.file.path",
            "evidences.process.file.path",
            "evidences.actor.process.file.path",
        ]),
        file_sha256: sha256,
        domain: fields.domain_of(&[
            "query.hostname",
            "evidences.query.hostname",
            "dst_endpoint.hostname",
            "url.hostname",
            "evidences.dst_endpoint.hostname",
        ]),
        url: text(&["url.url_string", "http_request.url.url_string", "evidences.url.url_string"]),
    }
}

/// OCSF's `algorithm_id` of SHA-256.
const SHA256: u64 = 3;

/// The SHA-256 among the `hashes` of the file in question, which flattening would part from its
/// algorithm.
fn sha256(object: &Map<String, Value>) -> Option<String> {
    let evidence =
        |name: &str| object.get("evidences")?.as_array()?.iter().find_map(|e| e.get(name));
    let process_file = |process: &'_ Value| process.get("file").cloned();
    let files = [
        object.get("file").cloned(),
        object.get("process").and_then(process_file),
        evidence("file").cloned(),
        evidence("process").and_then(process_file),
    ];
    files.iter().flatten().find_map(|file| {
        let hashes = file.get("hashes")?.as_array()?;
        let is_sha256 =
            |hash: &&Value| hash.get("algorithm_id").and_then(Value::as_u64) == Some(SHA256);
        let value = hashes.iter().find(is_sha256)?.get("value")?.as_str()?;
        let kind = stanch_model::ObservableKind::FileHash;
        stanch_model::observable::canonical(kind, value).filter(|hash| hash.len() == 64)
    })
}
