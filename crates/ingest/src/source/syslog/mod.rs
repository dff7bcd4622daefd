//! Any syslog line that no more particular source reads.
//!
//! Syslog is an envelope: where this format is asked for, lines of sshd and audit records are
//! still read by their own sources.
//!
//! Fields: `facility`, `severity`, `hostname`, `appname`, `procid`, `msgid`, RFC 5424's
//! structured data as `ID.NAME`, and `message`. For Sigma the product is `linux`, the service
//! follows from the program (`sudo`, `cron`, `auth`, …) and is `syslog` for all others. The host
//! is what the line says, which the sender chose.
//!
//! Spec: RFC 5424, RFC 3164.

use stanch_model::Time;

use super::contract::{Draft, Source};
use crate::{
    error::Error,
    record::Record,
    syslog_line::{self, Envelope},
};

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

    fn is_envelope(&self) -> bool {
        true
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        let envelope = Envelope::open(record.text(), received_at)
            .ok_or_else(|| syslog_line::no_header(self.name(), record.text()))?;
        Ok(syslog_line::plain(&envelope))
    }
}
