//! Scores and what sources have earned.

use std::{collections::BTreeMap, time::Duration};

use stanch_model::incident::Disposition;

use super::{now, origin, time};
use crate::{
    Claim, Confidence, Indicator, Kind, Meaning, Value,
    precision::{Labelled, earned, tally},
    score::{Decay, Earned, Model},
};

const DAY: Duration = Duration::from_secs(86_400);

fn indicator(confidence: u8) -> Indicator {
    let mut indicator = Indicator::new(Value::read("203.0.113.7").unwrap());
    indicator.claim(Claim { confidence: Confidence::new(confidence), ..origin().claim() });
    indicator
}

/// An address that loses worth evenly over ten days.
fn model() -> Model {
    let decay = BTreeMap::from([(Kind::Ip, Decay::new(DAY * 10, 1.0).unwrap())]);
    Model { decay, ..Model::default() }
}

fn after(days: u32, indicator: &Indicator) -> u8 {
    model().score(indicator, &Earned::new(), now().plus(DAY * days))
}

#[test]
fn a_claim_loses_worth_until_nothing_is_left() {
    let indicator = indicator(80);
    let scores: Vec<u8> = [0, 1, 5, 9, 10, 11].map(|days| after(days, &indicator)).into();
    assert_eq!(scores, [80, 72, 40, 8, 0, 0]);
    let other = Model { decay: BTreeMap::new(), ..Model::default() };
    assert_eq!(other.score(&indicator, &Earned::new(), now().plus(DAY * 10_000)), 80);
}

#[test]
fn the_speed_bends_the_curve() {
    let left = |speed: f64| Decay::new(DAY * 100, speed).unwrap().left(DAY * 25);
    // 1 - 0.25^(1/2), 1 - 0.25, 1 - 0.25^2.
    for (speed, expect) in [(2.0, 0.5), (1.0, 0.75), (0.5, 0.9375)] {
        assert!((left(speed) - expect).abs() < 1e-12, "{speed}: {}", left(speed));
    }
    assert_eq!(Decay::new(Duration::ZERO, 1.0), None);
    assert_eq!(Decay::new(DAY, 0.0), None);
    assert_eq!(Decay::new(DAY, f64::NAN), None);
}

#[test]
fn a_sighting_winds_the_clock_back_and_a_confirmed_one_raises() {
    let mut indicator = indicator(80);
    let seen = now().plus(DAY * 5);
    indicator.sightings.add(2, seen, seen);
    assert_eq!(after(5, &indicator), 80);
    assert_eq!(after(10, &indicator), 40);
    indicator.sightings.confirm();
    // 80 + 20 · (1 - 0.9) / 2.
    assert_eq!(after(5, &indicator), 81);
    indicator.sightings.count = 1_000;
    indicator.sightings.confirmed = 1_000;
    assert_eq!(after(5, &indicator), 90);
}

#[test]
fn the_best_claim_counts_and_two_are_no_sum() {
    let mut two = indicator(60);
    two.claim(Claim {
        source: "other".to_owned(),
        confidence: Confidence::new(50),
        ..origin().claim()
    });
    assert_eq!(after(0, &two), 60);
    two.claim(Claim {
        meaning: Meaning::Benign,
        confidence: Confidence::new(99),
        ..origin().claim()
    });
    assert_eq!(after(0, &two), 50, "the first source says now that it is harmless");
    assert_eq!(after(0, &indicator(0)), 0);
}

#[test]
fn a_claim_that_does_not_hold_is_worth_nothing() {
    let mut indicator = Indicator::new(Value::read("203.0.113.7").unwrap());
    indicator.claim(Claim { valid_until: Some(now()), ..origin().claim() });
    assert_eq!(after(0, &indicator), 0);
}

#[test]
fn old_news_is_old_on_the_day_it_is_read() {
    let mut indicator = Indicator::new(Value::read("203.0.113.7").unwrap());
    indicator.claim(Claim { last_seen: Some(time("2026-02-24T00:00:00Z")), ..origin().claim() });
    assert_eq!(after(0, &indicator), 25, "half of the 50 that is unsaid: five days of ten");
    let mut ahead = Indicator::new(Value::read("203.0.113.7").unwrap());
    ahead.claim(Claim { last_seen: Some(time("2027-01-01T00:00:00Z")), ..origin().claim() });
    assert_eq!(after(0, &ahead), 50);
    assert_eq!(after(5, &ahead), 25, "a time that lies ahead buys nothing");
}

#[test]
fn a_source_is_worth_no_more_than_it_has_earned() {
    use Disposition::{BenignTrigger, Duplicate, FalsePositive, TruePositive};
    let incident = |disposition, sources: &[&'static str]| Labelled {
        disposition,
        sources: sources.iter().copied().collect(),
    };
    let tallies = tally([
        incident(TruePositive, &["good", "feed"]),
        incident(FalsePositive, &["feed"]),
        incident(BenignTrigger, &["feed"]),
        incident(FalsePositive, &["feed"]),
        incident(Duplicate, &["feed", "other"]),
    ]);
    assert_eq!((tallies["feed"].right, tallies["feed"].wrong), (1, 3));
    assert!(!tallies.contains_key("other"), "a duplicate says nothing");
    // The interval itself is not ours: what counts is that its upper end is the ceiling.
    let high = |part, whole| if (part, whole) == (1, 4) { 0.7 } else { 1.0 };
    let earned = earned(&tallies, high);
    assert_eq!(earned["good"].to_string(), "1");
    assert_eq!(model().score(&indicator(90), &earned, now()), 70);
    assert_eq!(model().score(&indicator(60), &earned, now()), 60);
}

proptest::proptest! {
    #[test]
    fn a_score_never_rises_by_itself(confidence in 0_u8..=100, confirmed in 0_u64..50, days in 0_u32..400, more in 0_u32..400) {
        for kind in ["203.0.113.7", "203.0.113.0/24", "evil.test", "http://evil.test/", "a@evil.test"] {
            let mut indicator = Indicator::new(Value::read(kind).unwrap());
            indicator.claim(Claim { confidence: Confidence::new(confidence), ..origin().claim() });
            indicator.sightings.add(confirmed, now(), now());
            (0..confirmed).for_each(|_| indicator.sightings.confirm());
            let at = |days| Model::default().score(&indicator, &Earned::new(), now().plus(DAY * days));
            proptest::prop_assert!(at(days) >= at(days + more));
            proptest::prop_assert!(at(0) <= 100);
        }
    }
}
