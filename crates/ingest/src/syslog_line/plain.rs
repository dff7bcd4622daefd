//! What every line in an envelope can be made into, understood further or not.

use stanch_model::event::Common;

use super::Envelope;
use crate::{
    error::{Error, quote},
    source::{Draft, log_source},
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

/// An event of an envelope whose message is not understood further.
pub(crate) fn plain(envelope: &Envelope) -> Draft {
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
pub(crate) fn no_header(format: &'static str, line: &str) -> Error {
    Error::Malformed {
        format,
        expected: "a syslog header (`Nov 24 10:00:00 HOST PROGRAM[ID]: ` or RFC 5424)",
        found: quote(line),
        fix: "send the line with its header, as the syslog daemon writes it",
    }
}
