//! Frozen times: days, dates, nights, and the two hours a year that are not what they seem.

use jiff::{Timestamp, ToSpan as _, civil::DateTime, tz::TimeZoneDatabase};
use proptest::prelude::*;
use serde_json::json;
use stanch_model::Time;

use super::{World, at, check};
use crate::{
    freeze::frozen_until,
    policy::{Day, Freeze},
};

fn freeze(json: serde_json::Value) -> Freeze {
    serde_json::from_value(json).unwrap()
}

/// Whether each moment is frozen.
#[track_caller]
fn table(window: serde_json::Value, moments: &[(&str, bool)]) {
    let window = freeze(window);
    for (moment, expect) in moments {
        let until = frozen_until(&window, at(moment));
        assert_eq!(until.is_some(), *expect, "{moment} until {until:?}");
    }
}

#[test]
fn whole_days_and_hours() {
    // The 17th of June 2026 is a Wednesday.
    table(
        json!({ "name": "w", "days": ["wed", "sat"] }),
        &[
            ("2026-06-16T23:59:59.999999Z", false),
            ("2026-06-17T00:00:00Z", true),
            ("2026-06-17T23:59:59.999999Z", true),
            ("2026-06-18T00:00:00Z", false),
            ("2026-06-20T12:00:00Z", true),
        ],
    );
    table(
        json!({ "name": "w", "from": "08:30", "to": "17:00" }),
        &[
            ("2026-06-17T08:29:59Z", false),
            ("2026-06-17T08:30:00Z", true),
            ("2026-06-17T16:59:59Z", true),
            ("2026-06-17T17:00:00Z", false),
        ],
    );
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    table(
        json!({ "name": "w", "days": "fri", "from": "22:00", "to": "06:00" }),
        &[
            ("2026-06-19T21:59:00Z", false),
            ("2026-06-19T22:00:00Z", true),
            ("2026-06-20T05:59:00Z", true),
            ("2026-06-20T06:00:00Z", false),
            ("2026-06-20T22:30:00Z", false),
            ("2026-06-19T03:00:00Z", false),
        ],
    );
    table(
        json!({ "name": "w", "dates": "2026-12-31", "from": "20:00", "to": "02:00" }),
        &[
            ("2026-12-31T20:00:00Z", true),
            ("2027-01-01T01:59:00Z", true),
            ("2026-12-31T01:00:00Z", false),
        ],
    );
}

#[test]
fn dates_are_inclusive_and_meet_the_days() {
    table(
        json!({ "name": "w", "dates": ["2026-12-24..2027-01-02", "2027-03-01"], "days": ["mon", "thu"] }),
        &[
            ("2026-12-23T12:00:00Z", false),
            ("2026-12-24T00:00:00Z", true),
            ("2026-12-25T12:00:00Z", false),
            ("2026-12-31T23:59:00Z", true),
            ("2027-03-01T12:00:00Z", true),
            ("2027-03-08T12:00:00Z", false),
        ],
    );
}

#[test]
fn hours_are_those_of_the_zone() {
    table(
        json!({ "name": "w", "days": "mon", "from": "09:00", "to": "10:00", "zone": "Asia/Kolkata" }),
        &[
            ("2026-06-15T03:29:00Z", false),
            ("2026-06-15T03:30:00Z", true),
            ("2026-06-15T04:30:00Z", false),
        ],
    );
    // There the day is another one already.
    table(
        json!({ "name": "w", "days": "tue", "zone": "Pacific/Auckland" }),
        &[("2026-06-15T12:00:00Z", true), ("2026-06-16T12:00:00Z", false)],
    );
}

#[test]
fn where_the_clock_leaps_forward_the_window_begins_and_ends_with_the_leap() {
    // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    let in_gap = |from: &str, to: &str| json!({ "name": "w", "dates": "2026-03-29", "from": from, "to": to, "zone": "Europe/Berlin" });
    table(
        in_gap("02:30", "04:00"),
        &[
            ("2026-03-29T00:59:59Z", false),
            ("2026-03-29T01:00:00Z", true),
            ("2026-03-29T01:59:00Z", true),
            ("2026-03-29T02:00:00Z", false),
        ],
    );
    table(
        in_gap("01:00", "02:30"),
        &[
            ("2026-03-29T00:00:00Z", true),
            ("2026-03-29T00:59:59Z", true),
            ("2026-03-29T01:00:00Z", false),
        ],
    );
    table(
        in_gap("02:10", "02:50"),
        &[("2026-03-29T00:59:59Z", false), ("2026-03-29T01:00:00Z", false)],
    );
}

#[test]
fn where_the_clock_is_set_back_the_window_has_both_hours() {
    // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
    let in_fold = |from: &str, to: &str| json!({ "name": "w", "dates": "2026-10-25", "from": from, "to": to, "zone": "Europe/Berlin" });
    table(
        in_fold("02:30", "02:45"),
        &[
            ("2026-10-25T00:29:00Z", false),
            ("2026-10-25T00:30:00Z", true),
            ("2026-10-25T00:50:00Z", true),
            ("2026-10-25T01:44:00Z", true),
            ("2026-10-25T01:45:00Z", false),
        ],
    );
    table(
        in_fold("00:00", "02:30"),
        &[("2026-10-25T01:29:00Z", true), ("2026-10-25T01:30:00Z", false)],
    );
}

#[test]
fn a_day_that_the_calendar_leaves_out_has_no_window_and_its_night_ends_with_the_leap() {
    // Samoa went from 29 to 31 December 2011.
    let skipped = |dates: &str| json!({ "name": "w", "dates": dates, "from": "22:00", "to": "06:00", "zone": "Pacific/Apia" });
    let before = ("2011-12-30T09:30:00Z", true);
    table(skipped("2011-12-29"), &[before, ("2011-12-30T10:00:00Z", false)]);
    table(
        skipped("2011-12-30"),
        &[("2011-12-30T09:59:00Z", false), ("2011-12-30T20:00:00Z", false)],
    );
}

#[test]
fn the_ends_of_time_are_no_way_out() {
    let always = freeze(json!({ "name": "w" }));
    for moment in [i64::MIN, i64::MAX, 0] {
        assert!(frozen_until(&always, Time::from_micros(moment)).is_some(), "{moment}");
    }
}

#[test]
fn the_strictest_window_counts_and_says_until_when() {
    let world = World::quiet().policy(json!({ "freeze": [
        { "name": "asks", "then": "ask", "approvals": 2 },
        { "name": "summer", "dates": "2026-06-01..2026-06-30", "classes": "edr.*" },
    ] }));
    check(&world, "ask 2 freeze");
    check(&world.clone().with(|w| w.facts.approved_by = 2), "allow");
    let host = World::aimed_at(stanch_model::ObservableKind::Host, "ws-1").with(|w| {
        w.policy = world.policy.clone();
        w.count(0);
    });
    check(&host, "refuse freeze");
    let noted = World::quiet().policy(json!({ "freeze": [
        { "name": "ward", "from": "11:00", "to": "13:00", "zone": "Europe/Berlin", "note": "visits" },
    ] }));
    let reasons = noted.decide().reasons().to_vec();
    assert_eq!(reasons[0].text, "frozen until 2026-06-17 13:00 Europe/Berlin by `ward` (visits)");
}

#[test]
fn windows_that_nobody_can_mean_are_refused() {
    for (window, expect) in [
        (json!({ "name": "w", "zone": "Europe/Berln" }), "`Europe/Berln` is no time zone"),
        (json!({ "name": "w", "from": "24:30" }), "`24:30` is no time of day"),
        (json!({ "name": "w", "from": "6:30" }), "`6:30` is no time of day"),
        (json!({ "name": "w", "from": "08:00", "to": "08:00" }), "are the same time"),
        (json!({ "name": "w", "to": "00:00" }), "are the same time"),
        (json!({ "name": "w", "dates": "2026-02-30" }), "`2026-02-30` is no date"),
        (json!({ "name": "w", "dates": "2026-02-03T10:00" }), "is no date"),
        (json!({ "name": "w", "dates": "2027-01-02..2026-12-24" }), "ends before it begins"),
        (json!({ "name": " " }), "needs a name"),
        (json!({ "name": "w", "approvals": 2 }), "`then: ask` only"),
        (json!({ "name": "w", "classes": "edr.isolate-host" }), "is no class"),
        (json!({ "name": "w", "days": ["monday"] }), "unknown variant `monday`"),
    ] {
        let error = serde_json::from_value::<Freeze>(window).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }
}

const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Casablanca",
];

/// What the wall clock says: on one of the days, and between the hours.
fn on_the_wall(freeze: &Freeze, shown: DateTime) -> bool {
    let minutes = u16::try_from(i32::from(shown.hour()) * 60 + i32::from(shown.minute())).unwrap();
    let (from, to) = (freeze.from.minutes(), freeze.to.minutes());
    let meant = |date: jiff::civil::Date| freeze.days.contains(&Day::from(date.weekday()));
    if from < to {
        return meant(shown.date()) && from <= minutes && minutes < to;
    }
    let evening = meant(shown.date()) && minutes >= from;
    evening || (meant(shown.date().yesterday().unwrap()) && minutes < to)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Whatever a wall clock shows: a time that it says is frozen, is frozen. The other way round that holds
    /// as well, but for the hours around a leap.
    #[test]
    fn what_the_wall_clock_says_is_frozen_is(
        zone in prop::sample::select(ZONES),
        days in prop::collection::vec(0_usize..7, 1..4),
        from in 0_u16..96,
        length in 1_u16..95,
        hour in 0_i64..(25 * 366 * 24),
        near_leap: bool,
        minute in -90_i64..90,
    ) {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let clock = |quarter: u16| format!("{:02}:{:02}", quarter % 96 / 4, quarter % 4 * 15);
        let window = freeze(json!({
            "name": "w", "zone": zone, "from": clock(from), "to": clock(from + length),
            "days": days.iter().map(|day| names[*day]).collect::<Vec<_>>(),
        }));
        let rules = TimeZoneDatabase::bundled().get(zone).unwrap();
        let start: Timestamp = "2005-01-01T00:00:00Z".parse().unwrap();
        let mut moment = start + hour.hours();
        let leap = rules.following(moment).next().map(|leap| leap.timestamp());
        if let Some(leap) = leap.filter(|_| near_leap) {
            moment = leap + minute.minutes();
        }
        let frozen = frozen_until(&window, Time::from(moment)).is_some();
        let wall = on_the_wall(&window, rules.to_datetime(moment));
        prop_assert!(frozen || !wall, "{moment} {window:?}");
        let quiet = |by: i64| {
            rules.to_offset(moment + by.hours()) == rules.to_offset(moment)
        };
        if (-26..=26).all(quiet) {
            prop_assert_eq!(frozen, wall, "{} {:?}", moment, window);
        }
    }
}
