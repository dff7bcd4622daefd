//! Whether a moment lies in a frozen time: civil days and hours of a zone, on the one line of instants.
//!
//! A window is what lies between two instants: where its first day's clock shows `from`, and where a clock first shows
//! that `to` is over. Where the clock is set forward over one of them, that is the moment at which it is set; where
//! it is set back and shows one of them twice, the window begins at the first and ends at the second. So whatever
//! the wall clock shows, a time that it says is frozen is frozen.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, Offset},
};
use stanch_model::Time;

use crate::policy::{Clock, Day, Freeze};

/// When the window that `now` lies in ends; none if it lies in none.
pub(crate) fn frozen_until(freeze: &Freeze, now: Time) -> Option<Time> {
    let now = now.timestamp();
    let today = freeze.zone.rules().to_datetime(now).date();
    // A window may have opened yesterday; and where a day begins in a leap of the clock, it may open before
    // its own date is shown.
    let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()];
    days.into_iter()
        .flatten()
        .filter(|day| opens_on(freeze, *day))
        .filter_map(|day| {
            let (opens, closes) = window(freeze, day);
            let open = opens.is_none_or(|opens| opens <= now);
            (open && closes.is_none_or(|closes| now < closes))
                .then(|| closes.unwrap_or(Timestamp::MAX))
        })
        .max()
        .map(Time::from)
}

fn opens_on(freeze: &Freeze, day: Date) -> bool {
    let named = freeze.days.is_empty() || freeze.days.contains(&Day::from(day.weekday()));
    let dated = freeze.dates.iter().any(|dates| dates.first <= day && day <= dates.last);
    named && (dated || freeze.dates.is_empty())
}

/// When the window of a day opens and closes; none is before or after all time.
fn window(freeze: &Freeze, day: Date) -> (Option<Timestamp>, Option<Timestamp>) {
    let last = if freeze.to > freeze.from { Some(day) } else { day.tomorrow().ok() };
    let opens = shown(day, freeze.from).and_then(|at| edge(freeze, at, true));
    let closes = last.and_then(|day| shown(day, freeze.to)).and_then(|at| edge(freeze, at, false));
    (opens, closes)
}

fn shown(day: Date, clock: Clock) -> Option<DateTime> {
    let day = if clock == Clock::END { day.tomorrow().ok()? } else { day };
    let minutes = if clock == Clock::END { 0 } else { clock.minutes() };
    let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
    Some(day.at(hour, minute, 0, 0))
}

fn edge(freeze: &Freeze, at: DateTime, first: bool) -> Option<Timestamp> {
    let zone = freeze.zone.rules();
    let instant = |offset: Offset| offset.to_timestamp(at).ok();
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => instant(offset),
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the offset of after the leap it lies before the leap, and no other leap is between.
            zone.following(instant(after)?).next().map(|leap| leap.timestamp())
        }
        AmbiguousOffset::Fold { before, after } => instant(if first { before } else { after }),
    }
}
