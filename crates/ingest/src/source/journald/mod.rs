//! systemd's journal: the export format and JSON (`journalctl -o export`, `-o json`).
//!
//! Entries of the export format are cut by the splitter. Fields keep the journal's names
//! (`_SYSTEMD_UNIT`, `_EXE`, `MESSAGE`); beside them stand those that source `syslog` has:
//! `message`, `hostname`, `appname`, `procid`, `facility`, `severity`. The journal is what others
//! write into, and what they wrote is read as theirs:
//!
//! | entry | read as |
//! |---|---|
//! | of `sshd`, by identifier and by the journal's own `_COMM` | source `sshd` |
//! | with `_TRANSPORT=audit` | source `auditd` |
//! | of `sysmon`, with Sysmon's XML | source `sysmon_linux` |
//! | any other | product `linux`, service by the program as source `syslog` has it |
//!
//! Fields that begin with `_` are the journal's own word; `SYSLOG_IDENTIFIER` is the program's,
//! which anybody may choose, and is not believed against `_COMM`.
//!
//! Spec: <https://systemd.io/JOURNAL_EXPORT_FORMATS/>; systemd.journal-fields(7).

mod entry;

use serde_json::{Map, Value};
use stanch_model::Time;

use super::{
    auditd,
    contract::{Draft, Source},
    sshd, sysmon_linux,
};
use crate::{
    error::{Error, quote},
    fields::Fields,
    moment,
    record::Record,
    syslog_line::{self, Envelope},
};

/// systemd's journal.
pub(super) struct Journald;

const NAME: &str = "journald";

impl Source for Journald {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "systemd journal (export format, JSON)"
    }

    fn spec(&self) -> &'static str {
        "https://systemd.io/JOURNAL_EXPORT_FORMATS/"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        match record.object() {
            Some(object) => {
                object.contains_key("__REALTIME_TIMESTAMP")
                    && ["__CURSOR", "_BOOT_ID", "MESSAGE"].iter().any(|n| object.contains_key(*n))
            }
            None => entry::is_entry(record.text()),
        }
    }

    fn parse(&self, record: Record<'_>, _received_at: Time) -> Result<Draft, Error> {
        let found = quote(record.text());
        let fields = if record.looks_like_json() {
            entry::of_json(record.into_object(NAME)?)
        } else {
            entry::of_text(record.text()).ok_or(Error::Malformed {
                format: NAME,
                expected: "lines of `NAME=value`",
                found,
                fix: "send entries as journalctl -o export or -o json writes them",
            })?
        };
        if fields.is_empty() {
            return Err(Error::Missing {
                format: NAME,
                field: "MESSAGE",
                fix: "send whole entries of the journal",
            });
        }
        let own = Fields::of(fields.clone());
        let envelope = envelope(&own)?;
        let draft = inner(&own, &envelope)?;
        Ok(beside(draft, fields, &own))
    }
}

/// The entry as the syslog line that it would have been.
fn envelope(fields: &Fields) -> Result<Envelope, Error> {
    let text = |names: &[&str]| fields.text_of(names).map(str::to_owned);
    let severity = fields.number("PRIORITY").filter(|priority| *priority < 8);
    let facility = fields.number("SYSLOG_FACILITY").filter(|facility| *facility < 24);
    let code = facility.unwrap_or_default().saturating_mul(8).saturating_add(severity.unwrap_or(0));
    let words = u8::try_from(code).map(syslog_loose::decompose_pri).unwrap_or_default();
    Ok(Envelope {
        occurred_at: occurred_at(fields)?,
        facility: words.0.filter(|_| facility.is_some()).map(|facility| facility.as_str()),
        severity: words.1.filter(|_| severity.is_some()).map(|severity| severity.as_str()),
        hostname: text(&["_HOSTNAME"]),
        appname: text(&["SYSLOG_IDENTIFIER", "_COMM"]),
        procid: fields
            .number("SYSLOG_PID")
            .or_else(|| fields.number("_PID"))
            .map(|id| id.to_string()),
        message: text(&["MESSAGE"]).unwrap_or_default(),
        ..Envelope::default()
    })
}

fn occurred_at(fields: &Fields) -> Result<Option<Time>, Error> {
    let names = ["_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"];
    let Some(stamp) = names.iter().find_map(|name| fields.value(name)) else { return Ok(None) };
    let time = moment::of_value(stamp).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "`__REALTIME_TIMESTAMP` in microseconds since 1970",
        found: quote(&stamp.to_string()),
        fix: "send entries as the journal writes them",
    })?;
    Ok(Some(time))
}

/// The entry as whoever wrote it would have it read.
fn inner(fields: &Fields, envelope: &Envelope) -> Result<Draft, Error> {
    // `_COMM` is what the kernel calls the process; where it is missing the entry came from afar.
    let is_of = |names: &[&str]| {
        let is_known = |name: Option<&str>| name.is_some_and(|name| names.contains(&name));
        is_known(envelope.appname.as_deref())
            && (fields.value("_COMM").is_none() || is_known(fields.text("_COMM")))
    };
    if fields.text("_TRANSPORT") == Some("audit")
        && let Some(line) = entry::audit_line(fields, envelope)
    {
        return auditd::read(&line);
    }
    if is_of(sshd::PROGRAMS) {
        return Ok(sshd::read(envelope));
    }
    if is_of(&["sysmon"]) && sysmon_linux::is_sysmon(&envelope.message) {
        return sysmon_linux::read(&envelope.message);
    }
    let draft = syslog_line::plain(envelope);
    if fields.value("_COMM").is_none() || is_of(&[envelope.appname.as_deref().unwrap_or_default()])
    {
        return Ok(draft);
    }
    // A program that calls itself otherwise than the kernel does is taken by the kernel's name.
    let appname = fields.text("_COMM").map(str::to_owned);
    let named = syslog_line::plain(&Envelope { appname, ..envelope.clone() });
    Ok(Draft { log_source: named.log_source, ..draft })
}

/// The journal's fields beside those of the inner reading.
fn beside(draft: Draft, entry: Map<String, Value>, own: &Fields) -> Draft {
    let mut fields = Fields::of(draft.fields);
    for (name, value) in entry {
        fields.flatten(&name, value);
    }
    let mut common = draft.common;
    common.host = common.host.or_else(|| own.text("_HOSTNAME").map(str::to_owned));
    common.process = common.process.or_else(|| own.text("_EXE").map(str::to_owned));
    Draft { fields: fields.finish(), common, ..draft }
}
