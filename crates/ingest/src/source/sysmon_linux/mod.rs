//! Sysmon for Linux: events as XML, one a line, behind a syslog header or by themselves.
//!
//! The XML is read as source `windows` reads it, with the same names (`Image`, `CommandLine`,
//! `DestinationIp`, …) and categories (`process_creation`, `network_connection`,
//! `process_termination`, `raw_access_thread`, `file_event`, `file_delete`). The product is `linux`,
//! the service `sysmon`. Who may write to syslog may forge such lines: only those count in which the
//! event stands right behind the header.
//!
//! Spec: <https://github.com/microsoft/SysmonForLinux>; Sysmon's manifest, RFC 3164.

use stanch_model::Time;

use super::{
    contract::{Draft, Source},
    windows,
};
use crate::{
    error::{Error, quote},
    record::Record,
    syslog_line::carried,
};

/// Sysmon for Linux.
pub(super) struct SysmonLinux;

const NAME: &str = "sysmon_linux";
const MARK: &str = "<Event>";

/// Its provider and the beginning of its channel.
const PROVIDER: &str = "Linux-Sysmon";

impl Source for SysmonLinux {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Sysmon for Linux (XML)"
    }

    fn spec(&self) -> &'static str {
        "https://github.com/microsoft/SysmonForLinux"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        !record.looks_like_json()
            && record.text().contains(PROVIDER)
            && carried(record.text(), MARK, Time::default())
                .is_some_and(|carried| is_sysmon(carried.payload))
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        let carried = carried(record.text(), MARK, received_at)
            .filter(|carried| is_sysmon(carried.payload))
            .ok_or_else(|| Error::Malformed {
                format: NAME,
                expected: "`<Event><System><Provider Name=\"Linux-Sysmon\" …`",
                found: quote(record.text()),
                fix: "send the lines as Sysmon writes them to syslog",
            })?;
        let mut draft = read(carried.payload)?;
        if let Some(envelope) = carried.envelope {
            draft.common.host = draft.common.host.or(envelope.hostname);
            draft.occurred_at = draft.occurred_at.or(envelope.occurred_at);
        }
        Ok(draft)
    }
}

/// One event.
pub(super) fn read(payload: &str) -> Result<Draft, Error> {
    windows::read_sysmon(payload, "linux")
}

/// Whether the provider, which comes first, is Sysmon for Linux.
pub(super) fn is_sysmon(payload: &str) -> bool {
    payload.starts_with(MARK)
        && payload
            .split_once("<Provider")
            .and_then(|(_, rest)| rest.split_once('>'))
            .is_some_and(|(attributes, _)| attributes.contains(PROVIDER))
}
