//! Counters: which ones an act fits into, and at what number it stops.

use stanch_model::{
    ObservableKind::{Host, Ip, User},
    duration,
};

use super::{World, action, check};
use crate::{Policy, class, counters};

fn policy(json: serde_json::Value) -> Policy {
    serde_json::from_value(json).unwrap()
}

/// `CLASS LIMIT/WINDOW` of every counter.
fn list(world: &World) -> Vec<String> {
    let World { policy, facts, action } = world;
    counters(policy, &facts.class, action, &facts.playbook, facts.fleet_size)
        .into_iter()
        .map(|c| format!("{} {}/{}", c.class, c.limit, duration::format(c.window)))
        .collect()
}

#[test]
fn built_in_budgets_stand_unless_replaced() {
    let host = World::aimed_at(Host, "ws-01");
    assert_eq!(list(&host), ["edr.isolate_host 5/1h", "* 200/1h", "edr.isolate_host@fleet 20/1h"]);
    assert_eq!(
        list(&World::aimed_at(User, "alice")),
        ["directory.disable_account 5/1h", "* 200/1h"]
    );
    let replaced = host.with(|w| {
        w.policy = policy(serde_json::json!({
            "budgets": [
                { "class": "edr.isolate_host", "limit": 2, "window": "10m" },
                { "class": "edr.isolate_host", "limit": 1, "window": "10m", "scope": "playbook" },
                { "class": "*", "limit": 9, "window": "1d", "scope": "playbook" }
            ],
            "fleet": { "percent": 50 }
        }));
    });
    assert_eq!(
        list(&replaced),
        [
            "edr.isolate_host 2/10m",
            "edr.isolate_host@playbook:contain-c2-beacon 1/10m",
            "*@playbook:contain-c2-beacon 9/1d",
            "* 200/1h",
            "edr.isolate_host@fleet 500/1h"
        ]
    );
}

#[test]
fn practice_is_counted_apart() {
    let practice = World::aimed_at(Host, "ws-01").with(|w| w.action.practice = true);
    assert_eq!(list(&practice), ["practice:edr.isolate_host 5/1h", "practice:* 200/1h"]);
}

#[test]
fn the_share_of_the_fleet_is_at_least_one_host() {
    for (fleet, limit) in [
        (None, 1),
        (Some(0), 1),
        (Some(10), 1),
        (Some(99), 1),
        (Some(100), 2),
        (Some(149), 2),
        (Some(1_000), 20),
        (Some(u32::MAX), 85_899_345),
    ] {
        assert_eq!(Policy::default().fleet.limit(fleet), limit, "{fleet:?}");
    }
    let unknown = World::aimed_at(Host, "ws-01").with(|w| {
        w.facts.fleet_size = None;
        w.count(0);
    });
    check(&unknown, "allow");
    check(&unknown.with(|w| w.count(1)), "refuse budget");
}

#[test]
fn the_act_that_would_go_over_is_refused_and_the_one_before_is_not() {
    for (world, limit) in [
        (World::aimed_at(Host, "ws-01"), 5),
        (World::aimed_at(User, "alice"), 5),
        (World::aimed_at(Ip, "203.0.113.7"), 50),
    ] {
        check(&world.clone().with(|w| w.count(limit - 1)), "allow");
        check(&world.clone().with(|w| w.count(limit)), "refuse budget");
        check(&world.with(|w| w.count(u32::MAX)), "refuse budget");
    }
}

#[test]
fn a_counter_that_nobody_read_refuses() {
    check(&World::quiet().with(|w| w.facts.counts.clear()), "refuse budget");
    check(&World::quiet().with(|w| drop(w.facts.counts.pop())), "refuse budget");
    check(&World::quiet().with(|w| w.facts.counts[0].counter.limit += 1), "refuse budget");
    check(&World::quiet().with(|w| w.facts.class.clear()), "refuse budget");
}

#[test]
fn an_act_is_counted_as_its_capability_by_whatever_name_it_is_called() {
    let direct = action("lab.isolate", Host, "ws-01");
    assert_eq!(class(Some("edr.isolate_host"), &direct), "edr.isolate_host");
    assert_eq!(class(None, &direct), "nftables.act");
}
