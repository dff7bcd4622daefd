//! ArcSight's Common Event Format: `CEF:0|Vendor|Product|Version|Class|Name|Severity|key=value …`,
//! by itself or behind a syslog header (RFC 3164, RFC 5424).
//!
//! The header's seven parts are the fields `cefVersion`, `deviceVendor`, `deviceProduct`,
//! `deviceVersion`, `deviceEventClassId`, `name` and `severity`; the extension's keys keep their
//! names (`pairs.rs` has the rules of escaping). A custom value gets its label's name beside its
//! own: `cs1=block cs1Label=Verdict` is `Verdict` as well. What rules ask for stands beside:
//!
//! | field | Sigma's name |
//! |---|---|
//! | `src`, `dst`, `spt`, `dpt` | `src_ip`, `dst_ip`, `src_port`, `dst_port` |
//! | `act` | `action` |
//! | `request`, `requestMethod`, `requestClientApplication` | `c-uri`, `cs-method`, `c-useragent`, `cs-user-agent` |
//! | `fname` | `Filename` |
//!
//! Text in front of the first key is `message`.
//!
//! The log source follows from vendor, product and `cat` (`source/device.rs`). A record of
//! severity 7 and more, or of `type=2` (a correlation of the sender's), is an alert of the
//! product. A key that comes twice is kept twice, and no address is taken from it.
//!
//! Spec: <https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors/pdfdoc/common-event-format-v25/common-event-format-v25.pdf>
//! (CEF 0.1 and 1, revision 25 and later).

mod pairs;

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

/// CEF.
pub(super) struct Cef;

const NAME: &str = "cef";
const MARK: &str = "CEF:";

/// The header's fields, in order.
const HEADER: [&str; 7] = [
    "cefVersion",
    "deviceVendor",
    "deviceProduct",
    "deviceVersion",
    "deviceEventClassId",
    "name",
    "severity",
];

/// Keys whose values are whole numbers by the dictionary.
const NUMBERS: &[&str] = &[
    "spt",
    "dpt",
    "cnt",
    "in",
    "out",
    "spid",
    "dpid",
    "dvcpid",
    "fsize",
    "oldFileSize",
    "cn1",
    "cn2",
    "cn3",
    "type",
    "sourceTranslatedPort",
    "destinationTranslatedPort",
];

/// Keys and Sigma's names for them.
const ALIASES: &[(&str, &str)] = &[
    ("src", "src_ip"),
    ("dst", "dst_ip"),
    ("spt", "src_port"),
    ("dpt", "dst_port"),
    ("act", "action"),
    ("request", "c-uri"),
    ("requestMethod", "cs-method"),
    ("requestClientApplication", "c-useragent"),
    ("requestClientApplication", "cs-user-agent"),
    ("fname", "Filename"),
];

/// Custom values, each of which may have a label.
const CUSTOM: &[&str] = &[
    "cs1",
    "cs2",
    "cs3",
    "cs4",
    "cs5",
    "cs6",
    "cn1",
    "cn2",
    "cn3",
    "cfp1",
    "cfp2",
    "cfp3",
    "cfp4",
    "c6a1",
    "c6a2",
    "c6a3",
    "c6a4",
    "flexString1",
    "flexString2",
    "flexNumber1",
    "flexNumber2",
    "flexDate1",
    "deviceCustomDate1",
    "deviceCustomDate2",
];

/// `type` of an event that the sender correlated from others.
const CORRELATED: u64 = 2;

impl Source for Cef {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Common Event Format (CEF)"
    }

    fn spec(&self) -> &'static str {
        "https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors/pdfdoc/common-event-format-v25/common-event-format-v25.pdf"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        !record.looks_like_json()
            && record.text().contains(MARK)
            && carried(record.text(), MARK, Time::default())
                .is_some_and(|carried| pairs::header(carried.payload, MARK).is_some())
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        let malformed = || Error::Malformed {
            format: NAME,
            expected: "`CEF:VERSION|VENDOR|PRODUCT|VERSION|CLASS|NAME|SEVERITY|…`",
            found: quote(record.text()),
            fix: "send the seven parts of the header, with `|` inside of one written as `\\|`",
        };
        let Carried { envelope, payload } =
            carried(record.text(), MARK, received_at).ok_or_else(malformed)?;
        let (header, extension) = pairs::header(payload, MARK).ok_or_else(malformed)?;
        let fields = fields(envelope.as_ref(), &header, extension);
        let [_, vendor, product, _, class, title, severity] = &header;
        let is_finding = fields.number("type") == Some(CORRELATED);
        Ok(Draft {
            occurred_at: occurred_at(&fields).or(envelope.as_ref().and_then(|e| e.occurred_at)),
            log_source: device::log_source(vendor, product, fields.text("cat")),
            common: common(&fields, envelope.as_ref()),
            product_alert: device::product_alert(
                product,
                class,
                title,
                Some(severity.trim()),
                is_finding,
            ),
            fields: fields.finish(),
        })
    }
}

fn fields(envelope: Option<&Envelope>, header: &[String; 7], extension: &str) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in HEADER.iter().zip(header) {
        fields.set(name, value.trim());
    }
    for (key, value) in pairs::extension(extension) {
        device::set(&mut fields, key, value, NUMBERS);
    }
    for (from, to) in ALIASES {
        fields.alias(from, to);
    }
    for name in CUSTOM {
        let label = fields.text(&format!("{name}Label")).map(str::to_owned);
        if let Some(label) = label {
            fields.alias(name, &label);
        }
    }
    fields.set_some("hostname", envelope.and_then(|e| e.hostname.as_deref()));
    fields
}

fn occurred_at(fields: &Fields) -> Option<Time> {
    let text = |name: &str| fields.text(name).and_then(moment::of_words);
    let names = ["rt", "deviceReceiptTime", "end", "start"];
    names.iter().find_map(|name| fields.moment_of(&[name]).or_else(|| text(name)))
}

fn common(fields: &Fields, envelope: Option<&Envelope>) -> Common {
    let once = |names: &[&'static str]| device::once(fields, names);
    let text = |names: &[&'static str]| fields.text_of(&once(names)).map(str::to_owned);
    let host = text(&["dvchost", "deviceHostName", "shost"]);
    Common {
        host: host.or_else(|| envelope.and_then(|e| e.hostname.clone())),
        user: fields.text_of(&once(&["suser", "duser"])).and_then(bare_account),
        src_ip: fields.ip_of(&once(&["src", "c6a2"])),
        dst_ip: fields.ip_of(&once(&["dst", "c6a3"])),
        dst_port: fields.port_of(&once(&["dpt"])),
        process: text(&["sproc", "deviceProcessName"]),
        file_sha256: fields.sha256_of(&once(&["fileHash", "oldFileHash"])),
        domain: fields.domain_of(&once(&["destinationDnsDomain", "dhost"])),
        url: text(&["request"]),
    }
}
