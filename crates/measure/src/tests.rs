//! Golden values, worked out by hand or taken from the literature, and the edges.

use stanch_model::{Severity, Time, incident::Disposition};

use crate::{Fact, Reached, Share, Times, measure};

const fn at(seconds: i64) -> Time {
    Time::from_micros(seconds * 1_000_000)
}

fn days(n: i64) -> Time {
    at(n * 86_400)
}

/// `12` got there after 12 s, `12+` was still waiting then.
fn times(waits: &str) -> Times {
    Times::of(waits.split_whitespace().map(|wait| {
        let (seconds, open) = wait.strip_suffix('+').map_or((wait, false), |s| (s, true));
        Reached { from: at(1_000), until: at(1_000 + seconds.parse::<i64>().unwrap()), open }
    }))
}

#[track_caller]
fn check(waits: &str, median_s: Option<f64>, p90_s: Option<f64>) {
    let found = times(waits);
    assert_eq!((found.median_s, found.p90_s), (median_s, p90_s), "{waits}: {found:?}");
    let open = waits.matches('+').count() as u64;
    assert_eq!(found.open, open);
    assert_eq!(found.n + found.open, waits.split_whitespace().count() as u64);
}

#[test]
fn times_without_open_ones_are_plain_quantiles() {
    check("", None, None);
    check("7", Some(7.0), Some(7.0));
    check("1 2 3 4 5 6 7 8 9 10", Some(5.0), Some(9.0));
    check("3 1 2", Some(2.0), Some(3.0));
    check("5 5 5 5", Some(5.0), Some(5.0));
    check("0 0 0 9", Some(0.0), Some(9.0));
}

#[test]
fn open_ones_count_for_as_long_as_they_wait() {
    check("5+ 9+ 12+", None, None);
    check("1 100+ 100+", None, None);
    check("1 2 100+ 100+", Some(2.0), None);
    // Closed ones alone would say 2 s; S(2) = 2/4, S(10) = 1/2 · 0 after the open one left.
    check("1 2 5+ 10", Some(2.0), Some(10.0));
    // An open one that left before the first event changes nothing for those who stayed.
    check("1+ 2 3 4", Some(3.0), Some(4.0));
    // A tie: the one censored at 3 is still at risk in the event at 3: S = 1 − 1/2 = 0.5.
    check("3 3+", Some(3.0), None);
}

/// The 6-MP arm of the leukaemia trial (Freireich 1963), the standard example of the
/// product-limit estimate: 21 patients, 9 relapses, median 23 weeks.
#[test]
fn the_median_of_the_leukaemia_trial() {
    let weeks = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+";
    check(weeks, Some(23.0), None);
    let placebo = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23";
    check(placebo, Some(8.0), Some(17.0));
}

#[test]
fn a_negative_time_is_zero_and_is_counted() {
    let early = Reached { from: at(10), until: at(3), open: false };
    let waiting = Reached { from: at(10), until: at(3), open: true };
    let found = Times::of([early, waiting]);
    assert_eq!((found.median_s, found.negative, found.n, found.open), (Some(0.0), 1, 1, 1));
    let saturated = Reached {
        from: Time::from_micros(i64::MIN),
        until: Time::from_micros(i64::MAX),
        open: false,
    };
    assert!(Times::of([saturated]).median_s.is_some_and(|s| s > 9e12));
}

#[test]
fn ten_tenths_are_one_half_however_they_are_multiplied() {
    for n in 2..400_u32 {
        let waits: Vec<String> = (1..=n).map(|wait| wait.to_string()).collect();
        let median = f64::from(n.div_ceil(2));
        let p90 = f64::from((9 * n).div_ceil(10));
        check(&waits.join(" "), Some(median), Some(p90));
    }
}

#[track_caller]
fn wilson(part: u64, whole: u64, low: f64, high: f64) {
    let share = Share::new(part, whole);
    assert_eq!((share.part, share.whole), (part.min(whole), whole));
    let near = |a: f64, b: f64| (a - b).abs() < 0.000_5;
    assert!(near(share.low, low) && near(share.high, high), "{share:?}");
}

#[test]
fn wilson_intervals_have_their_published_values() {
    wilson(8, 10, 0.490, 0.943);
    wilson(10, 10, 0.722, 1.0);
    wilson(0, 10, 0.0, 0.278);
    wilson(0, 300, 0.0, 0.0126);
    wilson(299, 299, 0.987, 1.0);
    wilson(1, 2, 0.0945, 0.9055);
    wilson(0, 0, 0.0, 1.0);
    wilson(5, 3, 0.4385, 1.0);
    assert_eq!(Share::new(10, 10).high.to_bits(), 1.0_f64.to_bits());
    assert_eq!(Share::new(0, 10).low.to_bits(), 0.0_f64.to_bits());
}

fn fact(detected_at: Time) -> Fact {
    Fact {
        occurred_at: Time::from_micros(detected_at.micros() - 30_000_000),
        detected_at,
        acknowledged_at: None,
        contained_at: None,
        closed_at: None,
        severity: Severity::High,
        disposition: None,
        alerts: 2,
        automated: false,
    }
}

fn later(time: Time, seconds: i64) -> Option<Time> {
    Some(Time::from_micros(time.micros() + seconds * 1_000_000))
}

#[test]
fn measures_of_four_incidents() {
    let day = days(29);
    let contained = Fact {
        acknowledged_at: later(day, 60),
        contained_at: later(day, 120),
        closed_at: later(day, 500),
        disposition: Some(Disposition::TruePositive),
        ..fact(day)
    };
    let automatic = Fact { contained_at: later(day, 4), automated: true, ..fact(day) };
    // Closed unseen: it waited 10 s and will wait no longer.
    let closed = Fact {
        closed_at: later(day, 10),
        disposition: Some(Disposition::FalsePositive),
        automated: true,
        ..fact(day)
    };
    let skewed = Fact { occurred_at: days(30), ..fact(day) };
    let too_old = fact(Time::from_micros(days(0).micros() - 1));
    let in_future = fact(days(31));
    let facts = [contained, automatic, closed, skewed, too_old, in_future];
    let measures = measure(&facts, 30, days(30));
    insta::assert_json_snapshot!(measures, @r#"
    {
      "days": 30,
      "incidents": 4,
      "open": 2,
      "alerts": 8,
      "time_to_detect": {
        "median_s": 30.0,
        "p90_s": 30.0,
        "n": 4,
        "open": 0,
        "negative": 1
      },
      "time_to_acknowledge": {
        "median_s": null,
        "p90_s": null,
        "n": 1,
        "open": 3,
        "negative": 0
      },
      "time_to_contain": {
        "median_s": 120.0,
        "p90_s": null,
        "n": 2,
        "open": 2,
        "negative": 0
      },
      "automated": {
        "part": 1,
        "whole": 2,
        "low": 0.09453120573423074,
        "high": 0.9054687942657693
      },
      "contained": {
        "part": 2,
        "whole": 4,
        "low": 0.15003898915214953,
        "high": 0.8499610108478505
      },
      "dispositions": {
        "benign_trigger": 0,
        "duplicate": 0,
        "false_positive": 1,
        "true_positive": 1
      }
    }
    "#);
}

#[test]
fn without_incidents_nothing_is_claimed() {
    let measures = measure(&[], 30, days(30));
    assert_eq!((measures.incidents, measures.open, measures.alerts), (0, 0, 0));
    assert_eq!(measures.time_to_contain, Times::default());
    assert_eq!((measures.automated.low, measures.automated.high), (0.0, 1.0));
}

#[test]
fn the_words_of_dispositions_are_serdes() {
    use Disposition::{BenignTrigger, Duplicate, FalsePositive, TruePositive};
    for disposition in [TruePositive, BenignTrigger, FalsePositive, Duplicate] {
        let fact = Fact { disposition: Some(disposition), ..fact(days(30)) };
        let counted = measure(&[fact], 1, days(30)).dispositions;
        let word = serde_json::to_value(disposition).unwrap();
        assert_eq!(counted.get(word.as_str().unwrap()), Some(&1));
    }
}
