//! Suricata's EVE JSON: alerts and protocol records.
//!
//! An `alert` record becomes a product alert (`alert.rs`). In all records the endpoint that
//! opened the connection is `common.src_ip` (`endpoints.rs`), whichever packet raised it; the
//! fields `src_ip` and `dest_ip` stay as Suricata wrote them.
//!
//! Fields keep their dotted names (`dns.rrname`) and get Sigma's names beside them: `dst_ip`,
//! `dst_port`; for DNS `query`, `record_type`, `answer` (category `dns`); for HTTP `cs-method`,
//! `cs-host`, `c-uri` (the whole URL where the host is known), `cs-uri`, `cs-uri-stem`,
//! `cs-uri-query`, `c-useragent`, `cs-user-agent`, `cs-referer`, `sc-status` (categories `proxy`
//! and `webserver`). The service is the event type.
//!
//! Spec: <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html> (Suricata 6 to 8).

mod alert;
mod endpoints;

use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    fields::Fields,
    moment,
    record::Record,
};

/// Suricata.
pub(super) struct Suricata;

const NAME: &str = "suricata";

/// Besides `event_type` and `timestamp` a record of Suricata has one of these.
const TELLTALES: &[&str] = &["flow_id", "src_ip", "stats", "engine", "in_iface", "pcap_cnt"];

/// Sigma's names for fields of Suricata's, by the event type that has them.
const ALIASES: &[(&str, &str)] = &[
    ("dest_ip", "dst_ip"),
    ("dest_port", "dst_port"),
    ("dns.rrname", "query"),
    ("dns.queries.rrname", "query"),
    ("dns.query.rrname", "query"),
    ("dns.rrtype", "record_type"),
    ("dns.queries.rrtype", "record_type"),
    ("dns.query.rrtype", "record_type"),
    ("dns.answers.rdata", "answer"),
    ("http.http_method", "cs-method"),
    ("http.hostname", "cs-host"),
    ("http.url", "c-uri"),
    ("http.url", "cs-uri"),
    ("http.http_user_agent", "c-useragent"),
    ("http.http_user_agent", "cs-user-agent"),
    ("http.http_refer", "cs-referer"),
    ("http.status", "sc-status"),
];

impl Source for Suricata {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Suricata (EVE JSON)"
    }

    fn spec(&self) -> &'static str {
        "https://docs.suricata.io/en/latest/output/eve/eve-json-format.html"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        record.object().is_some_and(|object| {
            let is_text = |name| object.get(name).is_some_and(serde_json::Value::is_string);
            is_text("event_type")
                && is_text("timestamp")
                && TELLTALES.iter().any(|name| object.contains_key(*name))
        })
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let mut fields = Fields::of(record.into_object(NAME)?);
        let Some(event_type) = fields.text("event_type").map(str::to_owned) else {
            return Err(Error::Missing {
                format: NAME,
                field: "event_type",
                fix: "send Suricata's eve.json as it is written",
            });
        };
        let occurred_at = occurred_at(&fields)?;
        let product_alert = match event_type.as_str() {
            "alert" => Some(alert::product_alert(&fields)?),
            _ => None,
        };
        let common = common(&fields, &event_type);
        alias(&mut fields, common.url.as_deref());
        let categories: &[&str] = match event_type.as_str() {
            "dns" => &["dns"],
            "http" => &["proxy", "webserver"],
            _ => &[],
        };
        Ok(Draft {
            occurred_at,
            log_source: log_source(NAME, Some(&event_type), categories),
            common,
            product_alert,
            fields: fields.finish(),
        })
    }
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = fields.value("timestamp") else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "a time in `timestamp`, such as 2026-11-24T10:00:00.000000+0000",
        found: quote(&stamp.to_string()),
        fix: "leave Suricata's timestamp format at its default",
    })?;
    Ok(Some(time))
}

fn common(fields: &Fields, event_type: &str) -> Common {
    let ends = endpoints::of(fields, event_type);
    Common {
        src_ip: ends.src_ip,
        dst_ip: ends.dst_ip,
        dst_port: ends.dst_port,
        file_sha256: fields.sha256_of(&["fileinfo.sha256", "files.sha256"]),
        domain: fields.domain_of(&[
            "dns.rrname",
            "dns.queries.rrname",
            "dns.query.rrname",
            "tls.sni",
            "quic.sni",
            "http.hostname",
        ]),
        url: url(fields),
        ..Common::default()
    }
}

/// Adds Sigma's names.
fn alias(fields: &mut Fields, url: Option<&str>) {
    fields.set_some("c-uri", url);
    for (from, to) in ALIASES {
        fields.alias(from, to);
    }
    let parts = fields.text("http.url").and_then(|path| path.split_once('?'));
    let parts = parts.map(|(stem, query)| (stem.to_owned(), query.to_owned()));
    if let Some((stem, query)) = parts {
        fields.set("cs-uri-stem", stem);
        fields.set("cs-uri-query", query);
    }
}

/// The whole URL, where the host is known; Suricata writes the path alone.
fn url(fields: &Fields) -> Option<String> {
    let path = fields.text("http.url")?;
    if path.starts_with("http://") || path.starts_with("https://") {
        return Some(path.to_owned());
    }
    let host = fields.text("http.hostname").filter(|_| path.starts_with('/'))?;
    let port = fields.number("http.http_port").filter(|port| *port != 80);
    let port = port.filter(|_| !host.contains(':'));
    Some(port.map_or_else(
        || format!("http://{host}{path}"),
        |port| format!("http://{host}:{port}{path}"),
    ))
}
