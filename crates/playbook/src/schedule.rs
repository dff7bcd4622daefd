//! Moments of a schedule: the five fields of cron, in a time zone.
//!
//! `minute hour day month weekday`, each `*`, a number, a range `a-b`, any of these with a step `/n`,
//! or several with commas; months and weekdays also by their English names, Sunday is 0 and 7. Where both day
//! and weekday are limited, either is enough, as in Vixie cron. A moment that a change of the clocks leaves
//! out comes as much later as the clocks go forward; one that it brings twice comes the first time.
//!
//! The crates that read cron (croner, cron, saffron, cronexpr) were weighed: all but the last bring a second time
//! library, and none says where in the text a field is wrong.

use std::str::FromStr;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time as CivilTime},
    tz::{TimeZone, TimeZoneDatabase},
};
use stanch_expression::{Edit, suggest};
use stanch_model::Time;

/// Days that are searched for the next moment: a 29 February comes within 8 years.
const DAYS_MAX: u32 = 366 * 8 + 2;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether either day or weekday is enough: both are limited.
    either: bool,
}

/// A text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// What is wrong.
    pub message: String,
    /// Where it begins, in bytes.
    pub offset: usize,
    /// How far it goes.
    pub length: usize,
    /// How to mend it.
    pub help: String,
    /// The change that does so, where one is known.
    pub edit: Option<Edit>,
}

/// One of the five fields.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Words for the numbers from `least` on.
    words: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 8] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, words: &[] },
    Field { name: "hour", least: 0, most: 23, words: &[] },
    Field { name: "day", least: 1, most: 31, words: &[] },
    Field { name: "month", least: 1, most: 12, words: &MONTHS },
    Field { name: "weekday", least: 0, most: 7, words: &WEEKDAYS },
];

const HELP: &str = "write five fields: minute, hour, day, month, weekday, as in `0 7 * * mon-fri`";

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let parts = split(text);
        if parts.len() != FIELDS.len() {
            return Err(wrong_count(text, parts.len()));
        }
        let mut sets = [0_u64; 5];
        for ((set, (offset, part)), field) in sets.iter_mut().zip(&parts).zip(&FIELDS) {
            *set = field.set(part, *offset)?;
        }
        let [minutes, hours, days, months, weekdays] = sets;
        let limited =
            |index: usize| parts.get(index).is_some_and(|(_, part)| !part.starts_with('*'));
        // Sunday is 0 and 7.
        let weekdays = if weekdays & (1 << 7) != 0 { weekdays | 1 } else { weekdays };
        let either = limited(2) && limited(4);
        let schedule = Self { minutes, hours, days, months, weekdays, either };
        if schedule.next_after(Time::from_micros(0), &TimeZone::UTC).is_none() {
            let (offset, length) = (0, text.len());
            let message = "no year has such a day".to_owned();
            let help = "use a day that the month has".to_owned();
            return Err(ScheduleError { message, offset, length, help, edit: None });
        }
        Ok(schedule)
    }
}

impl Schedule {
    /// The first moment after `now`.
    #[must_use]
    pub fn next_after(&self, now: Time, zone: &TimeZone) -> Option<Time> {
        // A clock that was set forward shows less than two hours that were left out.
        const LEFT_OUT: i8 = 3;
        let now = now.timestamp();
        let today = zone.to_datetime(now);
        let mut date = today.date();
        let mut from = today.hour().saturating_sub(LEFT_OUT);
        for _ in 0..DAYS_MAX {
            if self.has_day(date)
                && let Some(found) = self.in_day(date, from, zone, now)
            {
                return Some(found);
            }
            date = date.tomorrow().ok()?;
            from = 0;
        }
        None
    }

    fn has_day(&self, date: Date) -> bool {
        let has = |set: u64, number: i8| u32::try_from(number).is_ok_and(|n| set & (1 << n) != 0);
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let day = if self.either { day || weekday } else { day && weekday };
        day && has(self.months, date.month())
    }

    /// The first moment of a day that is in the hour `from` or later, and after `now`.
    fn in_day(&self, date: Date, from: i8, zone: &TimeZone, now: Timestamp) -> Option<Time> {
        let numbers =
            |set: u64, least: i8, most: i8| (least..=most).filter(move |n| set & (1 << n) != 0);
        for hour in numbers(self.hours, from.max(0), 23) {
            for minute in numbers(self.minutes, 0, 59) {
                let time = CivilTime::new(hour, minute, 0, 0).ok()?;
                let local = DateTime::from_parts(date, time);
                let moment = zone.to_ambiguous_timestamp(local).compatible().ok()?;
                if moment > now {
                    return Some(Time::from(moment));
                }
            }
        }
        None
    }
}

/// The time zone of that name, from the data that the program carries: the same on every machine.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The known name that is nearest to one that is not known.
#[must_use]
pub fn nearest_zone(name: &str) -> Option<String> {
    let names: Vec<String> =
        TimeZoneDatabase::bundled().available().map(|n| n.to_string()).collect();
    let last = name.rsplit('/').next().unwrap_or_default();
    let by_city = || {
        names.iter().map(String::as_str).find(|known| {
            known.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(last))
        })
    };
    suggest::nearest(name, names.iter().map(String::as_str)).or_else(by_city).map(str::to_owned)
}

/// The words of a text and where each begins.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut at = 0_usize;
    for part in text.split(' ') {
        if !part.is_empty() {
            parts.push((at, part));
        }
        at = at.saturating_add(part.len()).saturating_add(1);
    }
    parts
}

fn wrong_count(text: &str, count: usize) -> ScheduleError {
    let edit = match count {
        // Without the minute it would start every minute of its hours.
        4 => Some(Edit { offset: 0, length: 0, text: "0 ".to_owned() }),
        6 => split(text).get(1).map(|(next, _)| Edit {
            offset: 0,
            length: *next,
            text: String::new(),
        }),
        _ => None,
    };
    let message = format!("a schedule has five fields, not {count}");
    ScheduleError { message, offset: 0, length: text.len(), help: HELP.to_owned(), edit }
}

impl Field {
    /// The numbers that a field names, as bits.
    fn set(&self, text: &str, offset: usize) -> Result<u64, ScheduleError> {
        let mut set = 0;
        let mut at = offset;
        for part in text.split(',') {
            set |= self.part(part, at)?;
            at = at.saturating_add(part.len()).saturating_add(1);
        }
        Ok(set)
    }

    fn part(&self, text: &str, offset: usize) -> Result<u64, ScheduleError> {
        let (range, step) = match text.split_once('/') {
            None => (text, 1),
            Some((range, step)) => {
                let at = offset.saturating_add(range.len()).saturating_add(1);
                (range, self.step(step, at)?)
            }
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((first, last)) => {
                let at = offset.saturating_add(first.len()).saturating_add(1);
                (self.number(first, offset)?, self.number(last, at)?)
            }
            None => {
                let first = self.number(range, offset)?;
                (first, if text.contains('/') { self.most } else { first })
            }
        };
        if first > last {
            let help = format!("write the smaller first: `{last}-{first}`");
            let edit = Edit { offset, length: range.len(), text: format!("{last}-{first}") };
            let message = format!("`{range}` runs backwards");
            let length = range.len();
            return Err(ScheduleError { message, offset, length, help, edit: Some(edit) });
        }
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        Ok((first..=last).step_by(step).fold(0, |set, number| set | 1 << number))
    }

    fn step(&self, text: &str, offset: usize) -> Result<u32, ScheduleError> {
        let step = text.parse().ok().filter(|step| (1..=self.most).contains(step));
        step.ok_or_else(|| self.wrong(text, offset, 1, Some("1".to_owned())))
    }

    fn number(&self, text: &str, offset: usize) -> Result<u32, ScheduleError> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if digits && let Ok(number) = text.parse::<u32>() {
            let nearest = number.clamp(self.least, self.most);
            if nearest == number {
                return Ok(number);
            }
            return Err(self.wrong(text, offset, self.least, Some(nearest.to_string())));
        }
        let word = text.to_ascii_lowercase();
        let known = self.words.iter().zip(self.least..);
        let found = known.into_iter().find(|(known, _)| **known == word);
        let near = || {
            let short: String = word.chars().take(3).collect();
            let whole = self.words.iter().copied().find(|known| *known == short);
            whole.or_else(|| suggest::nearest(&word, self.words.iter().copied())).map(str::to_owned)
        };
        found.map(|(_, number)| number).ok_or_else(|| self.wrong(text, offset, self.least, near()))
    }

    fn wrong(&self, text: &str, offset: usize, least: u32, near: Option<String>) -> ScheduleError {
        let Self { name, most, words, .. } = self;
        let or = if words.is_empty() { "" } else { ", or the first three letters of its name" };
        let help = format!("write a number from {least} to {most}{or}");
        let length = text.len();
        let edit = near.map(|text| Edit { offset, length, text });
        let message = format!("`{text}` is no {name}");
        ScheduleError { message, offset, length, help, edit }
    }
}

/// Whether a text is a moment, as `wait: { until: … }` takes it.
#[must_use]
pub fn is_moment(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next moments after `from`, in UTC.
    fn next(schedule: &str, name: &str, from: &str, count: usize) -> Vec<String> {
        let schedule: Schedule = schedule.parse().unwrap();
        let mut now: Time = from.parse().unwrap();
        let zone = zone(name).unwrap();
        let mut moments = Vec::new();
        for _ in 0..count {
            now = schedule.next_after(now, &zone).unwrap();
            moments.push(now.to_string());
        }
        moments
    }

    #[test]
    fn moments_come_in_their_order() {
        for (schedule, zone, from, expect) in [
            (
                "0 7 * * mon-fri",
                "UTC",
                "2026-01-02T07:00:00Z",
                "2026-01-05T07:00:00Z 2026-01-06T07:00:00Z",
            ),
            (
                "*/20 9-10 1 * *",
                "UTC",
                "2026-01-01T10:10:00Z",
                "2026-01-01T10:20:00Z 2026-01-01T10:40:00Z 2026-02-01T09:00:00Z",
            ),
            (
                "0 0 29 2 *",
                "UTC",
                "2026-01-01T00:00:00Z",
                "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z",
            ),
            (
                "0 0 13 * fri",
                "UTC",
                "2026-01-01T00:00:00Z",
                "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-13T00:00:00Z",
            ),
            ("30 12 * JAN,jul 0,7", "UTC", "2026-01-25T13:00:00Z", "2026-07-05T12:30:00Z"),
            (
                "0 7 * * *",
                "Europe/Berlin",
                "2026-03-28T00:00:00Z",
                "2026-03-28T06:00:00Z 2026-03-29T05:00:00Z",
            ),
            // 02:30 is left out on 29 March 2026, and comes twice on 25 October.
            (
                "30 2 * * *",
                "Europe/Berlin",
                "2026-03-28T12:00:00Z",
                "2026-03-29T01:30:00Z 2026-03-30T00:30:00Z",
            ),
            (
                "30 2 * * *",
                "Europe/Berlin",
                "2026-10-24T12:00:00Z",
                "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z",
            ),
            (
                "5/30 * * * *",
                "UTC",
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:05:00Z 2026-01-01T00:35:00Z",
            ),
        ] {
            let count = expect.split(' ').count();
            assert_eq!(next(schedule, zone, from, count).join(" "), expect, "{schedule}");
        }
    }

    #[test]
    fn moments_always_advance() {
        let zone = zone("America/New_York").unwrap();
        let schedule: Schedule = "*/30 1-3 * * *".parse().unwrap();
        let mut now: Time = "2026-01-01T00:00:00Z".parse().unwrap();
        let end = now.plus(std::time::Duration::from_secs(400 * 86_400));
        let mut count = 0;
        while now < end {
            let next = schedule.next_after(now, &zone).unwrap();
            assert!(next > now);
            now = next;
            count += 1;
        }
        // Six a day; each spring two fall together with later ones.
        assert!((2_390..=2_410).contains(&count), "{count}");
    }

    #[test]
    fn what_is_no_schedule_is_refused_at_its_place() {
        for (text, place, message, mended) in [
            ("0 25 * * *", "25", "`25` is no hour", "0 23 * * *"),
            ("0 7 * * mon-fry", "fry", "`fry` is no weekday", "0 7 * * mon-fri"),
            ("0 7 * * monday", "monday", "`monday` is no weekday", "0 7 * * mon"),
            ("7 * * mon", "7 * * mon", "a schedule has five fields, not 4", "0 7 * * mon"),
            ("0 0 7 * * mon", "0 0 7 * * mon", "a schedule has five fields, not 6", "0 7 * * mon"),
            ("0 9-7 * * *", "9-7", "`9-7` runs backwards", "0 7-9 * * *"),
            ("*/0 * * * *", "0", "`0` is no minute", "*/1 * * * *"),
        ] {
            let error = text.parse::<Schedule>().unwrap_err();
            assert_eq!(text.get(error.offset..error.offset + error.length).unwrap(), place);
            assert_eq!(error.message, message);
            let edit = error.edit.unwrap();
            let mut text = text.to_owned();
            text.replace_range(edit.offset..edit.offset + edit.length, &edit.text);
            assert_eq!(text, mended);
            text.parse::<Schedule>().unwrap();
        }
        for text in
            ["", "* * * *  ", "0 0 30 2 *", "a b c d e", "-1 * * * *", "1- * * * *", "@daily"]
        {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }

    #[test]
    fn zones_are_known_by_name() {
        assert!(zone("Europe/Berlin").is_some() && zone("UTC").is_some());
        assert!(
            zone("Europe/Berlim").is_none()
                && zone("").is_none()
                && zone("../etc/passwd").is_none()
        );
        assert_eq!(nearest_zone("Europe/Berlim").as_deref(), Some("Europe/Berlin"));
        assert_eq!(nearest_zone("Berlin").as_deref(), Some("Europe/Berlin"));
    }
}
