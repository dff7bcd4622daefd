//! One line taken apart.

use stanch_model::Time;
use syslog_loose::{Message, Variant, decompose_pri};

use super::stamp;
use crate::fields::Fields;

/// A syslog line: header and message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// When it was written, if the line says so.
    pub(crate) occurred_at: Option<Time>,
    /// Facility (`auth`, `local0`, …), if there is a priority.
    pub(crate) facility: Option<&'static str>,
    /// Severity (`err`, `info`, …), if there is a priority.
    pub(crate) severity: Option<&'static str>,
    /// The host that wrote it, by its own account.
    pub(crate) hostname: Option<String>,
    /// The program, without directory (`sshd`).
    pub(crate) appname: Option<String>,
    /// Its process id.
    pub(crate) procid: Option<String>,
    /// RFC 5424's message id.
    pub(crate) msgid: Option<String>,
    /// RFC 5424's structured data, as `ID.NAME`.
    pub(crate) structured: Vec<(String, String)>,
    /// What the program said.
    pub(crate) message: String,
}

impl Envelope {
    /// Takes `line` apart; nothing if it has neither a stamp nor a priority.
    pub(crate) fn open(line: &str, received_at: Time) -> Option<Self> {
        let line = line.trim();
        let (priority, rest) = priority(line).map_or((None, line), |(pri, rest)| (Some(pri), rest));
        let whole = stamp::iso(rest).map_or_else(
            || parse(line, received_at),
            |(time, rest)| {
                // `-` is the empty stamp, which leaves the rest of the grammar as it is.
                let envelope = parse(&format!("- {rest}"), received_at)?;
                Some(Self { occurred_at: Some(time), ..envelope })
            },
        );
        let (facility, severity) = priority.map_or((None, None), decompose_pri);
        let mut envelope = match whole {
            Some(envelope) if envelope.occurred_at.is_some() || priority.is_some() => envelope,
            // RFC 3164 §4.3.3: a line that has a priority and no readable header is all message.
            _ if priority.is_some() => Self { message: rest.to_owned(), ..Self::default() },
            _ => return None,
        };
        envelope.facility = facility.map(|facility| facility.as_str());
        envelope.severity = severity.map(|severity| severity.as_str());
        Some(envelope)
    }

    /// The header and the message as fields.
    pub(crate) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.set_some("facility", self.facility);
        fields.set_some("severity", self.severity);
        fields.set_some("hostname", self.hostname.as_deref());
        fields.set_some("appname", self.appname.as_deref());
        match self.procid.as_deref().map(|id| (id, id.parse::<u32>())) {
            Some((_, Ok(number))) => fields.set("procid", number),
            Some((text, Err(_))) => fields.set("procid", text),
            None => {}
        }
        fields.set_some("msgid", self.msgid.as_deref());
        for (name, value) in &self.structured {
            fields.flatten(name, value.as_str().into());
        }
        fields.set("message", self.message.as_str());
        fields
    }
}

/// `<N>` at the start, 0 to 191 (RFC 5424 §6.2.1).
fn priority(line: &str) -> Option<(u8, &str)> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    let number = number.parse().ok().filter(|number| *number <= 191)?;
    Some((number, rest))
}

fn parse(line: &str, received_at: Time) -> Option<Envelope> {
    // The parser would otherwise ask the operating system for its zone. UTC comes from a line
    // that says `Z`, because chrono, which the parser speaks, is no dependency of ours.
    let utc = syslog_loose::parse_message("<0>1 1970-01-01T00:00:00Z - - - - -", Variant::RFC5424)
        .timestamp?
        .timezone();
    let year = move |date| stamp::year(received_at, date);
    let variant = Variant::Either;
    let message =
        syslog_loose::parse_message_with_year_exact_tz(line, year, Some(utc), variant).ok()?;
    let micros = message.timestamp.map(|time| time.timestamp_micros());
    Some(Envelope { occurred_at: micros.map(Time::from_micros), ..header(&message) })
}

fn header(message: &Message<&str>) -> Envelope {
    let program = message.appname.map(|name| name.rsplit_once('/').map_or(name, |(_, name)| name));
    let params = |element: &syslog_loose::StructuredElement<&str>| {
        let id = element.id.to_owned();
        let named = |(name, value): (&&str, String)| (format!("{id}.{name}"), value);
        element.params().map(named).collect::<Vec<_>>()
    };
    Envelope {
        hostname: message.hostname.map(str::to_owned),
        appname: program.filter(|name| !name.is_empty()).map(str::to_owned),
        procid: message.procid.as_ref().map(ToString::to_string),
        msgid: message.msgid.map(str::to_owned),
        structured: message.structured_data.iter().flat_map(params).collect(),
        message: message.msg.to_owned(),
        ..Envelope::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: &str) {
        let received_at = "2026-11-24T10:00:00Z".parse().unwrap();
        let found = Envelope::open(line, received_at).map_or("none".to_owned(), |e| {
            let show = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
            let time = e.occurred_at.map_or("-".to_owned(), |time| time.to_string());
            let (facility, severity) = (e.facility.unwrap_or("-"), e.severity.unwrap_or("-"));
            let (host, app, id) = (show(&e.hostname), show(&e.appname), show(&e.procid));
            format!("{time} {facility}.{severity} {host} {app} {id} | {}", e.message)
        });
        assert_eq!(found, expect, "{line}");
    }

    #[test]
    fn lines_are_taken_apart() {
        check(
            "Nov 24 09:08:07 web01 /usr/sbin/sshd[311]: a: b",
            "2026-11-24T09:08:07Z -.- web01 sshd 311 | a: b",
        );
        check("<34>Nov  4 09:08:07 web01 su: x", "2026-11-04T09:08:07Z auth.crit web01 su - | x");
        check(
            "<165>1 2026-11-24T09:08:07.5+01:00 web01 app 7 ID1 - hi",
            "2026-11-24T08:08:07.5Z local4.notice web01 app 7 | hi",
        );
        check(
            "2026-11-24T09:08:07.123456+01:00 web01 sshd[1]: x",
            "2026-11-24T08:08:07.123456Z -.- web01 sshd 1 | x",
        );
        check("2026-11-24T09:08:07+0100 web01 a[1]: x", "2026-11-24T08:08:07Z -.- web01 a 1 | x");
        check("2026-11-24 09:08:07,5 web01 a[1]: x", "2026-11-24T09:08:07.5Z -.- web01 a 1 | x");
        check("2026-11-24T09:08:07 web01 a[1]: x", "2026-11-24T09:08:07Z -.- web01 a 1 | x");
        check("<13>just words", "- user.notice - - - | just words");
        check("Feb 30 09:08:07 web01 a: x", "none");
        check("just words", "none");
        check("- x", "none");
        check("<999>Nov", "none");
        check("", "none");
    }
}
