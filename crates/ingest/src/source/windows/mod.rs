//! Windows events as XML and as JSON: Sysmon, Security, PowerShell and the rest.
//!
//! XML is what Windows renders (`<Event xmlns=…>`, also several lines long, many in `<Events>`, or as
//! text in `System` or `Event` of a JSON object, as Fluent Bit sends it); `xml.rs` makes the nested shape of it.
//! Three shapes are read (`shape.rs`): the nested one that EVTX tools write
//! (`Event.System`, `Event.EventData`), Winlogbeat's (`winlog.event_data`), and the flat one of
//! NXLog and its like (`EventID` beside the data). All become the same flat fields by the names
//! that Sigma rules use: `EventID` (a number), `Channel`, `Provider_Name`, `Computer`, and the
//! event's own data (`Image`, `CommandLine`, …).
//!
//! The log source is product `windows`, the service of the channel (`service.rs`), and *all*
//! categories that the event belongs to (`category.rs`): a registry write is `registry_set` and
//! `registry_event`. Names that differ between Sysmon and the Security log get Sysmon's name
//! beside their own (`alias.rs`), and `Hashes` is taken apart into `md5`, `sha1`, `sha256` and
//! `Imphash`.
//!
//! Spec: <https://learn.microsoft.com/windows/win32/wes/eventschema-schema>;
//! <https://learn.microsoft.com/sysinternals/downloads/sysmon>; Sigma Appendix Taxonomy 2.1.

mod alias;
mod category;
mod hashes;
mod service;
mod shape;
mod xml;

use serde_json::{Map, Value};
use stanch_model::{
    Time,
    event::{Common, LogSource},
};

use super::contract::{Draft, Source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
};

/// Windows event logs.
pub(super) struct Windows;

const NAME: &str = "windows";

/// Where the time is; Sysmon's `UtcTime` stands before NXLog's `EventTime`, which is local.
const TIMES: &[&str] =
    &["TimeCreated_SystemTime", "TimeCreated", "SystemTime", "UtcTime", "@timestamp", "EventTime"];

impl Source for Windows {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Windows and Sysmon events (XML, JSON)"
    }

    fn spec(&self) -> &'static str {
        "https://learn.microsoft.com/windows/win32/wes/eventschema-schema"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        match record.object() {
            Some(object) => shape::is_windows(object) || xml_text(object).is_some(),
            None => xml::is_event(record.text()) && record.text().contains("<System"),
        }
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        if record.text().starts_with('<') {
            return read(xml::read(record.text())?);
        }
        let mut object = record.into_object(NAME)?;
        let Some((name, text)) = xml_text(&object) else { return read(object) };
        let event = xml::read(text)?;
        object.shift_remove(name);
        beside(shape::flatten(event), object)
    }
}

/// Whether an object has a Windows event's fields side by side.
pub(super) fn is_flat(object: &Map<String, Value>) -> bool {
    shape::is_flat(object)
}

/// The member of a JSON object that holds the event as XML.
fn xml_text(object: &Map<String, Value>) -> Option<(&'static str, &str)> {
    ["System", "Event"].into_iter().find_map(|name| {
        let text = object.get(name)?.as_str()?;
        xml::is_event(text).then_some((name, text))
    })
}

/// An event, and what a shipper said beside it, which takes no name from it.
fn beside(mut fields: Fields, rest: Map<String, Value>) -> Result<Draft, Error> {
    for (name, value) in rest {
        if fields.value(&name).is_none() {
            fields.flatten(&name, value);
        }
    }
    draft(fields, NAME, None)
}

/// One event in any of the shapes.
pub(super) fn read(object: Map<String, Value>) -> Result<Draft, Error> {
    draft(shape::flatten(object), NAME, None)
}

/// An event of Sysmon's on another system, as XML.
pub(super) fn read_sysmon(text: &str, product: &str) -> Result<Draft, Error> {
    draft(shape::flatten(xml::read(text)?), product, Some("sysmon"))
}

/// The event in `fields`; its service follows from the channel unless it is known.
fn draft(mut fields: Fields, product: &str, known: Option<&'static str>) -> Result<Draft, Error> {
    let Some(event_id) = fields.number("EventID") else {
        return Err(Error::Missing {
            format: NAME,
            field: "EventID",
            fix: "send the event with its System part (`Event.System.EventID`, \
                  `winlog.event_id` or a flat `EventID`)",
        });
    };
    fields.set("EventID", event_id);
    let occurred_at = occurred_at(&fields)?;
    let channel = || service::of(fields.text("Channel"), fields.text("Provider_Name"));
    let service = known.or_else(channel);
    alias::apply(&mut fields, service, event_id);
    hashes::split(&mut fields);
    let categories = category::of(service, event_id, fields.text("EventType"));
    Ok(Draft {
        occurred_at,
        log_source: LogSource {
            product: Some(product.to_owned()),
            service: service.map(str::to_owned),
            categories: categories.into_iter().map(str::to_owned).collect(),
        },
        common: common(&fields, event_id),
        product_alert: None,
        fields: fields.finish(),
    })
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let Some(stamp) = TIMES.iter().find_map(|name| fields.value(name)) else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "a time, such as 2026-11-24T10:00:00.0000000Z",
        found: quote(&stamp.to_string()),
        fix: "send TimeCreated, UtcTime or @timestamp as ISO 8601",
    })?;
    Ok(Some(time))
}

fn common(fields: &Fields, event_id: u64) -> Common {
    // Where somebody logs on, the account is the one logged on to, not the service that asked.
    let users: &[&str] = match event_id {
        4624 | 4625 | 4634 | 4647 | 4768 | 4769 | 4771 | 4776 => &["TargetUserName"],
        _ => &["User", "SubjectUserName", "UserName", "AccountName", "SourceUser"],
    };
    let text = |names: &[&str]| fields.text_of(names).map(str::to_owned);
    Common {
        host: text(&["Computer"]),
        user: fields.text_of(users).and_then(bare_account),
        src_ip: fields.ip_of(&["SourceIp", "SourceAddress", "IpAddress", "ClientAddress"]),
        dst_ip: fields.ip_of(&["DestinationIp", "DestAddress"]),
        dst_port: fields.port_of(&["DestinationPort", "DestPort"]),
        process: text(&["Image", "SourceImage", "ProcessName"]),
        file_sha256: fields.sha256_of(&["sha256"]),
        domain: fields.domain_of(&["QueryName", "DestinationHostname"]),
        url: None,
    }
}
