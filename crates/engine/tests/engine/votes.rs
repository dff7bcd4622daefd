//! Who answers: groups, tokens, people who are away, escalation, and teams of one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
use std::time::Duration;

use crate::world::{Setup, World, person};
use serde_json::{Value, json};
use stanch_engine::Error;
use stanch_model::{
    Time,
    guard::{Approval, ApprovalState},
    people::{Actor, Role},
    run::{RunHead, RunState},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Asks as the policy says, for an hour.
const BLOCK: &str = r#"
playbook: block
title: Blocks after a yes
max_mode: assist
on: { alert: "has(alert.fields.block)" }
steps:
  - id: act
    do: firewall.block_address
    with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }
    expires: 1h
"#;

async fn world(approval: Value) -> World {
    World::start(Setup::with(&[BLOCK]).policy(json!({ "approval": approval }))).await
}

async fn asked(world: &World, title: &str) -> (RunHead, Approval) {
    let run = world.alert(title, json!({ "block": "203.0.113.7" })).await;
    assert_eq!(run.state, RunState::Waiting);
    let approval = world.approval_of(run.id).await;
    (run, approval)
}

async fn yes(world: &World, who: &Actor, approval: &Approval) -> Result<Approval, Error> {
    world.engine.people.approve(who, approval.id, &approval.plan_hash, "").await
}

/// A token of that person's, or of nobody's.
fn token(name: &str, owner: Option<&Actor>) -> Actor {
    let user = owner.and_then(|owner| owner.user);
    Actor { name: name.to_owned(), user, ..person(name, Role::Responder) }
}

#[track_caller]
fn refused(result: Result<Approval, Error>, why: &str) {
    match result {
        Err(Error::Forbidden(text)) => assert!(text.contains(why), "{text}"),
        other => panic!("`{why}` was expected: {other:?}"),
    }
}

/// Where the approval stands by now.
async fn now(world: &World, approval: &Approval) -> Approval {
    let (tenant, id) = (approval.tenant.clone(), approval.id);
    world.engine.core.store.read(move |view| view.approval(&tenant, id)).await.unwrap()
}

async fn pass(world: &World, duration: Duration) {
    world.advance(duration);
    world.engine.people.lapse_approvals().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_people_of_the_group_answer() {
    let world = world(json!({ "by": "responders", "count": 2 })).await;
    let [ann, ben, cleo] = [
        world.join("ann", Role::Responder).await,
        world.join("ben", Role::Responder).await,
        world.join("cleo", Role::Admin).await,
    ];
    let (run, approval) = asked(&world, "attack").await;
    assert_eq!(approval.terms.groups, ["responders"]);
    refused(yes(&world, &ann, &approval).await, "`responders`, which is no group yet");
    world.group("responders", &[]).await;
    refused(yes(&world, &ann, &approval).await, "in which there is nobody yet");
    let admin = person("admin", Role::Admin);
    for name in ["ann", "ben"] {
        world.engine.people.add_to_group(&admin, "responders", name, None).await.unwrap();
    }
    refused(yes(&world, &cleo, &approval).await, "this is asked of people in `responders`");
    refused(yes(&world, &token("cli", None), &approval).await, "you are not one of them");
    let no = world.engine.people.deny(&cleo, approval.id, "not mine to say").await;
    refused(no, "you are not one of them");
    yes(&world, &ann, &approval).await.unwrap();
    yes(&world, &ben, &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.rows(run.id).await[0].authorised_by, "ann and ben approved this plan");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_its_owner_and_nobody_beside_them() {
    let world = world(json!({ "count": 2 })).await;
    let [ann, ben] =
        [world.join("ann", Role::Responder).await, world.join("ben", Role::Responder).await];
    let (run, approval) = asked(&world, "first").await;
    let tokens = [token("ann-cli", Some(&ann)), token("ann-phone", Some(&ann))];
    let vote = yes(&world, &tokens[0], &approval).await.unwrap().votes.pop().unwrap();
    assert_eq!((vote.by.as_str(), vote.token.as_deref()), ("ann", Some("ann-cli")));
    for same in [&ann, &tokens[0], &tokens[1]] {
        refused(yes(&world, same, &approval).await, "you have answered already");
    }
    assert_eq!(world.run(run.id).await.state, RunState::Waiting);
    yes(&world, &token("ben-cli", Some(&ben)), &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects().len(), 1);

    // What nobody owns may be anybody's: any number of such tokens is at most one person, and none
    // beside one.
    let (run, approval) = asked(&world, "second").await;
    for name in ["cli", "robot"] {
        let state = yes(&world, &token(name, None), &approval).await.unwrap().state;
        assert_eq!(state, ApprovalState::Waiting, "{name}");
    }
    assert_eq!(yes(&world, &ann, &approval).await.unwrap().state, ApprovalState::Waiting);
    assert_eq!(world.run(run.id).await.state, RunState::Waiting);
    assert_eq!(yes(&world, &ben, &approval).await.unwrap().state, ApprovalState::Approved);
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_requested_it_does_not_answer_by_any_way() {
    let world = world(json!({})).await;
    let [ann, ben] =
        [world.join("ann", Role::Responder).await, world.join("ben", Role::Responder).await];
    let (first, _) = asked(&world, "attack").await;
    let cli = token("ann-cli", Some(&ann));
    let until = world.engine.core.clock.now().plus(DAY);
    let people = &world.engine.people;
    people.delegate(&ann, "ben", (None, until), "on holiday").await.unwrap();
    for by in [&cli, &ann] {
        let run = people.start_run(by, "block", first.alert, Default::default()).await.unwrap();
        assert_eq!(run.requested_by, "ann");
        world.reaches(run.id, RunState::Waiting).await;
        let approval = world.approval_of(run.id).await;
        for other_way in [&ann, &cli, &token("ann", None)] {
            refused(yes(&world, other_way, &approval).await, "who requested the run");
        }
        // It could be a token of hers: she can make one in the data folder.
        refused(yes(&world, &token("robot", None), &approval).await, "nobody owns this token");
        let vote = yes(&world, &ben, &approval).await.unwrap().votes.pop().unwrap();
        assert_eq!((vote.by.as_str(), vote.on_behalf_of), ("ben", None));
        world.reaches(run.id, RunState::Succeeded).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_answers_for_whoever_is_away() {
    let world = world(json!({ "by": "responders", "count": 2, "within": "12h" })).await;
    let mut all = Vec::new();
    for name in ["ann", "ben", "cleo", "dana", "eve"] {
        all.push(world.join(name, Role::Responder).await);
    }
    let [ann, ben, cleo, dana, eve] = &all[..] else { unreachable!() };
    world.group("responders", &["ann", "ben", "cleo"]).await;
    let people = &world.engine.people;
    let start = world.engine.core.clock.now();
    let give = async |from: &Actor, to: &str, since: Option<Time>, until: Time| {
        people.delegate(from, to, (since, until), "on holiday").await
    };
    // Cleo is away and Dana answers for her, from an hour from now on and for a day.
    give(cleo, "dana", Some(start.plus(HOUR)), start.plus(HOUR + DAY)).await.unwrap();
    // Dana gives hers to Eve: that is not Cleo's.
    give(dana, "eve", None, start.plus(DAY)).await.unwrap();
    let (run, approval) = asked(&world, "attack").await;
    refused(yes(&world, dana, &approval).await, "you are not one of them");
    world.advance(HOUR + MINUTE);
    refused(yes(&world, eve, &approval).await, "you are not one of them");
    let vote = yes(&world, dana, &approval).await.unwrap().votes.pop().unwrap();
    assert_eq!((vote.by.as_str(), vote.on_behalf_of.as_deref()), ("dana", Some("cleo")));
    refused(yes(&world, dana, &approval).await, "you have answered already");
    refused(yes(&world, cleo, &approval).await, "dana has answered for you already");
    // Who has a voice of their own uses that, and a second one is not theirs to use.
    give(ann, "ben", None, start.plus(DAY)).await.unwrap();
    let vote = yes(&world, ben, &approval).await.unwrap().votes.pop().unwrap();
    assert_eq!((vote.by.as_str(), vote.on_behalf_of), ("ben", None));
    world.reaches(run.id, RunState::Succeeded).await;
    let by = &world.rows(run.id).await[0].authorised_by;
    assert_eq!(by, "dana for cleo and ben approved this plan");

    // It ends by itself, and can be taken back.
    let (_, approval) = asked(&world, "a day later").await;
    world.advance(DAY);
    let (_, approval2) = asked(&world, "two days later").await;
    refused(yes(&world, dana, &approval2).await, "you are not one of them");
    let soon = world.engine.core.clock.now().plus(DAY);
    let given = give(cleo, "dana", None, soon).await.unwrap();
    assert!(matches!(people.end_delegation(dana, given.id).await, Err(Error::Forbidden(_))));
    people.end_delegation(cleo, given.id).await.unwrap();
    assert!(matches!(people.end_delegation(cleo, given.id).await, Err(Error::Conflict(_))));
    refused(yes(&world, dana, &approval2).await, "you are not one of them");
    assert_eq!(now(&world, &approval).await.votes, []);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_are_given_to_one_who_may_decide_and_for_a_time() {
    let world = world(json!({})).await;
    let ann = world.join("ann", Role::Responder).await;
    world.join("ben", Role::Responder).await;
    world.join("vera", Role::Viewer).await;
    let people = &world.engine.people;
    let start = world.engine.core.clock.now();
    for (to, since, until, reason, why) in [
        ("ann", None, start.plus(DAY), "r", "is not somebody else"),
        ("vera", None, start.plus(DAY), "r", "is not somebody else"),
        ("nobody", None, start.plus(DAY), "r", "is not somebody else"),
        ("ben", None, start.minus(DAY), "r", "`until` is after"),
        ("ben", Some(start.plus(DAY)), start.plus(HOUR), "r", "`until` is after"),
        ("ben", None, start.plus(91 * DAY), "r", "at most 90 days"),
        ("ben", None, start.plus(DAY), " ", "a reason has"),
    ] {
        let given = people.delegate(&ann, to, (since, until), reason).await;
        let error = given.unwrap_err().to_string();
        assert!(error.contains(why), "{to} {error}");
    }
    let robot = token("robot", None);
    let given = people.delegate(&robot, "ben", (None, start.plus(DAY)), "r").await;
    assert!(given.unwrap_err().to_string().contains("no votes to give"));
    people.delegate(&ann, "ben", (None, start.plus(90 * DAY)), "r").await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_asked_before_it_lapses() {
    let terms = json!({ "by": "responders", "within": "15m", "otherwise": "escalate" });
    let mut setup = Setup::with(&[BLOCK]).policy(json!({ "approval": terms }));
    let owned = json!([{ "kind": "ip", "value": "203.0.113.7", "owner": "olga" }]);
    setup.config.assets = serde_json::from_value(owned).unwrap();
    let world = World::start(setup).await;
    let [ann, olga, root] = [
        world.join("ann", Role::Responder).await,
        world.join("olga", Role::Responder).await,
        world.join("root", Role::Admin).await,
    ];
    world.group("responders", &["ann"]).await;
    let (run, approval) = asked(&world, "attack").await;
    refused(yes(&world, &olga, &approval).await, "you are not one of them");
    pass(&world, 14 * MINUTE).await;
    assert_eq!(now(&world, &approval).await.escalated_at, None);
    pass(&world, 2 * MINUTE).await;
    let next = now(&world, &approval).await;
    assert_eq!(
        (next.state, &next.escalated_to[..]),
        (ApprovalState::Waiting, &["olga".to_owned()][..])
    );
    let told = world.audit("approval.escalate").await;
    assert_eq!(told[0].detail["to"], json!(["olga"]));
    refused(yes(&world, &root, &approval).await, "you are not one of them");
    yes(&world, &olga, &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;

    // Once: then silence is a no. Who was asked first can still answer meanwhile.
    let (run, approval) = asked(&world, "second").await;
    pass(&world, 16 * MINUTE).await;
    pass(&world, 14 * MINUTE).await;
    assert_eq!(now(&world, &approval).await.state, ApprovalState::Waiting);
    pass(&world, 2 * MINUTE).await;
    let run = world.reaches(run.id, RunState::Refused).await;
    assert!(run.note.contains("nobody answered in time"), "{}", run.note);
    assert_eq!(world.audit("approval.escalate").await.len(), 2);
    assert_eq!(world.audit("approval.expire").await[0].detail["escalated_to"], json!(["olga"]));
    let (run, approval) = asked(&world, "third").await;
    pass(&world, 16 * MINUTE).await;
    yes(&world, &ann, &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admins_are_asked_where_no_owner_is_known() {
    let terms = json!({ "by": "responders", "within": "15m", "otherwise": "escalate" });
    let mut setup = Setup::with(&[BLOCK]).policy(json!({ "approval": terms }));
    let owned = json!([{ "kind": "ip", "value": "203.0.113.7", "owner": "vera" }]);
    setup.config.assets = serde_json::from_value(owned).unwrap();
    let world = World::start(setup).await;
    // The owner left, or may not decide.
    world.join("vera", Role::Viewer).await;
    world.join("ann", Role::Responder).await;
    let root = world.join("root", Role::Admin).await;
    world.group("responders", &["ann"]).await;
    let (run, approval) = asked(&world, "attack").await;
    // A restart in between changes nothing.
    let world = world.restart(|_| ()).await;
    pass(&world, 16 * MINUTE).await;
    assert_eq!(now(&world, &approval).await.escalated_to, ["root"]);
    yes(&world, &root, &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_person_exists_a_day_takes_the_second_ones_place() {
    let world = world(json!({ "count": 2, "within": "15m" })).await;
    let ann = world.join("ann", Role::Admin).await;
    world.join("vera", Role::Viewer).await;
    let (run, approval) = asked(&world, "attack").await;
    let asked_at = now(&world, &approval).await.expires_at;
    let alone = yes(&world, &ann, &approval).await.unwrap();
    assert_eq!(alone.state, ApprovalState::Waiting);
    assert_eq!(Some(alone.expires_at), alone.alone_until);
    assert!(alone.expires_at > asked_at.plus(23 * HOUR));
    assert_eq!(world.audit("approval.alone").await[0].detail["able"], json!(["ann"]));
    refused(yes(&world, &ann, &approval).await, "you have answered already");
    refused(yes(&world, &token("cli", Some(&ann)), &approval).await, "you have answered already");
    pass(&world, 23 * HOUR).await;
    assert_eq!(world.lab.acts().len(), 0);
    let world = world.restart(|_| ()).await;
    pass(&world, HOUR + MINUTE).await;
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects().len(), 1);
    let by = &world.rows(run.id).await[0].authorised_by;
    assert_eq!(by, "ann approved this plan, alone, after the delay");
    let told = &world.audit("approval.after_delay").await[0].detail;
    assert_eq!((&told["yes"], &told["needed"]), (&json!(["ann"]), &json!(2)));

    // A yes can be taken back until then.
    let (run, approval) = asked(&world, "second").await;
    yes(&world, &ann, &approval).await.unwrap();
    pass(&world, 12 * HOUR).await;
    world.engine.people.deny(&ann, approval.id, "slept over it").await.unwrap();
    world.reaches(run.id, RunState::Refused).await;
    pass(&world, DAY).await;
    assert_eq!(now(&world, &approval).await.state, ApprovalState::Denied);
    // The first block has lapsed meanwhile, and there was no second.
    let blocked = world.lab.effects().into_iter().filter(|effect| effect.starts_with("PUT"));
    assert_eq!(blocked.count(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_does_not_count_once_there_is_somebody_else() {
    let world = world(json!({ "count": 2, "within": "15m" })).await;
    let ann = world.join("ann", Role::Admin).await;
    let (run, approval) = asked(&world, "attack").await;
    yes(&world, &ann, &approval).await.unwrap();
    pass(&world, 12 * HOUR).await;
    let ben = world.join("ben", Role::Responder).await;
    pass(&world, 12 * HOUR + MINUTE).await;
    let put_anew = now(&world, &approval).await;
    assert_eq!((put_anew.state, put_anew.alone_until), (ApprovalState::Waiting, None));
    assert_eq!(world.audit("approval.not_alone").await.len(), 1);
    assert_eq!(world.lab.acts().len(), 0);
    yes(&world, &ben, &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_too_small_is_no_small_team() {
    let world = world(json!({ "by": "responders", "count": 2, "within": "15m" })).await;
    let ann = world.join("ann", Role::Responder).await;
    world.join("ben", Role::Responder).await;
    world.group("responders", &["ann"]).await;
    let (run, approval) = asked(&world, "attack").await;
    assert_eq!(yes(&world, &ann, &approval).await.unwrap().alone_until, None);
    pass(&world, 16 * MINUTE).await;
    world.reaches(run.id, RunState::Refused).await;
    assert_eq!(world.lab.acts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_alone_answers_for_their_own_run_after_a_day() {
    let world = world(json!({ "within": "15m" })).await;
    let ann = world.join("ann", Role::Admin).await;
    let (first, _) = asked(&world, "attack").await;
    let start = world.engine.people.start_run(&ann, "block", first.alert, Default::default()).await;
    let run = world.reaches(start.unwrap().id, RunState::Waiting).await;
    let approval = world.approval_of(run.id).await;
    let waits = yes(&world, &ann, &approval).await.unwrap();
    assert_eq!(waits.state, ApprovalState::Waiting);
    assert!(waits.alone_until.is_some());
    pass(&world, DAY + MINUTE).await;
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}
