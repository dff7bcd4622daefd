//! The guard in the engine: hostile playbooks and forged alerts lead to zero acts, harmless ones act.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use crate::world::{Setup, World, finding, person};
use serde_json::{Value, json};
use stanch_engine::acting::Network;
use stanch_model::{
    event::Trust,
    guard::{ApprovalState, Mode},
    people::Role,
    run::RunState::{Refused, Succeeded, Waiting},
};

/// Acts on whatever the alert names.
const HOSTILE: &[&str] = &[
    r#"
playbook: block
title: Blocks whatever the alert names
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }, expires: 1h }
"#,
    r#"
playbook: block-peer
title: Blocks whatever address the alert speaks of
max_mode: auto
on: { alert: "alert.dst.ip != ''" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ alert.dst.ip }}" }, expires: 1h }
"#,
    r#"
playbook: isolate
title: Isolates whatever host the alert names
max_mode: auto
on: { alert: "has(alert.fields.isolate)" }
steps:
  - { id: act, do: edr.isolate_host, with: { host: "${{ has(alert.fields.isolate) ? string(alert.fields.isolate) : '' }}" }, expires: 1h }
"#,
    r#"
playbook: disable
title: Disables whatever account the alert names
max_mode: auto
on: { alert: "has(alert.fields.disable)" }
steps:
  - { id: act, do: directory.disable_account, with: { user: "${{ has(alert.fields.disable) ? string(alert.fields.disable) : '' }}" }, expires: 1h }
"#,
];

/// (what is done, to what, why not): refused from facts that the engine or the policy holds.
const OURS: &[(&str, &str, &str)] = &[
    ("block", "192.0.2.10", "is Stanch itself"),
    ("block", "::ffff:192.0.2.10", "is Stanch itself"),
    ("block", "::ffff:c000:20a", "is Stanch itself"),
    ("block", "64:ff9b::192.0.2.10", "is Stanch itself"),
    ("block", "2001:DB8:10:0::10", "is Stanch itself"),
    ("block", "192.0.2.1", "is a gateway"),
    ("block", "::FFFF:192.0.2.1", "is a gateway"),
    ("block", "192.0.2.53", "is a resolver"),
    ("block", " 192.0.2.53 ", "is a resolver"),
    ("block", "198.51.100.7", "is protected"),
    ("block", "::ffff:198.51.100.7", "is protected"),
    ("block", "203.0.113.200", "is shared by many"),
    ("isolate", "dc01.corp.test", "is protected"),
    ("isolate", "dc01", "is protected"),
    ("isolate", "DC01", "is protected"),
    ("isolate", "DC01.Corp.TEST.", "is protected"),
    ("isolate", " dc01 ", "is protected"),
    ("isolate", "stanch-01", "is Stanch itself"),
    ("isolate", "STANCH-01.corp.test", "is Stanch itself"),
    ("isolate", "192.0.2.10", "is Stanch itself"),
    ("disable", "ceo", "is protected"),
    ("disable", "CEO", "is protected"),
    ("disable", "CORP\\Ceo", "is protected"),
    ("disable", "ceo@corp.test", "is protected"),
];

/// As [`OURS`]: refused whatever installation this is.
const NOBODYS: &[(&str, &str, &str)] = &[
    ("block", "8.8.8.8", "which everybody uses"),
    ("block", "::ffff:8.8.8.8", "which everybody uses"),
    ("block", "::ffff:808:808", "which everybody uses"),
    ("block", "::8.8.8.8", "which everybody uses"),
    ("block", "64:ff9b::808:808", "which everybody uses"),
    ("block", "\t8.8.8.8\n", "which everybody uses"),
    ("block", "2001:4860:4860:0:0:0:0:8888", "which everybody uses"),
    ("block", "[2001:4860:4860::8888]", "which everybody uses"),
    ("block", "2002:808:808::1", "hides an IPv4 address"),
    ("block", "64:ff9b:1::808:808", "hides an IPv4 address"),
    ("block", "0.0.0.0/0", "is no ip"),
    ("block", "::/0", "is no ip"),
    ("block", "203.0.113.0/24", "is no ip"),
    ("block", "8.8.8.8/32", "is no ip"),
    ("block", "010.8.8.8", "is no ip"),
    ("block", "134744072", "is no ip"),
    ("block", "", "is no ip"),
    ("block", "0.0.0.0", "means any address"),
    ("block", "::", "means any address"),
    ("block", "127.0.0.1", "is a loopback address"),
    ("block", "::1", "is a loopback address"),
    ("block", "169.254.169.254", "is a link-local address"),
    ("block", "224.0.0.1", "is a multicast address"),
    ("block", "255.255.255.255", "is the broadcast address"),
    ("isolate", "localhost", "is this host"),
    ("isolate", "134744072", "may be read as an address"),
    ("isolate", "*", "is no host"),
    ("isolate", "8.8.8.8", "which everybody uses"),
    ("disable", "*", "names more than one account"),
    ("disable", "c\u{200b}eo", "a directory reads as others"),
];

fn network() -> Network {
    let ip = |text: &str| text.parse().unwrap();
    Network {
        addresses: vec![ip("192.0.2.10"), ip("2001:db8:10::10")],
        gateways: vec![ip("192.0.2.1")],
        resolvers: vec![ip("192.0.2.53")],
        names: vec!["stanch-01".to_owned()],
        unreadable: vec![],
    }
}

/// Limits that no table reaches.
fn wide() -> Value {
    let classes = ["firewall.block_address", "edr.isolate_host", "directory.disable_account", "*"];
    let budget = |class: &&str| json!({ "class": class, "limit": 1_000, "window": "1h" });
    json!(classes.iter().map(budget).collect::<Vec<_>>())
}

fn policy() -> Value {
    json!({
        "protected": [
            { "kind": "ip", "value": "198.51.100.0/28" },
            { "kind": "host", "value": "dc01.corp.test" },
            { "kind": "user", "value": "ceo" },
        ],
        "shared": [{ "value": "203.0.113.200", "note": "our mail relay" }],
        "budgets": wide(),
    })
}

/// A target of that kind that nothing speaks for, and how its act looks at the target.
fn harmless(what: &str, number: usize) -> (String, String) {
    match what {
        "block" => {
            let address = format!("203.0.113.{number}");
            let path = format!("PUT /firewall/v1/blocked-addresses/{address}");
            (address, path)
        }
        "isolate" => (format!("ws-{number}"), format!("POST /edr/v1/hosts/ws-{number}/isolation")),
        _ => {
            (format!("user-{number}"), format!("POST /directory/v1/accounts/user-{number}/disable"))
        }
    }
}

fn cases() -> impl Iterator<Item = (usize, &'static (&'static str, &'static str, &'static str))> {
    OURS.iter().chain(NOBODYS).enumerate()
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_targets_are_never_acted_on_and_harmless_ones_are() {
    let setup = Setup { network: network(), ..Setup::with(HOSTILE).policy(policy()) };
    let world = World::start(setup).await;
    let mut body = String::new();
    let mut expect = Vec::new();
    for (number, (what, value, _)) in cases() {
        let (control, effect) = harmless(what, number + 1);
        body += &finding(&format!("hostile {number}"), json!({ *what: value }));
        body += &finding(&format!("control {number}"), json!({ *what: control }));
        expect.push(effect);
    }
    world.deliver("ocsf", Trust::High, &body).await;
    world.settle().await;
    for (number, (what, value, why)) in cases() {
        let run = world.run_of(&format!("hostile {number}")).await;
        assert!(run.state.is_final() && run.state != Succeeded, "{what} {value:?}: {run:?}");
        assert!(run.note.contains(why), "{what} {value:?}: {}", run.note);
        assert_eq!(world.rows(run.id).await, [], "{what} {value:?}");
        let control = world.run_of(&format!("control {number}")).await;
        assert_eq!(control.state, Succeeded, "{what}: {control:?}");
    }
    assert_eq!(sorted(world.lab.effects()), sorted(expect));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_the_intake_parsed_are_guarded_as_well() {
    let setup = Setup { network: network(), ..Setup::with(HOSTILE).policy(policy()) };
    let world = World::start(setup).await;
    let blocks = || cases().filter(|(_, (what, ..))| *what == "block");
    let mut body = String::new();
    for (number, (_, value, _)) in blocks() {
        let fields = json!({
            "dst_endpoint": { "ip": value }, "src_endpoint": { "ip": format!("10.30.0.{number}") },
        });
        body += &finding(&format!("peer {number}"), fields);
    }
    body += &finding("control", json!({ "dst_endpoint": { "ip": "::ffff:203.0.113.9" } }));
    world.deliver("ocsf", Trust::High, &body).await;
    world.settle().await;
    let mut started = 0;
    for (number, (_, value, why)) in blocks() {
        // What is no address stays out of the alert, and starts nothing.
        let Some(run) = world.find_run_of(&format!("peer {number}")).await else { continue };
        started += 1;
        assert_eq!(run.state, Refused, "{value:?}: {run:?}");
        assert!(run.note.contains(why), "{value:?}: {}", run.note);
    }
    assert!(started >= 25, "only {started} of the forged addresses reached a run");
    assert_eq!(world.run_of("control").await.state, Succeeded);
    assert_eq!(world.lab.effects(), ["PUT /firewall/v1/blocked-addresses/203.0.113.9"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_cannot_approve_a_forged_target_either() {
    // Two people are asked while the targets look harmless: the network and the policy are not known.
    let asking: Vec<String> = HOSTILE
        .iter()
        .map(|text| text.replace("max_mode: auto", "max_mode: assist"))
        .map(|text| text.replace("expires: 1h }", "expires: 1h, approve: { count: 2 } }"))
        .collect();
    let asking: Vec<&str> = asking.iter().map(String::as_str).collect();
    let world = World::start(Setup::with(&asking).policy(json!({ "budgets": wide() }))).await;
    let mut body = String::new();
    let mut expect = Vec::new();
    for (number, (what, value, _)) in cases() {
        let (control, effect) = harmless(what, number + 1);
        body += &finding(&format!("hostile {number}"), json!({ *what: value }));
        body += &finding(&format!("control {number}"), json!({ *what: control }));
        expect.push(effect);
    }
    world.deliver("ocsf", Trust::High, &body).await;
    world.settle().await;
    for (number, (what, value, _)) in cases() {
        let run = world.run_of(&format!("hostile {number}")).await;
        let asked = number < OURS.len();
        assert_eq!(run.state == Waiting, asked, "{what} {value:?}: {run:?}");
    }
    let world = world
        .restart(|setup| {
            setup.network = network();
            setup.config.policy = serde_json::from_value(policy()).unwrap();
        })
        .await;
    assert!(world.approvals().await.iter().all(|approval| approval.terms.count == 2));
    assert_eq!(world.approve_all().await, OURS.len() + expect.len());
    for (number, (what, value, why)) in cases() {
        let run = world.run_of(&format!("hostile {number}")).await;
        let run = world.eventually("the run to end", async |world| {
            Some(world.run(run.id).await).filter(|run| run.state.is_final())
        });
        let run = run.await;
        assert!(run.state != Succeeded, "{what} {value:?}: {run:?}");
        assert!(run.note.contains(why), "{what} {value:?}: {}", run.note);
        let control = world.run_of(&format!("control {number}")).await;
        world.reaches(control.id, Succeeded).await;
    }
    assert_eq!(sorted(world.lab.effects()), sorted(expect));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_asset_may_say_how_many_people_can_let_it_happen() {
    let policy = json!({ "protected": [{ "kind": "host", "value": "dc01", "approvals": 2 }] });
    let world = World::start(Setup::with(HOSTILE).policy(policy)).await;
    let run = world.alert("dc", json!({ "isolate": "DC01.corp.test" })).await;
    let asked = world.approval_of(run.id).await;
    assert_eq!((run.state, asked.terms.count), (Waiting, 2));
    let people = &world.engine.people;
    let first = person("first", Role::Responder);
    let asked = people.approve(&first, asked.id, &asked.plan_hash, "").await.unwrap();
    assert_eq!(asked.state, ApprovalState::Waiting);
    world.settle().await;
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    let second = person("second", Role::Responder);
    people.approve(&second, asked.id, &asked.plan_hash, "").await.unwrap();
    world.reaches(run.id, Succeeded).await;
    assert_eq!(world.lab.effects(), ["POST /edr/v1/hosts/dc01.corp.test/isolation"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_starts_a_run_by_hand_is_guarded_too() {
    let setup = Setup { network: network(), ..Setup::with(HOSTILE).policy(policy()) };
    let world = World::start(setup).await;
    let first = world.alert("gateway", json!({ "block": "192.0.2.1" })).await;
    let me = person("responder", Role::Responder);
    let by_hand =
        world.engine.people.start_run(&me, "block", first.alert, Default::default()).await.unwrap();
    let run = world.reaches(by_hand.id, Refused).await;
    assert!(run.note.contains("is a gateway"), "{}", run.note);
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_cannot_be_read_refuse() {
    let network = Network { unreadable: vec!["/proc/net/route: gone".to_owned()], ..network() };
    let world = World::start(Setup { network, ..Setup::with(HOSTILE) }).await;
    let run = world.alert("blind", json!({ "block": "203.0.113.1" })).await;
    assert_eq!(run.state, Refused);
    let world = world.restart(|setup| setup.network.unreadable.clear()).await;
    let run = world.alert("seeing", json!({ "block": "203.0.113.1" })).await;
    assert_eq!(run.state, Succeeded);
    assert_eq!(world.lab.effects().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mode_that_was_lowered_binds_the_runs_that_wait() {
    let world = World::start(Setup::with(HOSTILE)).await;
    let low = finding("waits", json!({ "block": "203.0.113.1" }));
    world.deliver("ocsf", Trust::Low, &low).await;
    world.settle().await;
    let admin = person("admin", Role::Admin);
    world.engine.people.set_mode(&admin, "block", Mode::Shadow).await.unwrap();
    world.approve_all().await;
    world.reaches(world.run_of("waits").await.id, Refused).await;
    let shadow = world.alert("shadow", json!({ "block": "203.0.113.2" })).await;
    assert_eq!(shadow.state, Succeeded);
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    world.engine.people.set_mode(&admin, "block", Mode::Auto).await.unwrap();
    world.alert("auto", json!({ "block": "203.0.113.3" })).await;
    assert_eq!(world.lab.effects(), ["PUT /firewall/v1/blocked-addresses/203.0.113.3"]);
    world.stop().await;
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}
