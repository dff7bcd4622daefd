//! Times in which acts are refused or asked, as they stand in the policy file.

use std::fmt;

use jiff::{
    civil::{Date, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ClassPattern, value};

/// A window of time that opens again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FreezeText", into = "FreezeText")]
pub struct Freeze {
    /// What people call it; reasons name it.
    pub name: String,
    /// The weekdays on which it opens; every day if none is named.
    pub days: Vec<Day>,
    /// The dates on which it opens; every date if none is named.
    pub dates: Vec<Dates>,
    /// When it opens on such a day; at its beginning if absent.
    pub from: Clock,
    /// When it closes: on the same day, or on the next one where that is not later than `from`.
    pub to: Clock,
    /// Where the clock hangs that days and hours are read from.
    pub zone: Zone,
    /// Which acts it is for; all if none is named.
    pub classes: Vec<ClassPattern>,
    /// What happens to an act meanwhile.
    pub then: FreezeThen,
    /// Why; shown to whoever is asked or refused.
    pub note: String,
}

/// What happens to an act in a frozen time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeThen {
    /// It is refused.
    Refuse,
    /// So many people are asked, whatever the mode.
    Ask(u32),
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// A date, or all from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

/// A time of day, in minutes since it began: `22:00`, up to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(u16);

const DAY_MINUTES: u16 = 24 * 60;

impl Clock {
    /// Where a day begins.
    pub const MIDNIGHT: Self = Self(0);
    /// Where it ends.
    pub const END: Self = Self(DAY_MINUTES);

    /// Minutes since the day began.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// A zone of the time zone database, which the program brings along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone by its name, `Europe/Berlin`.
    ///
    /// # Errors
    /// A name that the database does not have.
    pub fn new(name: &str) -> Result<Self, FreezeError> {
        let unknown = |_| FreezeError::Zone(name.to_owned());
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(unknown)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub(crate) const fn rules(&self) -> &TimeZone {
        &self.0
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

/// A window that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// A zone that nobody knows.
    #[error("`{0}` is no time zone: write one of the database, as in Europe/Berlin or UTC")]
    Zone(String),
    /// A time that no clock shows.
    #[error("`{0}` is no time of day: write it as in 06:30, up to 24:00")]
    Clock(String),
    /// A date that no calendar has.
    #[error("`{0}` is no date: write 2026-12-24, or 2026-12-24..2027-01-02")]
    Date(String),
    /// A range that ends before it begins.
    #[error("`{0}` ends before it begins: write the earlier date first")]
    Backwards(String),
    /// A window of no length, or of a whole day: nobody can tell.
    #[error("from and to are the same time: leave both out for whole days")]
    Empty,
    /// A window that nobody can be told of.
    #[error("a freeze needs a name: reasons name it")]
    Nameless,
    /// People to ask where nobody is asked.
    #[error("approvals are asked for with `then: ask` only")]
    NoAsk,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FreezeText {
    name: String,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "value::one_or_many"
    )]
    days: Vec<Day>,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "value::one_or_many"
    )]
    dates: Vec<Dates>,
    #[serde(default = "begin")]
    from: Clock,
    #[serde(default = "end")]
    to: Clock,
    #[serde(default)]
    zone: Zone,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "value::one_or_many"
    )]
    classes: Vec<ClassPattern>,
    #[serde(default)]
    then: ThenText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approvals: Option<u32>,
    #[serde(default)]
    note: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ThenText {
    #[default]
    Refuse,
    Ask,
}

const fn begin() -> Clock {
    Clock::MIDNIGHT
}

const fn end() -> Clock {
    Clock::END
}

impl TryFrom<FreezeText> for Freeze {
    type Error = FreezeError;
    fn try_from(text: FreezeText) -> Result<Self, FreezeError> {
        let FreezeText { name, days, dates, from, to, zone, classes, then, approvals, note } = text;
        if name.trim().is_empty() {
            return Err(FreezeError::Nameless);
        }
        if from == to {
            return Err(FreezeError::Empty);
        }
        let then = match (then, approvals) {
            (ThenText::Refuse, None) => FreezeThen::Refuse,
            (ThenText::Refuse, Some(_)) => return Err(FreezeError::NoAsk),
            (ThenText::Ask, count) => FreezeThen::Ask(count.unwrap_or(1).max(1)),
        };
        Ok(Self { name, days, dates, from, to, zone, classes, then, note })
    }
}

impl From<Freeze> for FreezeText {
    fn from(freeze: Freeze) -> Self {
        let Freeze { name, days, dates, from, to, zone, classes, then, note } = freeze;
        let (then, approvals) = match then {
            FreezeThen::Refuse => (ThenText::Refuse, None),
            FreezeThen::Ask(count) => (ThenText::Ask, Some(count)),
        };
        Self { name, days, dates, from, to, zone, classes, then, approvals, note }
    }
}

impl std::str::FromStr for Clock {
    type Err = FreezeError;
    fn from_str(text: &str) -> Result<Self, FreezeError> {
        let error = || FreezeError::Clock(text.to_owned());
        let (hours, minutes) = text.split_once(':').ok_or_else(error)?;
        let number = |part: &str| {
            let ok = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            ok.then(|| part.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) =
            (number(hours).ok_or_else(error)?, number(minutes).ok_or_else(error)?);
        let sum = hours * 60 + minutes;
        if minutes > 59 || sum > DAY_MINUTES { Err(error()) } else { Ok(Self(sum)) }
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl std::str::FromStr for Dates {
    type Err = FreezeError;
    fn from_str(text: &str) -> Result<Self, FreezeError> {
        let date = |part: &str| {
            let part = part.trim();
            // jiff reads more than that, a time behind the date among it, and drops it.
            let shaped = part.len() == 10 && part.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            let date = shaped.then(|| part.parse::<Date>().ok()).flatten();
            date.ok_or_else(|| FreezeError::Date(text.to_owned()))
        };
        let (first, last) = match text.split_once("..") {
            Some((first, last)) => (date(first)?, date(last)?),
            None => (date(text)?, date(text)?),
        };
        if last < first {
            Err(FreezeError::Backwards(text.to_owned()))
        } else {
            Ok(Self { first, last })
        }
    }
}

impl fmt::Display for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Zone {
    type Err = FreezeError;
    fn from_str(text: &str) -> Result<Self, FreezeError> {
        Self::new(text)
    }
}

/// Serde by `Display` and `FromStr`.
macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
as_text!(Clock, Dates, Zone);
