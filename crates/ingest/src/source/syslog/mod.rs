//! Any syslog line that no more particular source reads.
//!
//! Fields: `facility`, `severity`, `hostname`, `appname`, `procid`, `msgid`, RFC 5424's
//! structured data as `ID.NAME`, and `message`. For Sigma the product is `linux`, the service
//! follows from the program (`sudo`, `cron`, `auth`, …) and is `syslog` for all others. The host
//! is what the line says, which the sender chose.
//!
//! Spec: RFC 5424, RFC 3164.

use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    record::Record,
    syslog_line::Envelope,
};

/// Sigma's service by the program's name.
const SERVICES: &[(&str, &str)] = &[
    ("sudo", "sudo"),
    ("cron", "cron"),
    ("crond", "cron"),
    ("CRON", "cron"),
    ("su", "auth"),
    ("login", "auth"),
    ("sshd", "sshd"),
    ("sshd-session", "sshd"),
    ("systemd-logind", "auth"),
    ("vsftpd", "vsftpd"),
    ("clamd", "clamav"),
    ("freshclam", "clamav"),
];

/// Plain syslog.
pub(super) struct Syslog;

impl Source for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn title(&self) -> &'static str {
        "Syslog (RFC 3164, RFC 5424)"
    }

    fn spec(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc5424"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        !record.looks_like_json() && Envelope::open(record.text(), Time::default()).is_some()
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        let envelope = Envelope::open(record.text(), received_at)
            .ok_or_else(|| no_header(self.name(), record.text()))?;
        Ok(draft(&envelope))
    }
}

/// An event of an envelope whose message is not understood further.
pub(super) fn draft(envelope: &Envelope) -> Draft {
    let program = envelope.appname.as_deref().unwrap_or_default();
    let service = SERVICES.iter().find(|(name, _)| *name == program);
    let service = service.map_or("syslog", |(_, service)| service);
    Draft {
        occurred_at: envelope.occurred_at,
        log_source: log_source("linux", Some(service), &[]),
        fields: envelope.fields().finish(),
        common: Common { host: envelope.hostname.clone(), ..Common::default() },
        product_alert: None,
    }
}

/// The error for a line without a header.
pub(super) fn no_header(format: &'static str, line: &str) -> Error {
    Error::Malformed {
        format,
        expected: "a syslog header (`Nov 24 10:00:00 HOST PROGRAM[ID]: ` or RFC 5424)",
        found: quote(line),
        fix: "send the line with its header, as the syslog daemon writes it",
    }
}
