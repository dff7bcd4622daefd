//! Times as records write them, read into [`Time`].
//!
//! Accepted: RFC 3339 and ISO 8601 with any offset spelling (`Z`, `+01:00`, `+0100`, also behind a
//! space), with `T` or a space, with `.` or `,` before the fraction; the same without an offset or with ` UTC`, which
//! is read as UTC; a day alone, its midnight; `/Date(MILLISECONDS)/` of PowerShell; and a count
//! since 1970, whose unit follows from its size (below 10^11 seconds, below 10^14 milliseconds,
//! below 10^17 microseconds, else nanoseconds), as a number or as text, with a fraction or
//! without. RFC 3164's stamps without a year are read in [`crate::syslog_line`].

use jiff::{Timestamp, civil, tz::Offset};
use serde_json::Value;
use stanch_model::Time;

/// The moment that a JSON value names.
pub(crate) fn of_value(value: &Value) -> Option<Time> {
    match value {
        Value::String(text) => of_text(text),
        Value::Number(number) => since_epoch(&number.to_string()),
        Value::Array(list) => of_value(list.first().filter(|first| !first.is_array())?),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// The moment that a text names.
pub(crate) fn of_text(text: &str) -> Option<Time> {
    let text = text.trim();
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let zoned = |text: &str| text.parse::<Timestamp>().ok().map(Time::from);
    // Fluent Bit writes a space before the offset.
    let apart = || {
        let (time, offset) = text.rsplit_once(' ')?;
        offset.starts_with(['+', '-']).then(|| zoned(&format!("{time}{offset}")))?
    };
    zoned(text)
        .or_else(apart)
        .or_else(|| civil_utc(text))
        .or_else(|| powershell(text))
        .or_else(|| since_epoch(text))
}

/// The moment that a text names with the month as a word (`Nov 24 2026 10:00:00.250 UTC`), as CEF
/// and LEEF write it. Names of zones other than UTC are ambiguous (`CST`) and make it no time.
pub(crate) fn of_words(text: &str) -> Option<Time> {
    const FORMS: &[&str] =
        &["%b %d %Y %H:%M:%S%.f", "%b %d %Y %H:%M:%S:%3f", "%d %b %Y %H:%M:%S%.f"];
    const ZONED: &[&str] = &["%b %d %Y %H:%M:%S%.f %z", "%b %d %Y %H:%M:%S%.f %:z"];
    let text = text.trim();
    let zoned = ZONED.iter().find_map(|form| Timestamp::strptime(form, text).ok());
    if let Some(moment) = zoned {
        return Some(Time::from(moment));
    }
    let bare = ["UTC", "GMT", "Z"].iter().find_map(|zone| text.strip_suffix(zone));
    let bare = bare.unwrap_or(text).trim_end();
    let civil = FORMS.iter().find_map(|form| civil::DateTime::strptime(form, bare).ok())?;
    Offset::UTC.to_timestamp(civil).ok().map(Time::from)
}

/// Date and time without an offset, read as UTC.
fn civil_utc(text: &str) -> Option<Time> {
    // Bare digits are a count since 1970, not ISO 8601's basic form of a date.
    if !text.contains('-') {
        return None;
    }
    let civil: civil::DateTime = text.parse().ok()?;
    Offset::UTC.to_timestamp(civil).ok().map(Time::from)
}

fn powershell(text: &str) -> Option<Time> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    // The offset that may follow is how to show it; the count is UTC.
    let count = inner.split_once(['+', '-']).map_or(inner, |(count, _offset)| count);
    count.parse::<i64>().ok()?.checked_mul(1_000).map(Time::from_micros)
}

/// Counts below this are seconds (until the year 5138).
const SECONDS_END: i64 = 100_000_000_000;
/// Counts from there and below this are milliseconds (from 1973).
const MILLIS_END: i64 = 1_000 * SECONDS_END;
/// Counts from there and below this are microseconds; larger ones are nanoseconds.
const MICROS_END: i64 = 1_000 * MILLIS_END;

fn since_epoch(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let count: i64 = whole.parse().ok()?;
    let micros = if count < SECONDS_END {
        count.checked_mul(1_000_000)?.checked_add(scaled(fraction, 6)?)?
    } else if count < MILLIS_END {
        count.checked_mul(1_000)?.checked_add(scaled(fraction, 3)?)?
    } else if count < MICROS_END {
        count
    } else {
        count.checked_div(1_000)?
    };
    Some(Time::from_micros(micros))
}

/// The first `places` digits after the point, as a whole number of that size.
fn scaled(fraction: &str, places: usize) -> Option<i64> {
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: &Value, expect: Option<&str>) {
        let found = of_value(value).map(|time| time.to_string());
        assert_eq!(found.as_deref(), expect, "{value}");
    }

    #[test]
    fn all_forms_are_read() {
        let moment = Some("2026-11-24T10:00:00.25Z");
        check(&json!("2026-11-24T10:00:00.250Z"), moment);
        check(&json!("2026-11-24T11:00:00.25+01:00"), moment);
        check(&json!("2026-11-24T10:00:00.250000+0000"), moment);
        check(&json!("2026-11-24 11:00:00.250 +0100"), moment);
        check(&json!("2026-11-24 10:00:00.250"), moment);
        check(&json!("2026-11-24 10:00:00,250 UTC"), moment);
        check(&json!(1795514400.25), moment);
        check(&json!("1795514400.25"), moment);
        check(&json!(1_795_514_400_250_i64), moment);
        check(&json!(1_795_514_400_250_000_i64), moment);
        check(&json!(1_795_514_400_250_000_000_i64), moment);
        check(&json!("/Date(1795514400250)/"), moment);
        check(&json!("/Date(1795514400250+0100)/"), moment);
        check(&json!("2026-11-24"), Some("2026-11-24T00:00:00Z"));
    }

    #[test]
    fn months_may_be_words() {
        let check = |text, expect: Option<&str>| {
            assert_eq!(of_words(text).map(|time| time.to_string()).as_deref(), expect, "{text}");
        };
        check("Nov 24 2026 10:00:00", Some("2026-11-24T10:00:00Z"));
        check("Nov 24 2026 10:00:00.250 GMT", Some("2026-11-24T10:00:00.25Z"));
        check("Nov 24 2026 11:00:00.250 +0100", Some("2026-11-24T10:00:00.25Z"));
        check("24 Nov 2026 10:00:00", Some("2026-11-24T10:00:00Z"));
        check("Nov 24 2026 10:00:00 CST", None);
        check("Nov 31 2026 10:00:00", None);
        check("", None);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [json!("yesterday"), json!(""), json!(-5), json!(1e300), json!("1e9")] {
            check(&value, None);
        }
        check(&json!([[["2026-11-24"]]]), None);
        check(&json!("99999999999999999999"), None);
        check(&json!("2026-02-30T00:00:00Z"), None);
        check(&json!(true), None);
    }
}
