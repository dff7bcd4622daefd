//! Any JSON object: the source of last resort.
//!
//! Fields keep their names, dotted. The names that the common fields are looked for under are the
//! usual ones of the Elastic Common Schema and of plain logs; the table is [`NAMES`]. A record
//! may say which rules it is for by Sigma's own words in `logsource` (`product`, `service`,
//! `category`; the category may be a list). Without that only rules that ask for no product
//! match.
//!
//! Spec: RFC 8259; <https://www.elastic.co/docs/reference/ecs>.

use stanch_model::{
    Time,
    event::{Common, LogSource},
};

use super::contract::{Draft, Source};
use crate::{
    error::Error,
    fields::{Fields, bare_account},
    record::Record,
};

/// Where a time is looked for; the first that holds one.
const TIMES: &[&str] =
    &["@timestamp", "timestamp", "time", "occurred_at", "ts", "EventTime", "datetime", "date"];

/// Where each common field is looked for.
struct Names {
    host: &'static [&'static str],
    user: &'static [&'static str],
    src_ip: &'static [&'static str],
    dst_ip: &'static [&'static str],
    dst_port: &'static [&'static str],
    process: &'static [&'static str],
    sha256: &'static [&'static str],
    domain: &'static [&'static str],
    url: &'static [&'static str],
}

const NAMES: Names = Names {
    host: &["host.name", "host.hostname", "hostname", "host", "computer", "Computer"],
    user: &["user.name", "username", "user", "User"],
    src_ip: &["source.ip", "client.ip", "src_ip", "source_ip", "SourceIp", "src"],
    dst_ip: &["destination.ip", "server.ip", "dst_ip", "dest_ip", "DestinationIp", "dst"],
    dst_port: &["destination.port", "server.port", "dst_port", "dest_port", "DestinationPort"],
    process: &["process.executable", "Image", "image", "exe"],
    sha256: &["file.hash.sha256", "process.hash.sha256", "hash.sha256", "sha256"],
    domain: &["dns.question.name", "url.domain", "domain", "query", "QueryName"],
    url: &["url.full", "url.original", "url"],
};

/// The source of last resort.
pub(super) struct Json;

impl Source for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn title(&self) -> &'static str {
        "Any JSON object"
    }

    fn spec(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc8259"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some()
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let fields = Fields::of(record.into_object(self.name())?);
        Ok(Draft {
            occurred_at: fields.moment_of(TIMES),
            log_source: log_source(&fields),
            common: common(&fields),
            product_alert: None,
            fields: fields.finish(),
        })
    }
}

/// Sigma's words, where the record says them.
pub(super) fn log_source(fields: &Fields) -> LogSource {
    let word = |name| fields.text(name).map(str::to_owned);
    LogSource {
        product: word("logsource.product"),
        service: word("logsource.service"),
        categories: fields.texts("logsource.category").map(str::to_owned).collect(),
    }
}

/// The common fields by their usual names.
pub(super) fn common(fields: &Fields) -> Common {
    let text = |names| fields.text_of(names).map(str::to_owned);
    Common {
        host: text(NAMES.host),
        user: fields.text_of(NAMES.user).and_then(bare_account),
        src_ip: fields.ip_of(NAMES.src_ip),
        dst_ip: fields.ip_of(NAMES.dst_ip),
        dst_port: fields.port_of(NAMES.dst_port),
        process: text(NAMES.process),
        file_sha256: fields.sha256_of(NAMES.sha256),
        domain: fields.domain_of(NAMES.domain),
        url: text(NAMES.url),
    }
}
