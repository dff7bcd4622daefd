//! Zeek's logs: the tab separated ones with their `#fields`, and JSON.
//!
//! A row of a table comes with its head (`tsv.rs` reads both). Fields keep Zeek's names
//! (`id.orig_h`, `query`, `resp_mime_types`), typed as Zeek types them; unset ones are left out.
//! The service is the log: its `#path`, `_path`, or, in JSON that does not say it, what its fields
//! allow (`log.rs`). Every log is read; those that rules of other products look into get Sigma's
//! names beside Zeek's:
//!
//! | log | categories | names |
//! |---|---|---|
//! | any with an `id` | | `src_ip`, `src_port`, `dst_ip`, `dst_port` |
//! | `conn` | `network_connection` | |
//! | `dns` | `dns` | `record_type`, `answer` |
//! | `http` | `proxy`, `webserver` | `cs-method`, `cs-host`, `c-uri` (the whole URL), `cs-uri`, `cs-uri-stem`, `cs-uri-query`, `c-useragent`, `cs-user-agent`, `cs-referer`, `cs-username`, `sc-status` |
//!
//! A record of `notice` is an alert of the product, rule `zeek:NOTE`: high if Zeek was told to
//! raise an alarm, mail or page, else low.
//!
//! Spec: <https://docs.zeek.org/en/current/log-formats.html>,
//! <https://docs.zeek.org/en/current/script-reference/log-files.html> (Zeek 4 to 8).

mod log;
mod tsv;

use serde_json::{Map, Value};
use stanch_model::{
    Severity, Time,
    event::{Common, ProductAlert},
};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
};

/// Zeek.
pub(super) struct Zeek;

const NAME: &str = "zeek";

impl Source for Zeek {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Zeek logs (TSV, JSON)"
    }

    fn spec(&self) -> &'static str {
        "https://docs.zeek.org/en/current/log-formats.html"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        match record.object() {
            Some(object) => log::is_zeek(object),
            None => tsv::is_row(record.text()),
        }
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let (said, fields) = if record.looks_like_json() {
            json(record.into_object(NAME)?)
        } else {
            tsv::read(record.text())?
        };
        let occurred_at = occurred_at(&fields)?;
        let log = said.or_else(|| log::guess(&fields).map(str::to_owned));
        let log = log.as_deref().unwrap_or_default();
        Ok(Draft {
            occurred_at,
            log_source: log_source(NAME, Some(log).filter(|l| !l.is_empty()), categories(log)),
            common: common(&fields, log),
            product_alert: notice(&fields, log),
            fields: named(fields, log).finish(),
        })
    }
}

/// The log's name, if the record says it, and the fields.
fn json(object: Map<String, Value>) -> (Option<String>, Fields) {
    let fields = Fields::of(object);
    (fields.text("_path").map(str::to_owned), fields)
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = fields.value("ts").or_else(|| fields.value("_write_ts")) else {
        return Ok(None);
    };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "a time in `ts`, in seconds since 1970 or as ISO 8601",
        found: quote(&stamp.to_string()),
        fix: "send Zeek's logs as they are written",
    })?;
    Ok(Some(time))
}

fn categories(log: &str) -> &'static [&'static str] {
    match log {
        "conn" => &["network_connection"],
        "dns" => &["dns"],
        "http" => &["proxy", "webserver"],
        _ => &[],
    }
}

fn common(fields: &Fields, log: &str) -> Common {
    let domains: &[&str] = match log {
        "dns" => &["query"],
        "http" => &["host"],
        _ => &["server_name"],
    };
    Common {
        host: None,
        user: fields.text_of(&["username", "user", "client"]).and_then(bare_account),
        // A notice has the ends of what it is about in `src` and `dst`.
        src_ip: fields.ip_of(&["id.orig_h", "src"]),
        dst_ip: fields.ip_of(&["id.resp_h", "dst"]),
        dst_port: fields.port_of(&["id.resp_p", "p"]),
        process: None,
        file_sha256: fields.sha256_of(&["sha256"]),
        domain: fields.domain_of(domains),
        url: url(fields, log),
    }
}

/// The whole URL; Zeek writes host and path apart.
fn url(fields: &Fields, log: &str) -> Option<String> {
    let path = fields.text("uri").filter(|_| log == "http")?;
    if path.starts_with("http://") || path.starts_with("https://") {
        return Some(path.to_owned());
    }
    let host = fields.text("host").filter(|_| path.starts_with('/'))?;
    let port = fields.number("id.resp_p").filter(|port| *port != 80 && !host.contains(':'));
    Some(port.map_or_else(
        || format!("http://{host}{path}"),
        |port| format!("http://{host}:{port}{path}"),
    ))
}

/// Names that all logs share.
const ENDS: &[(&str, &str)] = &[
    ("id.orig_h", "src_ip"),
    ("id.orig_p", "src_port"),
    ("id.resp_h", "dst_ip"),
    ("id.resp_p", "dst_port"),
];

const DNS: &[(&str, &str)] = &[("qtype_name", "record_type"), ("answers", "answer")];

const HTTP: &[(&str, &str)] = &[
    ("method", "cs-method"),
    ("host", "cs-host"),
    ("uri", "c-uri"),
    ("uri", "cs-uri"),
    ("user_agent", "c-useragent"),
    ("user_agent", "cs-user-agent"),
    ("referrer", "cs-referer"),
    ("username", "cs-username"),
    ("status_code", "sc-status"),
];

/// Adds Sigma's names.
fn named(mut fields: Fields, log: &str) -> Fields {
    let whole = url(&fields, log);
    fields.set_some("c-uri", whole);
    let names = match log {
        "dns" => DNS,
        "http" => HTTP,
        _ => &[],
    };
    for (from, to) in ENDS.iter().chain(names) {
        fields.alias(from, to);
    }
    let uri = fields.text("uri").filter(|_| log == "http");
    let parts = uri.map(|path| match path.split_once('?') {
        Some((stem, query)) => (stem.to_owned(), Some(query.to_owned())),
        None => (path.to_owned(), None),
    });
    if let Some((stem, query)) = parts {
        fields.set("cs-uri-stem", stem);
        fields.set_some("cs-uri-query", query);
    }
    fields
}

fn notice(fields: &Fields, log: &str) -> Option<ProductAlert> {
    let note = fields.text("note").filter(|_| log == "notice")?;
    let is_loud = fields.texts("actions").any(|action| {
        ["ACTION_ALARM", "ACTION_EMAIL", "ACTION_PAGE"].iter().any(|loud| action.ends_with(loud))
    });
    Some(ProductAlert {
        rule_id: format!("{NAME}:{note}"),
        title: fields.text("msg").unwrap_or(note).to_owned(),
        severity: if is_loud { Severity::High } else { Severity::Low },
        techniques: Vec::new(),
    })
}
