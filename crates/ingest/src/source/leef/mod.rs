//! IBM QRadar's Log Event Extended Format, 1.0 and 2.0:
//! `LEEF:1.0|Vendor|Product|Version|EventID|key=value<tab>…`, by itself or behind a syslog header.
//!
//! LEEF 2.0 has one part more, the delimiter between pairs: a character, or its number as `0x5E`
//! or `x5E`; left empty it is the tab. The format has no escapes: a header part holds no `|` and
//! a value no delimiter, and a backslash is a backslash.
//!
//! Fields: `leefVersion`, `vendor`, `product`, `version`, `eventId`, and the attributes by their
//! own names. Beside them: `src`, `dst`, `srcPort`, `dstPort` as `src_ip`, `dst_ip`, `src_port`,
//! `dst_port`; `url` as `c-uri`; `method`, `userAgent`, `action` as `cs-method`, `c-useragent`,
//! `action`. Time is `devTime`, also with the common values of `devTimeFormat`. The log source
//! follows from vendor, product and `cat` (`source/device.rs`); `sev` of 7 and more is an alert
//! of the product. A key that comes twice is kept twice, and no address is taken from it.
//!
//! Spec: <https://www.ibm.com/docs/en/dsm?topic=overview-leef-event-components>.

use stanch_model::{Time, event::Common};

use super::{
    contract::{Draft, Source},
    device,
};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
    syslog_line::{Carried, Envelope, carried},
};

/// LEEF.
pub(super) struct Leef;

const NAME: &str = "leef";
const MARK: &str = "LEEF:";

/// Attributes that are whole numbers by the guide.
const NUMBERS: &[&str] = &[
    "srcPort",
    "dstPort",
    "srcPreNATPort",
    "dstPreNATPort",
    "srcPostNATPort",
    "dstPostNATPort",
    "srcBytes",
    "dstBytes",
    "srcPackets",
    "dstPackets",
    "totalPackets",
    "sev",
];

/// Attributes and Sigma's names for them.
const ALIASES: &[(&str, &str)] = &[
    ("src", "src_ip"),
    ("dst", "dst_ip"),
    ("srcPort", "src_port"),
    ("dstPort", "dst_port"),
    ("url", "c-uri"),
    ("method", "cs-method"),
    ("userAgent", "c-useragent"),
    ("userAgent", "cs-user-agent"),
];

impl Source for Leef {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Log Event Extended Format (LEEF)"
    }

    fn spec(&self) -> &'static str {
        "https://www.ibm.com/docs/en/dsm?topic=overview-leef-event-components"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        !record.looks_like_json()
            && record.text().contains(MARK)
            && carried(record.text(), MARK, Time::default())
                .is_some_and(|carried| Header::of(carried.payload).is_some())
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        let malformed = || Error::Malformed {
            format: NAME,
            expected: "`LEEF:1.0|VENDOR|PRODUCT|VERSION|EVENTID|…` or `LEEF:2.0|…|DELIMITER|…`",
            found: quote(record.text()),
            fix: "send the whole header; the delimiter of LEEF 2.0 is one character, 0xHH or empty",
        };
        let Carried { envelope, payload } =
            carried(record.text(), MARK, received_at).ok_or_else(malformed)?;
        let header = Header::of(payload).ok_or_else(malformed)?;
        let fields = fields(envelope.as_ref(), &header);
        let severity = fields.number("sev").map(|number| number.to_string());
        let title = fields.text_of(&device::once(&fields, &["msg", "cat"])).unwrap_or_default();
        Ok(Draft {
            occurred_at: occurred_at(&fields).or(envelope.as_ref().and_then(|e| e.occurred_at)),
            log_source: device::log_source(header.vendor, header.product, fields.text("cat")),
            common: common(&fields, envelope.as_ref()),
            product_alert: device::product_alert(
                header.product,
                header.event_id,
                title,
                severity.as_deref(),
                false,
            ),
            fields: fields.finish(),
        })
    }
}

/// A header and what follows.
struct Header<'a> {
    leef_version: &'a str,
    vendor: &'a str,
    product: &'a str,
    version: &'a str,
    event_id: &'a str,
    delimiter: char,
    attributes: &'a str,
}

impl<'a> Header<'a> {
    fn of(payload: &'a str) -> Option<Self> {
        let (leef_version, rest) = payload.strip_prefix(MARK)?.split_once('|')?;
        let (vendor, rest) = rest.split_once('|')?;
        let (product, rest) = rest.split_once('|')?;
        let (version, rest) = rest.split_once('|')?;
        let (event_id, rest) = rest.split_once('|').unwrap_or((rest, ""));
        let (delimiter, attributes) = match leef_version.trim() {
            "1.0" | "1" => ('\t', rest),
            // The delimiter may be `|` itself, and the part is often left out.
            "2.0" | "2" => match rest.strip_prefix("||") {
                Some(attributes) => ('|', attributes),
                None => match rest.split_once('|') {
                    Some((part, attributes)) if !part.contains('=') => {
                        (delimiter(part)?, attributes)
                    }
                    _ => ('\t', rest),
                },
            },
            _ => return None,
        };
        let event_id = event_id.trim();
        let whole = !event_id.is_empty();
        whole.then_some(Self {
            leef_version,
            vendor,
            product,
            version,
            event_id,
            delimiter,
            attributes,
        })
    }

    /// The attributes; what has no `=` goes on with the value before it, and is `message` where
    /// there is none.
    fn pairs(&self) -> Vec<(&'a str, String)> {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for part in self.attributes.split(self.delimiter) {
            match (part.split_once('='), pairs.last_mut()) {
                (Some((key, value)), _) if is_key(key.trim()) => {
                    pairs.push((key.trim(), value.trim().to_owned()));
                }
                _ if part.trim().is_empty() => {}
                (_, Some((_, before))) => {
                    before.push(self.delimiter);
                    before.push_str(part);
                }
                (_, None) => pairs.push(("message", part.trim().to_owned())),
            }
        }
        pairs
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// One character, `0xHH`, `xHH`, or nothing, which is the tab.
fn delimiter(part: &str) -> Option<char> {
    if part.is_empty() {
        return Some('\t');
    }
    let number = part.strip_prefix("0x").or_else(|| part.strip_prefix('x'));
    if let Some(number) = number.filter(|number| !number.is_empty()) {
        return u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
    }
    let mut chars = part.chars();
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

fn fields(envelope: Option<&Envelope>, header: &Header<'_>) -> Fields {
    let mut fields = Fields::default();
    fields.set("leefVersion", header.leef_version.trim());
    fields.set("vendor", header.vendor.trim());
    fields.set("product", header.product.trim());
    fields.set("version", header.version.trim());
    fields.set("eventId", header.event_id);
    for (key, value) in header.pairs() {
        device::set(&mut fields, key, value, NUMBERS);
    }
    for (from, to) in ALIASES {
        fields.alias(from, to);
    }
    fields.set_some("hostname", envelope.and_then(|e| e.hostname.as_deref()));
    fields
}

fn occurred_at(fields: &Fields) -> Option<Time> {
    fields.moment_of(&["devTime"]).or_else(|| moment::of_words(fields.text("devTime")?))
}

fn common(fields: &Fields, envelope: Option<&Envelope>) -> Common {
    let once = |names: &[&'static str]| device::once(fields, names);
    let text = |names: &[&'static str]| fields.text_of(&once(names)).map(str::to_owned);
    let host = text(&["identHostName", "resource"]);
    Common {
        host: host.or_else(|| envelope.and_then(|e| e.hostname.clone())),
        user: fields.text_of(&once(&["usrName", "accountName"])).and_then(bare_account),
        src_ip: fields.ip_of(&once(&["src"])),
        dst_ip: fields.ip_of(&once(&["dst"])),
        dst_port: fields.port_of(&once(&["dstPort"])),
        process: text(&["processName"]),
        file_sha256: fields.sha256_of(&once(&["fileHash", "sha256"])),
        domain: fields.domain_of(&once(&["domain", "dstHostName"])),
        url: text(&["url"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(payload: &str, expect: Option<&str>) {
        let found = Header::of(payload).map(|header| {
            let pairs = header.pairs();
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}:{value}")).collect();
            format!("{} {:?} {}", header.event_id, header.delimiter, pairs.join(","))
        });
        assert_eq!(found.as_deref(), expect, "{payload}");
    }

    #[test]
    fn delimiters_are_read() {
        check("LEEF:1.0|v|p|1|e|a=1\tb=x y", Some("e '\\t' a:1,b:x y"));
        check("LEEF:2.0|v|p|1|e|^|a=1^b=2", Some("e '^' a:1,b:2"));
        check("LEEF:2.0|v|p|1|e|0x5E|a=1^b=2", Some("e '^' a:1,b:2"));
        check("LEEF:2.0|v|p|1|e|x7c|a=1|b=2", Some("e '|' a:1,b:2"));
        check("LEEF:2.0|v|p|1|e|||a=1|b=2", Some("e '|' a:1,b:2"));
        check("LEEF:2.0|v|p|1|e||a=1\tb=2", Some("e '\\t' a:1,b:2"));
        check("LEEF:2.0|v|p|1|e|a=1|2\tb=2", Some("e '\\t' a:1|2,b:2"));
        check("LEEF:2.0|v|p|1|e|tab|a=1", None);
        check("LEEF:1.0|v|p|1|e|a=C:\\n\\t\tb", Some("e '\\t' a:C:\\n\\t\tb"));
        check("LEEF:1.0|v|p|1|e|note", Some("e '\\t' message:note"));
        check("LEEF:1.0|v|p|1|e", Some("e '\\t' "));
        check("LEEF:1.0|v|p|1||a=1", None);
        check("LEEF:3.0|v|p|1|e|a=1", None);
    }
}
