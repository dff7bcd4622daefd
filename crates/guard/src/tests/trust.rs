//! Promotion and demotion by evidence; what a loosening takes.

use std::time::Duration;

use serde_json::json;
use stanch_model::{
    Time,
    guard::{Direction, Mode},
    people::Role,
};

use super::at;
use crate::{
    Policy,
    compare::{compare, loosens, mode_change, role_change},
    loosening::{Gate, Standing, gate, standing},
    policy::PromotionPolicy,
    promotion::{Evidence, Labels, demotion, promotion},
};

fn terms() -> PromotionPolicy {
    PromotionPolicy::default()
}

/// 299 clean acts, 100 right alerts of 100 (Wilson: at least 96.3 %), nothing taken back.
fn enough() -> Evidence {
    let labels = Labels { right: 100, labelled: 100, low: 0.963 };
    Evidence { plans: 10, clean: 299, unclean: 0, undone: 0, labels }
}

#[track_caller]
fn auto(evidence: &Evidence, expect: bool) {
    let found = promotion(&terms(), Mode::Auto, Mode::Auto, evidence);
    assert_eq!(found.allowed, expect, "{found:#?}");
    assert_eq!(found.because.len(), 4, "every number is said");
}

#[test]
fn acts_show_99_percent_at_95_from_299_on() {
    auto(&enough(), true);
    auto(&Evidence { clean: 298, ..enough() }, false);
    // One mishap takes 473 acts, two take 628: the binomial test.
    auto(&Evidence { clean: 471, unclean: 1, ..enough() }, false);
    auto(&Evidence { clean: 472, unclean: 1, ..enough() }, true);
    auto(&Evidence { clean: 625, unclean: 2, ..enough() }, false);
    auto(&Evidence { clean: 626, unclean: 2, ..enough() }, true);
    auto(&Evidence { clean: 0, ..enough() }, false);
    auto(&Evidence { clean: u32::MAX, ..enough() }, true);
    auto(&Evidence { clean: u32::MAX, unclean: u32::MAX, ..enough() }, false);
    let near = promotion(&terms(), Mode::Auto, Mode::Auto, &Evidence { clean: 298, ..enough() });
    assert_eq!(
        near.because[1],
        "298 of 298 acts were clean; to show 99 % with 95 % confidence 299 are needed, with no mishap more"
    );
    let one = Evidence { clean: 300, unclean: 1, ..enough() };
    let one = promotion(&terms(), Mode::Auto, Mode::Auto, &one);
    assert!(one.because[1].contains("473 are needed"), "{one:?}");
    let hopeless = Evidence { clean: 0, unclean: 50_000, ..enough() };
    let hopeless = promotion(&terms(), Mode::Auto, Mode::Auto, &hopeless);
    assert!(hopeless.because[1].contains("more than 100000"), "{hopeless:?}");
}

#[test]
fn alerts_have_to_be_right_and_the_bound_has_to_be_theirs() {
    let labels =
        |right, labelled, low| Evidence { labels: Labels { right, labelled, low }, ..enough() };
    auto(&labels(100, 100, 0.90), true);
    auto(&labels(100, 100, 0.899), false);
    auto(&labels(0, 0, 0.0), false);
    // Ten of ten do not read as certainty.
    auto(&labels(10, 10, 0.722), false);
    for (right, labelled, low) in
        [(1, 2, 0.95), (2, 1, 0.9), (10, 10, f64::NAN), (10, 10, 1.1), (10, 10, -0.1)]
    {
        auto(&labels(right, labelled, low), false);
    }
}

#[test]
fn undos_text_and_plans_count() {
    auto(&Evidence { undone: 2, ..enough() }, true);
    auto(&Evidence { undone: 3, ..enough() }, false);
    assert!(!promotion(&terms(), Mode::Auto, Mode::Assist, &enough()).allowed);
    let assist =
        |plans| promotion(&terms(), Mode::Assist, Mode::Auto, &Evidence { plans, ..enough() });
    assert!(!assist(4).allowed && assist(5).allowed);
    assert!(
        promotion(&terms(), Mode::Shadow, Mode::Shadow, &Evidence { plans: 0, ..enough() }).allowed
    );
}

#[test]
fn auto_is_lost_when_people_take_back_or_alerts_are_wrong() {
    let lost = |evidence: &Evidence| demotion(&terms(), Mode::Auto, evidence);
    assert_eq!(lost(&enough()), None);
    let undone = lost(&Evidence { undone: 3, ..enough() }).unwrap();
    assert_eq!((undone.to, undone.because.len()), (Mode::Assist, 1));
    let wrong = Labels { right: 80, labelled: 100, low: 0.711 };
    assert!(lost(&Evidence { labels: wrong, ..enough() }).is_some());
    assert_eq!(lost(&Evidence { undone: 3, labels: wrong, ..enough() }).unwrap().because.len(), 2);
    assert_eq!(demotion(&terms(), Mode::Assist, &Evidence { undone: 9, ..enough() }), None);
}

#[test]
fn modes_and_administrators() {
    use Direction::{Loosening, Neutral, Tightening};
    for (from, to, expect) in [
        (Mode::Shadow, Mode::Assist, Loosening),
        (Mode::Assist, Mode::Auto, Loosening),
        (Mode::Shadow, Mode::Auto, Loosening),
        (Mode::Auto, Mode::Shadow, Tightening),
        (Mode::Assist, Mode::Assist, Neutral),
    ] {
        assert_eq!(mode_change("p", from, to).direction, expect, "{from:?} {to:?}");
    }
    for (from, to, expect) in [
        (None, Some(Role::Admin), Loosening),
        (Some(Role::Responder), Some(Role::Admin), Loosening),
        (Some(Role::Admin), None, Tightening),
        (Some(Role::Admin), Some(Role::Viewer), Tightening),
        (None, Some(Role::Responder), Neutral),
        (Some(Role::Admin), Some(Role::Admin), Neutral),
    ] {
        assert_eq!(role_change("alice", from, to).direction, expect, "{from:?} {to:?}");
    }
}

fn policy(json: serde_json::Value) -> Policy {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_loosening_takes_people_and_time_by_the_terms_in_force() {
    let old = Policy::default();
    let looser =
        policy(json!({ "fleet": { "percent": 5 }, "loosening": { "people": 1, "delay": "0s" } }));
    let changes = compare(&old, &looser);
    assert!(loosens(&changes));
    let day = Duration::from_secs(86_400);
    assert_eq!(gate(&old, &changes, 5), Some(Gate { people: 2, delay: day, alone: false }));
    // The day that is there already takes the place of the person who is not.
    assert_eq!(gate(&old, &changes, 1), Some(Gate { people: 1, delay: day, alone: true }));
    assert_eq!(gate(&old, &changes, 0), Some(Gate { people: 1, delay: day, alone: true }));
    let quick = policy(json!({ "loosening": { "people": 3, "delay": "1h" } }));
    assert_eq!(gate(&quick, &changes, 2), Some(Gate { people: 2, delay: day, alone: true }));
    let back = compare(&looser, &old);
    assert_eq!(gate(&looser, &back, 5), None, "{back:?}");
}

#[test]
fn the_delay_begins_when_the_last_of_them_wants_it() {
    let gate = Gate { people: 2, delay: Duration::from_secs(3_600), alone: false };
    let yes = |who: &str, when: &str| -> (String, Time) { (who.to_owned(), at(when)) };
    let ten = at("2026-06-17T10:00:00Z");
    let of = |wanted: &[(String, Time)]| standing(&gate, wanted, ten);
    assert_eq!(of(&[]), Standing::NeedsPeople { missing: 2 });
    let once = [yes("a", "2026-06-17T08:00:00Z"), yes("a", "2026-06-17T08:30:00Z")];
    assert_eq!(of(&once), Standing::NeedsPeople { missing: 1 });
    let both = |second: &str| of(&[yes("b", second), yes("a", "2026-06-17T08:00:00Z")]);
    assert_eq!(both("2026-06-17T09:00:00Z"), Standing::InForce);
    let until = at("2026-06-17T10:00:01Z");
    assert_eq!(both("2026-06-17T09:00:01Z"), Standing::Waits { until });
    // A third yes, later, starts nothing anew.
    let three = [
        yes("a", "2026-06-17T08:00:00Z"),
        yes("b", "2026-06-17T08:30:00Z"),
        yes("c", "2026-06-17T09:59:00Z"),
    ];
    assert_eq!(of(&three), Standing::InForce);
}
