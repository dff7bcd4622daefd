//! Moves the samples' times to now, so that the demonstration's measures mean something. Only their
//! times change; `content/samples` keeps what was captured.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime},
};

/// How long before now the latest record of the samples happened.
const BEFORE_NOW: SignedDuration = SignedDuration::from_secs(60);

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How a time is written.
#[derive(Clone, Copy)]
enum Form {
    /// `2026-11-24T10:51:22` or with a blank; what follows (fraction, zone) stays.
    Iso(char),
    /// `Nov 24 10:51:22`, RFC 3164; of the year that the samples were made in.
    Syslog,
    /// Seconds since 1970 in `audit(1764000000.123:45)`.
    Seconds,
    /// Milliseconds since 1970 in `"time":1764000000123`.
    Millis,
}

/// A time found in a text.
struct Found {
    start: usize,
    end: usize,
    at: DateTime,
    form: Form,
}

/// Moves every time in `text` so that the latest is a minute before `now`; `year` is that of
/// times that have none. Text without a time stays as it is.
pub(super) fn redate(text: &str, now: DateTime, year: i16) -> String {
    let found = find(text, year);
    let Some(latest) = found.iter().map(|time| time.at).max() else { return text.to_owned() };
    let shift = now.duration_since(latest) - BEFORE_NOW;
    let mut moved = String::with_capacity(text.len());
    let mut done = 0;
    for time in found {
        moved.push_str(text.get(done..time.start).unwrap_or_default());
        let at = time.at.saturating_add(shift);
        moved.push_str(&write(at, time.form));
        done = time.end;
    }
    moved.push_str(text.get(done..).unwrap_or_default());
    moved
}

fn find(text: &str, year: i16) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        let starts_word = at == 0
            || !text
                .get(..at)
                .and_then(|before| before.chars().next_back())
                .is_some_and(char::is_alphanumeric);
        let read = if starts_word { read(rest, year) } else { None };
        match read {
            Some((length, moment, form)) => {
                found.push(Found { start: at, end: at + length, at: moment, form });
                at += length;
            }
            None => at += first.len_utf8(),
        }
    }
    found
}

fn read(text: &str, year: i16) -> Option<(usize, DateTime, Form)> {
    if let Some(head) = text.get(..19)
        && let Some(middle @ (' ' | 'T')) = head.chars().nth(10)
        && let Ok(moment) = head.replacen(' ', "T", 1).parse::<DateTime>()
    {
        return Some((19, moment, Form::Iso(middle)));
    }
    if let Some(head) = text.get(..15)
        && let Some(month) = (1_i8..).zip(MONTHS).find(|(_, name)| head.starts_with(name))
        && let Ok(day) = head.get(4..6)?.trim().parse::<i8>()
        && let Ok(time) = head.get(7..15)?.parse::<jiff::civil::Time>()
    {
        let date = Date::new(year, month.0, day).ok()?;
        return Some((15, date.to_datetime(time), Form::Syslog));
    }
    number(text, "audit(", 10)
        .map(|(length, seconds)| (length, since_1970(seconds, 1), Form::Seconds))
        .or_else(|| {
            number(text, "time\":", 13)
                .map(|(length, millis)| (length, since_1970(millis, 1_000), Form::Millis))
        })
}

/// A number of so many digits after `prefix`; the length includes the prefix.
fn number(text: &str, prefix: &str, digits: usize) -> Option<(usize, i64)> {
    let rest = text.strip_prefix(prefix)?;
    let number = rest.get(..digits)?;
    let next = rest.get(digits..)?.chars().next();
    if next.is_some_and(|next| next.is_ascii_digit()) {
        return None;
    }
    Some((prefix.len() + digits, number.parse().ok()?))
}

fn since_1970(count: i64, per_second: i64) -> DateTime {
    let duration = SignedDuration::from_millis(count.saturating_mul(1_000 / per_second));
    jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0).saturating_add(duration)
}

fn write(at: DateTime, form: Form) -> String {
    let since = at.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0));
    match form {
        Form::Iso(middle) => at.strftime(&format!("%Y-%m-%d{middle}%H:%M:%S")).to_string(),
        Form::Syslog => at.strftime("%b %e %H:%M:%S").to_string(),
        Form::Seconds => format!("audit({}", since.as_secs()),
        Form::Millis => format!("time\":{}", since.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let now = jiff::civil::date(2031, 3, 9).at(8, 1, 0, 0);
        assert_eq!(redate(text, now, 2026), expect);
    }

    #[test]
    fn the_latest_time_becomes_a_minute_ago_in_every_form() {
        check(
            "{\"timestamp\":\"2026-11-24T10:51:22.641929+0000\"}",
            "{\"timestamp\":\"2031-03-09T08:00:00.641929+0000\"}",
        );
        check(
            "a 2026-11-24 10:51:20 b 2026-11-24 10:51:22.1",
            "a 2031-03-09 07:59:58 b 2031-03-09 08:00:00.1",
        );
        check("Nov 24 10:51:22 bastion sshd[7]: x", "Mar  9 08:00:00 bastion sshd[7]: x");
        check("type=A msg=audit(1795517482.123:45): x", "type=A msg=audit(1930809600.123:45): x");
        check("{\"time\":1795517482123}", "{\"time\":1930809600000}");
        check(
            "no time, 192.0.2.80, sha256 20261124105122",
            "no time, 192.0.2.80, sha256 20261124105122",
        );
    }
}
