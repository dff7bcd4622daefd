//! From a record and its receipt to an event.

use stanch_model::{Event, EventId, TenantId, Time, event::Trust};

use crate::{
    error::{Error, quote},
    limits::RECORD_BYTES_MAX,
    record::Record,
    source::{SOURCES, Source},
};

/// What the intake knows of a record before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where the record stands in the intake log.
    pub id: EventId,
    /// Whose it is, by the token that delivered it.
    pub tenant: TenantId,
    /// The intake source that delivered it (`/ingest/{source}`).
    pub source: String,
    /// How far that source is believed.
    pub trust: Trust,
    /// When it was acknowledged.
    pub received_at: Time,
}

/// Makes an event of one record.
///
/// `format` names a source of the registry. `None` lets the first source in [`SOURCES`] that
/// recognises the record read it: the choice for listeners where several programs write. An
/// envelope (`syslog`) leaves what it holds to the source that recognises it.
///
/// # Errors
/// The format does not exist, the record is empty, longer than
/// [`RECORD_BYTES_MAX`], recognised by nobody, or not what its source
/// writes. The text of the error says what was expected and found.
pub fn parse(format: Option<&str>, record: &str, receipt: Receipt) -> Result<Event, Error> {
    if record.len() > RECORD_BYTES_MAX {
        return Err(Error::TooLong { bytes: record.len() });
    }
    let parsed = Record::new(record);
    if parsed.text().is_empty() {
        return Err(Error::Empty);
    }
    let source = match format {
        Some(name) => within(by_name(name)?, &parsed),
        None => first(&parsed).ok_or_else(|| unrecognised(&parsed))?,
    };
    let draft = source.parse(parsed, receipt.received_at)?;
    Ok(Event {
        id: receipt.id,
        tenant: receipt.tenant,
        source: receipt.source,
        trust: receipt.trust,
        occurred_at: draft.occurred_at.unwrap_or(receipt.received_at),
        received_at: receipt.received_at,
        log_source: draft.log_source,
        fields: draft.fields,
        common: draft.common,
        product_alert: draft.product_alert,
        raw: record.to_owned(),
    })
}

/// The source that would read `record` if no format were given.
#[must_use]
pub fn recognise(record: &str) -> Option<&'static dyn Source> {
    first(&Record::new(record))
}

fn first(record: &Record<'_>) -> Option<&'static dyn Source> {
    SOURCES.iter().copied().find(|source| source.recognises(record))
}

/// Who reads a record of `format`: it, or, if it is an envelope, who recognises what is inside.
fn within(format: &'static dyn Source, record: &Record<'_>) -> &'static dyn Source {
    if format.is_envelope() && !record.looks_like_json() {
        return first(record).unwrap_or(format);
    }
    format
}

fn by_name(name: &str) -> Result<&'static dyn Source, Error> {
    SOURCES.iter().copied().find(|source| source.name() == name).ok_or_else(|| {
        let known: Vec<_> = SOURCES.iter().map(|source| source.name()).collect();
        Error::UnknownFormat { name: quote(name), known: known.join(", ") }
    })
}

fn unrecognised(record: &Record<'_>) -> Error {
    if record.looks_like_json() {
        // JSON that no source took is broken JSON: any object is read by `json`.
        return match Record::new(record.text()).into_object("json") {
            Err(error) => error,
            Ok(_) => Error::Unrecognised { found: quote(record.text()) },
        };
    }
    Error::Unrecognised { found: quote(record.text()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(format: Option<&str>, record: &str, expect: &str) {
        let receipt = crate::corpus::receipt();
        assert_eq!(parse(format, record, receipt).unwrap_err().to_string(), expect);
    }

    #[test]
    fn errors_say_what_was_found_and_how_to_mend_it() {
        check_error(
            Some("suricatta"),
            "{}",
            &format!(
                "no source is called `suricatta`: use one of {}, or leave the format out",
                SOURCES.iter().map(|source| source.name()).collect::<Vec<_>>().join(", "),
            ),
        );
        check_error(None, " \n", "the record is empty: send one record a line");
        check_error(
            None,
            "hello",
            "no source recognises `hello`: send a JSON object, an audit record or a syslog line, \
             or configure the format of this intake",
        );
        check_error(
            None,
            r#"{"a":1"#,
            "json: the JSON is broken (EOF while parsing an object at line 1 column 6): \
             send one complete object a line",
        );
        check_error(
            Some("suricata"),
            "[1]",
            "suricata: expected a JSON object, found `[1]`: send one object a line",
        );
    }

    #[test]
    fn an_envelope_leaves_its_content_to_who_knows_it() {
        let service = |format, record: &str| {
            let event = parse(Some(format), record, crate::corpus::receipt()).unwrap();
            event.log_source.service.unwrap()
        };
        let line =
            "<38>Nov 24 10:00:00 web01 sshd[7]: Failed password for root from ::1 port 4 ssh2";
        assert_eq!(service("syslog", line), "sshd");
        assert_eq!(service("syslog", "type=CWD msg=audit(1.0:1): cwd=\"/\""), "auditd");
        assert_eq!(service("syslog", "<38>Nov 24 10:00:00 web01 app[7]: x"), "syslog");
        check_error(
            Some("syslog"),
            r#"{"a":1}"#,
            "syslog: expected a syslog header (`Nov 24 10:00:00 HOST PROGRAM[ID]: ` or RFC 5424), \
             found `{\"a\":1}`: send the line with its header, as the syslog daemon writes it",
        );
    }

    #[test]
    fn the_length_limit_is_exact() {
        let object = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
        let fits = object(RECORD_BYTES_MAX);
        assert_eq!(fits.len(), RECORD_BYTES_MAX);
        assert!(parse(None, &fits, crate::corpus::receipt()).is_ok());
        check_error(
            None,
            &object(RECORD_BYTES_MAX + 1),
            "the record has 1048577 bytes and 1048576 are allowed: leave payloads out of it",
        );
    }

    #[test]
    fn the_receipt_and_the_raw_record_are_kept() {
        let receipt = crate::corpus::receipt();
        let event = parse(None, " {\"a\":1}\r", receipt.clone()).unwrap();
        assert_eq!(event.raw, " {\"a\":1}\r");
        assert_eq!((event.id, event.trust), (receipt.id, receipt.trust));
        assert_eq!((event.tenant, event.source), (receipt.tenant, receipt.source));
        assert_eq!(event.occurred_at, receipt.received_at);
    }
}
