//! Breakers: what trips one, what closes it again, and that stricter settings never stand looser.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use stanch_model::Time;

use super::{World, act, at, check, done, failed, pending};
use crate::{
    BreakerFacts,
    breaker::{Standing, standing},
    compare::covers,
    facts::{Act, Outcome},
    policy::Breaker,
};

fn breaker(json: serde_json::Value) -> Breaker {
    serde_json::from_value(json).unwrap()
}

/// Three failures in an hour, half an hour's rest.
fn three() -> Breaker {
    breaker(json!({ "class": "edr.*", "failures": 3, "window": "1h", "cool_down": "30m" }))
}

fn watched(acts: &[Act]) -> BreakerFacts {
    BreakerFacts { key: "edr.*".to_owned(), acts: acts.to_vec(), reset_at: None }
}

/// How it stands, in a word.
fn word(breaker: &Breaker, acts: &[Act]) -> &'static str {
    match standing(breaker, &watched(acts), at("2026-06-17T10:00:00Z")) {
        Standing::Closed => "closed",
        Standing::Open { .. } => "open",
        Standing::HalfOpen { pending: false, .. } => "half-open",
        Standing::HalfOpen { pending: true, .. } => "half-open, pending",
    }
}

fn undone(mut act: Act, minutes_after: u64) -> Act {
    act.undone_at = Some(act.intended_at.plus(Duration::from_secs(60 * minutes_after)));
    act
}

#[test]
fn failures_in_the_window_open_it() {
    let two = [act(5, failed), act(50, failed), act(20, done)];
    assert_eq!(word(&three(), &two), "closed");
    assert_eq!(word(&three(), &[two.as_slice(), &[act(40, failed)]].concat()), "open");
    assert_eq!(word(&three(), &[two.as_slice(), &[act(70, failed)]].concat()), "closed");
    let unknown = act(10, |at| Outcome::Unknown { at });
    assert_eq!(word(&three(), &[two.as_slice(), &[unknown]].concat()), "open");
    assert_eq!(word(&three(), &[]), "closed");
    let far_apart = [act(300, failed), act(299, done), act(150, failed), act(149, done)];
    let far_apart = [far_apart.as_slice(), &[act(5, failed)]].concat();
    assert_eq!(
        word(&three(), &far_apart),
        "closed",
        "a window ends at its last act, and not later"
    );
}

#[test]
fn as_many_in_a_row_open_it_however_long_they_took() {
    let slow = [act(1, failed), act(200, failed), act(400, failed)];
    assert_eq!(word(&three(), &slow), "open");
    assert_eq!(word(&three(), &[slow.as_slice(), &[act(100, done)]].concat()), "closed");
}

#[test]
fn it_rests_then_lets_one_through_and_closes_with_the_first_that_works() {
    let tripped = [act(40, failed), act(45, failed), act(50, failed)];
    let with = |more: &[Act]| word(&three(), &[tripped.as_slice(), more].concat());
    assert_eq!(word(&three(), &[act(20, failed), act(45, failed), act(50, failed)]), "open");
    assert_eq!(with(&[]), "half-open");
    assert_eq!(with(&[act(5, pending)]), "half-open, pending");
    assert_eq!(with(&[act(5, done)]), "closed");
    assert_eq!(with(&[act(5, failed)]), "open");
    // It was under way when the breaker tripped, and says nothing of whether things are well again.
    let mut late = act(42, done);
    late.outcome = Outcome::Done { at: at("2026-06-17T09:58:00Z") };
    assert_eq!(with(&[late]), "half-open");
}

#[test]
fn a_failure_before_anything_worked_starts_the_rest_again() {
    // Tripped at 200, tried at 160 and 120 and 80: each alone in its hour, and each fails.
    let chain = [
        act(200, failed),
        act(205, failed),
        act(210, failed),
        act(160, failed),
        act(120, failed),
        act(20, failed),
    ];
    assert_eq!(word(&three(), &chain), "open");
    assert_eq!(word(&three(), &[chain.as_slice(), &[act(80, done)]].concat()), "closed");
}

#[test]
fn what_people_take_back_soon_counts_as_wrong() {
    let by_undos = breaker(json!({
        "class": "*", "undos": 2, "undone_within": "20m", "window": "2h", "cool_down": "1h"
    }));
    let soon = [undone(act(60, done), 10), undone(act(90, done), 19)];
    assert_eq!(word(&by_undos, &soon), "open");
    let late = [undone(act(60, done), 10), undone(act(90, done), 21)];
    assert_eq!(word(&by_undos, &late), "closed", "a change of mind");
    assert_eq!(word(&by_undos, &[act(5, failed), act(6, failed)]), "closed", "not watched");
    assert_eq!(word(&three(), &soon), "closed", "not watched");
}

#[test]
fn a_share_counts_from_enough_acts_on() {
    let half = breaker(json!({ "class": "*", "percent": 50, "at_least": 4, "window": "1h" }));
    let acts = [act(10, failed), act(11, done), act(12, failed)];
    assert_eq!(word(&half, &acts), "closed", "three are too few");
    assert_eq!(word(&half, &[acts.as_slice(), &[act(13, done)]].concat()), "open");
    let more = [act(13, done), act(14, done)];
    assert_eq!(word(&half, &[acts.as_slice(), &more].concat()), "closed");
}

#[test]
fn people_can_close_it() {
    let mut facts = watched(&[act(10, failed), act(11, failed), act(12, failed)]);
    let now = at("2026-06-17T10:00:00Z");
    assert!(matches!(standing(&three(), &facts, now), Standing::Open { .. }));
    facts.reset_at = Some(at("2026-06-17T09:55:00Z"));
    assert_eq!(standing(&three(), &facts, now), Standing::Closed);
}

#[test]
fn the_guard_refuses_holds_and_lets_through() {
    let json = json!({ "breakers": [
        { "class": "*", "scope": "playbook", "failures": 3, "cool_down": "30m" }
    ] });
    let world = |acts: &[Act]| {
        let acts = acts.to_vec();
        World::quiet().policy(json.clone()).with(|w| w.acts(&acts))
    };
    check(&world(&[act(5, failed), act(6, failed)]), "allow");
    check(&world(&[act(5, failed), act(6, failed), act(7, failed)]), "refuse breaker");
    let rested = [act(35, failed), act(36, failed), act(37, failed)];
    check(&world(&rested), "allow");
    check(&world(&[rested.as_slice(), &[act(2, pending)]].concat()), "hold breaker");
    check(&world(&[]).with(|w| w.facts.breakers.clear()), "refuse breaker");
    let text =
        world(&[act(5, failed), act(6, failed), act(7, failed)]).decide().reasons()[0].text.clone();
    assert_eq!(
        text,
        "the breaker of *@playbook:contain-c2-beacon is open until 2026-06-17T10:25:00Z: 3 acts failed \
         in 1h; 3 are enough"
    );
}

#[test]
fn only_one_act_slips_through_a_half_open_breaker() {
    let world = World::quiet().with(|w| w.acts(&[35, 36, 37, 38, 39].map(|m| act(m, failed))));
    let counters = crate::counters(&world.policy, &world.facts, &world.action);
    let gate: Vec<_> = counters.iter().filter(|c| c.class.contains("@half-open:")).collect();
    assert_eq!(gate.len(), 1, "{counters:?}");
    assert_eq!(gate[0].limit, 1, "the second intent of this phase does not commit");
}

#[test]
fn one_that_watches_nothing_is_refused() {
    for (json, expect) in [
        (json!({ "class": "*" }), "never opens"),
        (json!({ "class": "*", "failures": 0 }), "0 makes no sense"),
        (json!({ "class": "*", "percent": 101 }), "is no percentage"),
        (json!({ "class": "*", "failures": 1, "window": "0s" }), "longer than nothing"),
        (json!({ "class": "*", "failures": 1, "cool_down": "400d" }), "at most 366d"),
    ] {
        let error = serde_json::from_value::<Breaker>(json).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }
}

pub(crate) fn any_act() -> impl Strategy<Value = Act> {
    let outcome = prop_oneof![
        3 => Just(0_u8), // done
        3 => Just(1),    // failed
        1 => Just(2),    // unknown
        1 => Just(3),    // pending
    ];
    (0_u64..400, outcome, 0_u64..8, prop::option::of(0_u64..60)).prop_map(
        |(before, outcome, took, undone_after)| {
            let mut found = act(before + 8, pending);
            let at = found.intended_at.plus(Duration::from_secs(took * 60));
            found.outcome = match outcome {
                0 => Outcome::Done { at },
                1 => Outcome::Failed { at },
                2 => Outcome::Unknown { at },
                _ => Outcome::Pending,
            };
            let undone = undone_after.filter(|_| outcome == 0);
            found.undone_at = undone.map(|after| at.plus(Duration::from_secs(after * 60)));
            found
        },
    )
}

pub(crate) fn any_breaker() -> impl Strategy<Value = Breaker> {
    (
        prop::option::of(1_u32..6),
        prop::option::of(1_u32..4),
        prop::option::of(1_u32..100),
        1_u32..8,
        1_u64..6,
        1_u64..8,
        1_u64..5,
    )
        .prop_filter_map("watches something", |(failures, undos, percent, least, w, u, c)| {
            let time = |n: u64| format!("{}m", n * 20);
            let json = json!({
                "class": "*", "scope": "playbook", "failures": failures, "undos": undos,
                "percent": percent, "at_least": least, "window": time(w),
                "undone_within": format!("{}m", u * 10), "cool_down": time(c),
            });
            // Absent is not null.
            let mut map = json.as_object().unwrap().clone();
            map.retain(|_, value| !value.is_null());
            serde_json::from_value(serde_json::Value::Object(map)).ok()
        })
}

fn strictness(standing: &Standing) -> u8 {
    match standing {
        Standing::Closed => 0,
        Standing::HalfOpen { pending: false, .. } => 1,
        Standing::HalfOpen { pending: true, .. } => 2,
        Standing::Open { .. } => 3,
    }
}

fn now() -> Time {
    at("2026-06-17T10:00:00Z")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// What `compare` calls no loosening stands at least as strictly, whatever happened.
    #[test]
    fn a_stricter_breaker_never_stands_looser(
        old in any_breaker(),
        new in any_breaker(),
        acts in prop::collection::vec(any_act(), 0..14),
    ) {
        let (stricter, looser) = (merged(&old, &new, true), merged(&old, &new, false));
        prop_assert!(covers::breaker(&stricter, &looser), "{stricter:?} {looser:?}");
        let of = |breaker: &Breaker| strictness(&standing(breaker, &watched(&acts), now()));
        prop_assert!(of(&stricter) >= of(&looser), "{acts:#?}");
    }

    /// Acts from longer ago than anything looks back change nothing but which attempts are remembered; and never
    /// towards closed.
    #[test]
    fn the_order_of_the_acts_is_no_matter(
        breaker in any_breaker(),
        acts in prop::collection::vec(any_act(), 0..14),
        turn in 0_usize..14,
    ) {
        let mut turned = acts.clone();
        turned.rotate_left(turn.min(acts.len()));
        let of = |acts: &[Act]| strictness(&standing(&breaker, &watched(acts), now()));
        prop_assert_eq!(of(&acts), of(&turned));
    }
}

/// Of two breakers, the one with the stricter value of each; or the looser.
fn merged(a: &Breaker, b: &Breaker, stricter: bool) -> Breaker {
    let less = |a: u32, b: u32| if stricter { a.min(b) } else { a.max(b) };
    let longer = |a: Duration, b: Duration| if stricter { a.max(b) } else { a.min(b) };
    let limit = |a: Option<u32>, b: Option<u32>| match (a, b) {
        (Some(a), Some(b)) => Some(less(a, b)),
        (a, b) if stricter => a.or(b),
        _ => None,
    };
    let percent = limit(a.percent, b.percent);
    // A share of another window cannot be compared.
    let both = a.percent.is_some() && b.percent.is_some();
    Breaker {
        class: a.class.clone(),
        scope: a.scope,
        window: if both { a.window } else { longer(a.window, b.window) },
        failures: limit(a.failures, b.failures),
        undos: limit(a.undos, b.undos),
        percent,
        at_least: less(a.at_least, b.at_least),
        undone_within: longer(a.undone_within, b.undone_within),
        cool_down: longer(a.cool_down, b.cool_down),
    }
}
