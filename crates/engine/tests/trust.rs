//! Who is believed: what anybody can write to asks people, moves no trusted count, holds nothing back.

mod world;

use serde_json::json;
use stanch_engine::acting::Network;
use stanch_model::{
    event::Trust,
    run::RunState::{Succeeded, Waiting},
};
use world::{Setup, World, finding};

const HOSTILE: &[&str] = &[r#"
playbook: block
title: Blocks whatever the alert names
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ string(alert.fields.block) }}" }, expires: 1h }
"#];

#[tokio::test(flavor = "multi_thread")]
async fn what_anybody_can_write_to_never_acts_by_itself() {
    let world = World::start(Setup::with(HOSTILE)).await;
    for (trust, title, address) in [
        (Trust::Low, "low", "203.0.113.1"),
        (Trust::Medium, "medium", "203.0.113.2"),
        (Trust::High, "high", "203.0.113.3"),
    ] {
        world.deliver("ocsf", trust, &finding(title, json!({ "block": address }))).await;
        world.settle().await;
        let expect = if trust == Trust::Low { Waiting } else { Succeeded };
        assert_eq!(world.run_of(title).await.state, expect, "{title}");
    }
    let path = |last: u8| format!("PUT /firewall/v1/blocked-addresses/203.0.113.{last}");
    assert_eq!(world.lab.effects(), [path(2), path(3)]);
    world.approve_all().await;
    world.reaches(world.run_of("low").await.id, Succeeded).await;
    assert_eq!(world.lab.effects(), [path(2), path(3), path(1)]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_alert_does_not_hold_back_the_real_one() {
    let world = World::start(Setup::with(HOSTILE)).await;
    let real = json!({
        "block": "203.0.113.1", "src_endpoint": { "ip": "203.0.113.1" },
        "finding_info": { "title": "real", "analytic": { "uid": "same" } },
    });
    let mut forged = real.clone();
    forged["finding_info"]["title"] = json!("forged");
    world.deliver("ocsf", Trust::Low, &finding("", forged)).await;
    world.settle().await;
    world.deliver("ocsf", Trust::High, &finding("", real.clone())).await;
    world.settle().await;
    assert_eq!(world.run_of("forged").await.state, Waiting);
    assert_eq!(world.run_of("real").await.state, Succeeded);
    // What was trusted and acted on is not acted on again.
    world.deliver("ocsf", Trust::High, &format!("\n{}", finding("", real))).await;
    world.settle().await;
    assert_eq!((world.runs().await.len(), world.lab.effects().len()), (2, 1));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forged_alerts_does_not_use_up_the_starts_of_a_playbook() {
    let world = World::start(Setup::with(HOSTILE)).await;
    let forged = |n| finding(&format!("forged {n}"), json!({ "block": format!("198.51.100.{n}") }));
    let body: String = (0..210).map(forged).collect();
    world.deliver("ocsf", Trust::Low, &body).await;
    world.settle().await;
    assert_eq!(world.runs().await.len(), 200, "the cap of an hour");
    let real = world.alert("real", json!({ "block": "203.0.113.1" })).await;
    assert_eq!(real.state, Succeeded);
    assert_eq!(world.lab.effects().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_records_do_not_bring_a_trusted_count_to_its_threshold() {
    let world = World::start(Setup::default()).await;
    world.deliver("sshd", Trust::Low, &world.failed_logins("198.51.100.23", 7)).await;
    world.deliver("sshd", Trust::High, &world.failed_logins("198.51.100.23", 1)).await;
    world.settle().await;
    assert_eq!(world.runs().await, []);
    world.deliver("sshd", Trust::High, &world.failed_logins("198.51.100.23", 7)).await;
    world.settle().await;
    assert_eq!(world.lab.effects(), ["PUT /firewall/v1/blocked-addresses/198.51.100.23"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_caused_ourselves_starts_nothing() {
    let network = Network { addresses: vec!["192.0.2.10".parse().unwrap()], ..Network::default() };
    let setup = Setup { network, ..Setup::with(HOSTILE) };
    let world = World::start(setup).await;
    for (title, source) in [("ours", "::ffff:192.0.2.10"), ("theirs", "192.0.2.11")] {
        let fields = json!({ "block": "203.0.113.1", "src_endpoint": { "ip": source } });
        world.deliver("ocsf", Trust::High, &finding(title, fields)).await;
    }
    world.settle().await;
    assert_eq!(world.find_run_of("ours").await, None);
    assert_eq!(world.run_of("theirs").await.state, Succeeded);
    assert_eq!(world.lab.effects(), ["PUT /firewall/v1/blocked-addresses/203.0.113.1"]);
    world.stop().await;
}
