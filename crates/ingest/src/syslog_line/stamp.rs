//! Stamps: the missing year, and the ISO 8601 forms outside RFC 3339.

use jiff::{Timestamp, civil, tz::Offset};
use stanch_model::Time;

use crate::moment;

/// Month, day, hour, minute, second.
pub(super) type Yearless = (u32, u32, u32, u32, u32);

/// How far a sender's clock and zone may run ahead of ours. Zones reach 14 hours.
const AHEAD_MICROS_MAX: i64 = 24 * 3_600 * 1_000_000;

/// The latest year in which a stamp without one can have been written, seen at `received_at`.
///
/// On 1 January the stamp `Dec 31` belongs to last year; shortly before midnight of 31 December
/// the stamp `Jan 1` of a sender further east belongs to next year; `Feb 29` to the last leap
/// year. Where no year fits (`Feb 30`) it is the year of receipt, and the parser refuses the day.
pub(super) fn year(received_at: Time, stamp: Yearless) -> i32 {
    let now = Offset::UTC.to_datetime(received_at.timestamp()).year();
    let limit = received_at.micros().saturating_add(AHEAD_MICROS_MAX);
    let fits = |year: &i16| micros(*year, stamp).is_some_and(|micros| micros <= limit);
    // Leap years are at most eight years apart (1896, 1904).
    let candidates = (-1..=8).filter_map(|back| now.checked_sub(back));
    i32::from(candidates.into_iter().find(fits).unwrap_or(now))
}

fn micros(year: i16, (month, day, hour, minute, second): Yearless) -> Option<i64> {
    let small = |number: u32| i8::try_from(number).ok();
    let (month, day, hour) = (small(month)?, small(day)?, small(hour)?);
    let civil =
        civil::DateTime::new(year, month, day, hour, small(minute)?, small(second)?, 0).ok()?;
    Offset::UTC.to_timestamp(civil).ok().map(Timestamp::as_microsecond)
}

/// An ISO 8601 stamp at the start of `text`, of one word or of two, and what follows it.
pub(super) fn iso(text: &str) -> Option<(Time, &str)> {
    let (first, rest) = text.split_once(' ')?;
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !first.contains('-') {
        return None;
    }
    if first.contains('T') {
        return moment::of_text(first).map(|time| (time, rest));
    }
    let (second, rest) = rest.split_once(' ')?;
    moment::of_text(&format!("{first} {second}")).map(|time| (time, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(received_at: &str, (month, day): (u32, u32), expect: i32) {
        assert_eq!(year(received_at.parse().unwrap(), (month, day, 0, 5, 0)), expect);
    }

    #[test]
    fn the_year_is_the_latest_that_fits() {
        check("2026-11-24T10:00:00Z", (11, 24), 2026);
        check("2026-11-24T10:00:00Z", (11, 25), 2026);
        check("2026-11-24T10:00:00Z", (11, 26), 2025);
        check("2027-01-01T00:00:10Z", (12, 31), 2026);
        check("2026-12-31T23:59:50Z", (1, 1), 2027);
        check("2027-03-01T00:00:00Z", (2, 29), 2024);
        check("2026-11-24T10:00:00Z", (2, 30), 2026);
    }
}
