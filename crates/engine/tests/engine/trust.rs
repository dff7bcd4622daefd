//! What the guard knows of people and assets, what it says about it afterwards, and how `auto` is earned and lost.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use crate::world::{Setup, World};
use serde_json::json;
use stanch_engine::{Error, people::proposals::Came};
use stanch_model::{
    RunId, TenantId,
    containment::ContainmentState,
    guard::{Explanation, Mode, Ruling},
    incident::Disposition,
    people::{Actor, Role},
    run::RunState::{Refused, Succeeded, Waiting},
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

const BLOCK: &str = r#"
playbook: block
title: Blocks what the alert says
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - id: act
    do: firewall.block_address
    with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }
    expires: 1h
"#;

const ISOLATE: &str = r#"
playbook: isolate
title: Isolates the host that the alert names
max_mode: auto
on: { alert: "has(alert.fields.isolate)" }
steps:
  - id: act
    do: edr.isolate_host
    with: { host: "${{ has(alert.fields.isolate) ? string(alert.fields.isolate) : '' }}" }
    expires: 1h
"#;

async fn explanations(world: &World, run: RunId) -> Vec<Explanation> {
    let store = &world.engine.core.store;
    store.read(move |view| view.explanations(&TenantId::default(), run, None, 100)).await.unwrap()
}

fn ruling_of(explanation: &Explanation, rule: &str) -> Ruling {
    let found = explanation.considered.iter().find(|considered| considered.rule == rule);
    found.unwrap_or_else(|| panic!("{rule} was not asked")).ruling
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inventory_protects_and_the_explanation_says_so() {
    let mut setup =
        Setup::with(&[ISOLATE]).policy(json!({ "protected": [{ "tag": "domain-controller" }] }));
    let inventory = json!([
        { "kind": "host", "value": "dc-01", "tags": ["domain-controller"], "criticality": "critical" },
        { "kind": "host", "value": "ws-07" },
    ]);
    setup.config.assets = serde_json::from_value(inventory).unwrap();
    let world = World::start(setup).await;
    let hit = world.alert("dc", json!({ "isolate": "DC-01.corp.test" })).await;
    assert_eq!(hit.state, Refused, "{}", hit.note);
    assert!(hit.note.contains("domain-controller"), "{}", hit.note);
    let control = world.alert("ws", json!({ "isolate": "ws-07" })).await;
    world.reaches(control.id, Succeeded).await;
    assert_eq!(world.lab.effects(), ["POST /edr/v1/hosts/ws-07/isolation"]);
    for (run, ruling, protected) in
        [(hit.id, Ruling::Refuse, Ruling::Refuse), (control.id, Ruling::Allow, Ruling::Silent)]
    {
        let explained = explanations(&world, run).await;
        let [explanation] = explained.as_slice() else { panic!("{explained:?}") };
        assert_eq!(explanation.ruling, ruling);
        assert_eq!(ruling_of(explanation, "protected"), protected, "{explanation:?}");
        // Every rule, and whose yes counted.
        assert_eq!(explanation.considered.len(), stanch_guard::RULES.len() + 1);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_yes_of_somebody_who_has_the_right_counts() {
    let rights = json!([{ "permit": { "who": { "group": "firewall" }, "what": "firewall.*" } }]);
    let world = World::start(Setup::with(&[BLOCK]).policy(json!({ "rights": rights }))).await;
    let ann = world.join("ann", Role::Responder).await;
    let ben = world.join("ben", Role::Responder).await;
    world.group("firewall", &["ann"]).await;
    for (who, address, acts) in [(&ben, "203.0.113.1", false), (&ann, "203.0.113.2", true)] {
        let low = crate::world::finding(address, json!({ "block": address }));
        world.deliver("ocsf", stanch_model::event::Trust::Low, &low).await;
        world.settle().await;
        let run = world.run_of(address).await;
        assert_eq!(run.state, Waiting);
        let asked = world.approval_of(run.id).await;
        let people = &world.engine.people;
        people.approve(who, asked.id, &asked.plan_hash, "").await.unwrap();
        if acts {
            world.reaches(run.id, Succeeded).await;
        } else {
            world.settle().await;
            assert_ne!(world.run(run.id).await.state, Succeeded, "{} has no right", who.name);
        }
    }
    assert_eq!(world.lab.effects(), ["PUT /firewall/v1/blocked-addresses/203.0.113.2"]);
    world.stop().await;
}

/// A block list that firewalls poll: a real target, as far as modes are concerned.
async fn polled() -> World {
    let promotion =
        json!({ "plans": 0, "reliability": 50, "confidence": 50, "precision": 10, "undos": 1 });
    let mut setup = Setup::with(&[BLOCK]).policy(json!({ "promotion": promotion }));
    let polled = json!({ "name": "polled", "connector": "blocklist" });
    setup.config.connectors.push(serde_json::from_value(polled).unwrap());
    setup.config.bindings.insert("firewall.block_address".to_owned(), "polled".to_owned());
    let world = World::start(setup).await;
    // The firewall reads the list again and again.
    let core = world.engine.core.clone();
    tokio::spawn(async move {
        loop {
            core.feeds.fetched(core.clock.now());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    world
}

async fn change(world: &World, who: &Actor, mode: Mode) -> Result<Came<Mode>, Error> {
    world.engine.people.change_mode(who, "block", mode, Some("it went well")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn auto_is_earned_by_evidence_and_lost_by_it() {
    let world = polled().await;
    let (root, ann) =
        (world.join("root", Role::Admin).await, world.join("ann", Role::Responder).await);
    let people = &world.engine.people;
    let mode = async || world.engine.runs.mode(&TenantId::default(), "block").await.unwrap();
    let early = change(&world, &root, Mode::Auto).await.unwrap_err().to_string();
    assert!(early.contains("has not earned auto") && early.contains("0 of 0 acts"), "{early}");

    let first = world.alert("first", json!({ "block": "203.0.113.1" })).await;
    assert_eq!(first.state, Waiting);
    world.approve_all().await;
    world.reaches(first.id, Succeeded).await;
    let unlabelled = change(&world, &root, Mode::Auto).await.unwrap_err().to_string();
    assert!(unlabelled.contains("0 of 0 labelled alerts"), "{unlabelled}");
    let incident = first.incident.unwrap();
    people.close(&root, incident, Disposition::TruePositive, "").await.unwrap();

    let came = change(&world, &root, Mode::Auto).await.unwrap();
    let Came::Proposed(proposal) = came else { panic!("{came:?}") };
    people.agree(&ann, proposal.id, "").await.unwrap();
    world.advance(DAY + DAY);
    people.apply_proposals().await.unwrap();
    assert_eq!(mode().await, Mode::Auto);

    // Nobody is asked any more, until somebody takes an act back.
    let second = world.alert("second", json!({ "block": "203.0.113.2" })).await;
    assert_eq!(second.state, Succeeded, "{}", second.note);
    people.demote().await.unwrap();
    assert_eq!(mode().await, Mode::Auto);
    let row = world.rows(second.id).await.remove(0);
    world.undo(&row).await;
    world.row_reaches(second.id, ContainmentState::Undone).await;
    people.demote().await.unwrap();
    assert_eq!(mode().await, Mode::Assist);
    let told = world.audit("playbook.demote").await;
    assert!(
        told[0].detail["because"][0].as_str().unwrap().contains("took back 1 acts"),
        "{told:?}"
    );
    let third = world.alert("third", json!({ "block": "203.0.113.3" })).await;
    assert_eq!(third.state, Waiting);
    world.stop().await;
}
