//! What lets the guard through more: two people, a day, and everything that can come between.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use crate::world::{Setup, World, person};
use serde_json::{Value, json};
use stanch_engine::{Error, people::proposals::Came};
use stanch_model::{
    TenantId,
    guard::Mode,
    people::{Actor, Role},
    proposal::{Proposal, ProposalState, Proposed},
    run::RunState,
};

const HOUR: Duration = Duration::from_secs(3_600);
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

/// Protects these addresses.
fn policy(addresses: &[&str]) -> Value {
    let entry = |address: &&str| json!({ "kind": "ip", "value": address });
    json!({ "protected": addresses.iter().map(entry).collect::<Vec<_>>() })
}

async fn world(addresses: &[&str]) -> World {
    World::start(Setup::with(&[BLOCK]).policy(policy(addresses))).await
}

async fn propose(world: &World, who: &Actor, addresses: &[&str]) -> Result<Proposal, Error> {
    let text = policy(addresses).to_string();
    world.engine.people.propose_policy(who, &text, "as discussed", None).await
}

/// Whether the guard lets the address be blocked.
async fn blocks(world: &World, address: &str) -> bool {
    let title = format!("about {address}");
    world.alert(&title, json!({ "block": address })).await;
    // The newest: the same was tried before.
    let by = format!("rule {title}");
    let run = world.runs().await.into_iter().find(|run| run.requested_by == by).unwrap();
    run.state == RunState::Succeeded
}

async fn pass(world: &World, duration: Duration) {
    world.advance(duration);
    world.engine.people.apply_proposals().await.unwrap();
}

async fn now(world: &World, proposal: &Proposal) -> Proposal {
    let (tenant, id) = (proposal.tenant.clone(), proposal.id);
    world.engine.core.store.read(move |view| view.proposal(&tenant, id)).await.unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, why: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tighter_is_in_force_at_once_and_voids_what_was_decided_before() {
    let world = world(&[]).await;
    let root = world.join("root", Role::Admin).await;
    world.join("ann", Role::Responder).await;
    // A question that waits while the policy changes.
    let low = crate::world::finding("waits", json!({ "block": "203.0.113.1" }));
    world.deliver("ocsf", stanch_model::event::Trust::Low, &low).await;
    world.settle().await;
    let epoch = async || world.engine.core.store.read(|view| view.guard_epoch()).await.unwrap();
    let before = epoch().await;
    let applied = propose(&world, &root, &["203.0.113.1"]).await.unwrap();
    assert_eq!((applied.state, applied.people), (ProposalState::Applied, 1));
    assert!(epoch().await > before);
    assert!(!blocks(&world, "203.0.113.1").await);
    assert!(blocks(&world, "203.0.113.2").await);
    world.approve_all().await;
    let run = world.reaches(world.run_of("waits").await.id, RunState::Refused).await;
    assert!(run.note.contains("is protected"), "{}", run.note);
    // It stays so, though the file says nothing of it.
    let world = world.restart(|_| ()).await;
    assert!(!blocks(&world, "203.0.113.1").await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looser_takes_somebody_else_and_a_day() {
    let world = world(&["203.0.113.1"]).await;
    let [root, ann, ben] = [
        world.join("root", Role::Admin).await,
        world.join("ann", Role::Responder).await,
        world.join("ben", Role::Responder).await,
    ];
    let people = &world.engine.people;
    refused(propose(&world, &ann, &[]).await, "takes an admin");
    let robot = Actor { user: None, ..person("robot", Role::Admin) };
    refused(propose(&world, &robot, &[]).await, "nobody owns this token");
    let made = propose(&world, &root, &[]).await.unwrap();
    assert_eq!((made.state, made.people, made.alone), (ProposalState::Waiting, 2, false));
    assert!(made.changes[0].contains("no longer"), "{:?}", made.changes);
    let cli = Actor { name: "root-cli".to_owned(), ..root.clone() };
    for same in [&root, &cli] {
        refused(people.agree(same, made.id, "").await, "it takes somebody else");
    }
    refused(people.agree(&robot, made.id, "").await, "nobody owns this token");
    let vera = Actor { role: Role::Viewer, ..person("vera", Role::Viewer) };
    refused(people.agree(&vera, made.id, "").await, "somebody who may decide");
    pass(&world, 2 * DAY).await;
    assert_eq!(now(&world, &made).await.state, ProposalState::Waiting);
    people.agree(&ann, made.id, "agreed").await.unwrap();
    refused(people.agree(&ben, made.id, "").await, "has enough yes already");
    pass(&world, DAY - HOUR).await;
    assert!(!blocks(&world, "203.0.113.1").await);
    // A restart in between changes nothing.
    let world = world.restart(|_| ()).await;
    pass(&world, 2 * HOUR).await;
    assert_eq!(now(&world, &made).await.state, ProposalState::Applied);
    assert!(blocks(&world, "203.0.113.1").await);
    let told = &world.audit("policy.apply").await[0];
    assert_eq!((told.actor.as_str(), &told.detail["proposed_by"]), ("engine", &json!("root")));
    let by: Vec<&Value> =
        told.detail["votes"].as_array().unwrap().iter().map(|vote| &vote["by"]).collect();
    assert_eq!(by, ["root", "ann"]);
    // The file of the start says otherwise still, and was read already.
    let world = world.restart(|_| ()).await;
    assert!(blocks(&world, "203.0.113.1").await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_denied_taken_back_and_forgotten() {
    let world = world(&["203.0.113.1"]).await;
    let root = world.join("root", Role::Admin).await;
    let ann = world.join("ann", Role::Responder).await;
    let people = &world.engine.people;
    let denied = propose(&world, &root, &[]).await.unwrap();
    refused(people.object(&ann, denied.id, "").await, "a reason has");
    people.object(&ann, denied.id, "too early").await.unwrap();
    refused(people.agree(&ann, denied.id, "").await, "has ended");
    let taken = propose(&world, &root, &[]).await.unwrap();
    refused(people.take_back(&ann, taken.id, "r").await, "whoever proposed it");
    people.agree(&ann, taken.id, "").await.unwrap();
    // Also while its day runs.
    people.take_back(&root, taken.id, "changed my mind").await.unwrap();
    let objected = propose(&world, &root, &[]).await.unwrap();
    people.agree(&ann, objected.id, "").await.unwrap();
    people.object(&ann, objected.id, "slept over it").await.unwrap();
    let forgotten = propose(&world, &root, &[]).await.unwrap();
    pass(&world, 7 * DAY + HOUR).await;
    for (proposal, state) in [
        (&denied, ProposalState::Denied),
        (&taken, ProposalState::Cancelled),
        (&objected, ProposalState::Denied),
        (&forgotten, ProposalState::Lapsed),
    ] {
        let ended = now(&world, proposal).await;
        assert_eq!((ended.state, ended.ended_at.is_some()), (state, true), "{ended:?}");
    }
    assert!(!blocks(&world, "203.0.113.1").await);
    assert_eq!(world.audit("policy.apply").await.len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_was_about_is_another_by_then() {
    let world = world(&["203.0.113.1"]).await;
    let root = world.join("root", Role::Admin).await;
    let ann = world.join("ann", Role::Responder).await;
    let people = &world.engine.people;
    refused(propose(&world, &root, &["203.0.113.1"]).await, "in force already");
    let text = policy(&[]).to_string();
    let stale = people.propose_policy(&root, &text, "r", Some("other".to_owned())).await;
    assert!(matches!(stale, Err(Error::Stale(_))), "{stale:?}");
    for (text, why) in [
        ("protected: 1", "this is no policy"),
        ("protcted: []", "this is no policy"),
        ("[", "this is no policy"),
        ("shared: []\n---\nprotected: []\n", "a second document"),
    ] {
        refused(people.propose_policy(&root, text, "r", None).await, why);
    }
    let looser = propose(&world, &root, &[]).await.unwrap();
    people.agree(&ann, looser.id, "").await.unwrap();
    propose(&world, &root, &["203.0.113.1", "203.0.113.2"]).await.unwrap();
    pass(&world, DAY + HOUR).await;
    let void = now(&world, &looser).await;
    assert_eq!(void.state, ProposalState::Void);
    assert!(void.note.contains("another policy came in force"), "{}", void.note);
    assert!(!blocks(&world, "203.0.113.1").await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_alone_waits_and_not_once_there_is_somebody() {
    let world = world(&["203.0.113.1"]).await;
    let root = world.join("root", Role::Admin).await;
    world.join("vera", Role::Viewer).await;
    let made = propose(&world, &root, &[]).await.unwrap();
    assert_eq!((made.state, made.alone), (ProposalState::Agreed, true));
    assert_eq!(world.audit("proposal.alone").await.len(), 1);
    pass(&world, DAY - HOUR).await;
    assert_eq!(now(&world, &made).await.state, ProposalState::Agreed);
    pass(&world, 2 * HOUR).await;
    assert_eq!(now(&world, &made).await.state, ProposalState::Applied);
    assert!(blocks(&world, "203.0.113.1").await);

    propose(&world, &root, &["203.0.113.3"]).await.unwrap();
    let made = propose(&world, &root, &[]).await.unwrap();
    let ann = world.join("ann", Role::Responder).await;
    pass(&world, DAY + HOUR).await;
    let waits = now(&world, &made).await;
    assert_eq!((waits.state, waits.people, waits.alone), (ProposalState::Waiting, 2, false));
    assert_eq!(world.audit("proposal.not_alone").await.len(), 1);
    world.engine.people.agree(&ann, made.id, "").await.unwrap();
    pass(&world, DAY + HOUR).await;
    assert_eq!(now(&world, &made).await.state, ProposalState::Applied);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_loosens_nothing_by_itself() {
    let world = world(&["203.0.113.1"]).await;
    let ann = world.join("ann", Role::Responder).await;
    let ben = world.join("ben", Role::Responder).await;
    let open = async |world: &World| {
        let store = &world.engine.core.store;
        let waiting = Some(ProposalState::Waiting);
        let read = store.read(move |v| v.proposals(&TenantId::default(), waiting, None, 10));
        read.await.unwrap().0
    };
    let stricter = policy(&["203.0.113.1", "203.0.113.2"]);
    let world =
        world.restart(|setup| setup.config.policy = serde_json::from_value(stricter).unwrap());
    let world = world.await;
    assert!(!blocks(&world, "203.0.113.2").await);
    assert_eq!(open(&world).await, []);
    let looser = || serde_json::from_value(policy(&[])).unwrap();
    let world = world.restart(|setup| setup.config.policy = looser()).await;
    let world = world.restart(|setup| setup.config.policy = looser()).await;
    let [proposal] = &open(&world).await[..] else { panic!("not once") };
    assert_eq!((proposal.proposed_by.as_str(), proposal.votes.len()), ("configuration", 0));
    assert!(!blocks(&world, "203.0.113.1").await);
    // Nobody has said yes yet, so it takes two.
    let people = &world.engine.people;
    let first = people.agree(&ann, proposal.id, "").await.unwrap();
    assert_eq!(first.state, ProposalState::Waiting);
    people.agree(&ben, proposal.id, "").await.unwrap();
    pass(&world, DAY + HOUR).await;
    assert!(blocks(&world, "203.0.113.1").await);
    let world = world.restart(|_| ()).await;
    assert!(blocks(&world, "203.0.113.2").await);
    assert_eq!(open(&world).await, []);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_more_takes_two_people_and_one_less_takes_one() {
    let world = world(&[]).await;
    let root = world.join("root", Role::Admin).await;
    let ann = world.join("ann", Role::Responder).await;
    let people = &world.engine.people;
    let direct = people.add_person(&root, "eve", "a long pass phrase", Role::Admin).await;
    refused(direct, "takes a second person");
    let proposed = people.set_role(&root, "ann", Role::Admin, "on call").await.unwrap();
    let Came::Proposed(proposal) = proposed else { panic!("{proposed:?}") };
    assert!(matches!(&proposal.what, Proposed::Role { person, .. } if person == "ann"));
    // Also by whom it is about: they are somebody else.
    people.agree(&ann, proposal.id, "").await.unwrap();
    let role = async |name: &'static str| {
        let read = world.engine.core.store.read(|v| v.person_named(&TenantId::default(), name));
        read.await.unwrap().unwrap().role
    };
    assert_eq!(role("ann").await, Role::Responder);
    pass(&world, DAY + HOUR).await;
    assert_eq!(role("ann").await, Role::Admin);
    let less = people.set_role(&root, "ann", Role::Viewer, "left the team").await.unwrap();
    assert_eq!((less, role("ann").await), (Came::Done(Role::Viewer), Role::Viewer));
    refused(people.set_role(&root, "root", Role::Viewer, "r").await, "the last administrator");
    refused(people.set_role(&root, "nobody", Role::Viewer, "r").await, "nobody is named");
    refused(people.set_role(&ann, "root", Role::Viewer, "r").await, "takes an admin");
    // What was proposed for a role that changed meanwhile is void.
    people.set_role(&root, "ann", Role::Responder, "back").await.unwrap();
    let Came::Proposed(proposal) = people.set_role(&root, "ann", Role::Admin, "r").await.unwrap()
    else {
        panic!("done")
    };
    people.agree(&ann, proposal.id, "").await.unwrap();
    people.set_role(&root, "ann", Role::Viewer, "r").await.unwrap();
    pass(&world, DAY + HOUR).await;
    assert_eq!(
        (now(&world, &proposal).await.state, role("ann").await),
        (ProposalState::Void, Role::Viewer)
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playbook_is_trusted_less_at_once_and_further_by_two_people() {
    let mut setup = Setup::with(&[BLOCK]).policy(json!({ "promotion": { "plans": 0 } }));
    // A firewall that polls: a real one, as far as modes are concerned.
    let polled = json!({ "name": "polled", "connector": "blocklist" });
    setup.config.connectors.push(serde_json::from_value(polled).unwrap());
    setup.config.bindings.insert("firewall.block_address".to_owned(), "polled".to_owned());
    let world = World::start(setup).await;
    let root = world.join("root", Role::Admin).await;
    let ann = world.join("ann", Role::Responder).await;
    let people = &world.engine.people;
    let mode = async || world.engine.runs.mode(&TenantId::default(), "block").await.unwrap();
    assert_eq!(mode().await, Mode::Assist);
    people.set_mode(&root, "block", Mode::Shadow).await.unwrap();
    assert_eq!(mode().await, Mode::Shadow);
    refused(people.set_mode(&root, "block", Mode::Assist).await, "takes a second person");
    let came = people.change_mode(&root, "block", Mode::Assist, Some("ran well")).await.unwrap();
    let Came::Proposed(proposal) = came else { panic!("{came:?}") };
    people.agree(&ann, proposal.id, "").await.unwrap();
    assert_eq!(mode().await, Mode::Shadow);
    pass(&world, DAY + HOUR).await;
    assert_eq!(mode().await, Mode::Assist);
    let told = world.audit("playbook.mode").await;
    assert_eq!(told.last().unwrap().detail["proposed_by"], "root");
    // A yes is for the version that it was about.
    people.set_mode(&root, "block", Mode::Shadow).await.unwrap();
    let came = people.change_mode(&root, "block", Mode::Assist, Some("again")).await.unwrap();
    let Came::Proposed(proposal) = came else { panic!("{came:?}") };
    people.agree(&ann, proposal.id, "").await.unwrap();
    people.draft(&root, "block", &BLOCK.replace("1h", "2h"), "").await.unwrap();
    people.review(&ann, ("block", 2), true, "").await.unwrap();
    people.publish(&root, ("block", 2)).await.unwrap();
    pass(&world, DAY + HOUR).await;
    assert_eq!(
        (now(&world, &proposal).await.state, mode().await),
        (ProposalState::Void, Mode::Shadow)
    );
    world.stop().await;
}
