//! Canaries: the first of a run, a wait, and the others.

use serde_json::json;
use stanch_model::guard::Decision;

use super::{World, act, at, check, done, failed, pending};
use crate::{counters, facts::Act};

/// Two go first; the others wait ten minutes; a third of the acts may fail.
fn world(acts: &[Act]) -> World {
    let json = json!({ "canaries": [
        { "class": "firewall.block_address", "first": 2, "wait": "10m", "tolerate": 34 },
        { "class": "edr.*", "first": 1, "wait": "1m" },
    ] });
    let acts = acts.to_vec();
    World::quiet().policy(json).with(|w| {
        w.facts.canary = acts;
        w.count(0);
    })
}

#[test]
fn the_first_go_and_the_others_wait_for_them() {
    check(&world(&[]), "allow");
    check(&world(&[act(1, pending)]), "allow");
    check(&world(&[act(1, pending), act(1, done)]), "hold canary");
    check(&world(&[act(9, done), act(20, done)]), "hold canary");
    check(&world(&[act(10, done), act(20, done)]), "allow");
    // Those after the first are under way already.
    check(&world(&[act(1, pending), act(10, done), act(20, done)]), "allow");
}

#[test]
fn a_hold_says_when_to_ask_again() {
    let until = |acts: &[Act]| match world(acts).decide() {
        Decision::Hold { until, .. } => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(until(&[act(9, done), act(20, done)]), at("2026-06-17T10:01:00Z"));
    assert_eq!(until(&[act(9, pending), act(20, done)]), at("2026-06-17T10:00:30Z"));
}

#[test]
fn too_many_that_go_wrong_stop_the_others() {
    check(&world(&[act(10, failed), act(20, done)]), "refuse canary");
    check(&world(&[act(10, failed), act(20, done), act(21, done)]), "allow");
    let mut taken_back = act(15, done);
    taken_back.undone_at = Some(at("2026-06-17T09:50:00Z"));
    check(&world(&[taken_back, act(20, done)]), "refuse canary");
    let text = world(&[act(10, failed), act(20, done)]).decide().reasons()[0].text.clone();
    assert_eq!(
        text,
        "1 of 2 acts of this run went wrong or were taken back (host-10); the others are not tried"
    );
}

#[test]
fn a_yes_does_not_hurry_it_and_a_hold_does_not_hide_a_question() {
    let held = || {
        world(&[act(1, done), act(2, done)])
            .with(|w| w.facts.mode = stanch_model::guard::Mode::Assist)
    };
    check(&held(), "ask 1 mode canary");
    check(&held().with(|w| w.facts.approved_by = 1), "hold canary approval");
}

#[test]
fn no_two_begin_at_once_beside_the_first() {
    let gate = |world: &World| {
        let counters = counters(&world.policy, &world.facts, &world.action);
        counters.into_iter().find(|c| c.class.contains("@run:")).unwrap()
    };
    let first = gate(&world(&[act(1, pending)]));
    assert_eq!((first.class.as_str(), first.limit), ("firewall.block_address@run:run_1", 2));
    assert_eq!(gate(&world(&[act(10, done), act(20, done)])).limit, u32::MAX);
}

#[test]
fn what_is_tried_again_keeps_its_place_and_takes_no_other() {
    let gate = |world: &World| {
        let counters = counters(&world.policy, &world.facts, &world.action);
        counters.into_iter().find(|c| c.class.contains("@run:"))
    };
    let again = world(&[act(1, pending)]).with(|w| w.facts.again = true);
    assert_eq!(gate(&again), None);
    check(&again, "allow");
}

#[test]
fn the_closest_entry_counts_and_the_built_in_one_is_left_for_the_others() {
    let policy = world(&[]).policy;
    assert_eq!(policy.canary("firewall.block_address").first, 2);
    assert_eq!(policy.canary("edr.isolate_host").first, 1);
    assert_eq!(policy.canary("directory.disable_account").first, 5);
}
