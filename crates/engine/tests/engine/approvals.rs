//! Approvals: who may say yes, to what, how often and how long.

use std::time::Duration;

use crate::world::{Setup, World, finding, person};
use serde_json::json;
use stanch_engine::Error;
use stanch_model::{
    event::Trust,
    guard::{Approval, ApprovalState},
    people::Role,
    run::{RunHead, RunState},
};

/// As many people as `count` says.
fn playbook(count: u32) -> String {
    format!(
        r#"
playbook: block
title: Blocks after a yes
max_mode: assist
on: {{ alert: "has(alert.fields.block)" }}
steps:
  - id: act
    do: firewall.block_address
    with: {{ address: "${{{{ has(alert.fields.block) ? string(alert.fields.block) : '' }}}}" }}
    expires: 1h
    approve: {{ count: {count}, within: 15m }}
"#
    )
}

async fn asked(count: u32) -> (World, RunHead, Approval) {
    let world = World::start(Setup::with(&[&playbook(count)])).await;
    let run = world.alert("attack", json!({ "block": "203.0.113.7" })).await;
    let approval = world.approval_of(run.id).await;
    assert_eq!((run.state, approval.terms.count), (RunState::Waiting, count));
    (world, run, approval)
}

async fn yes(world: &World, who: &str, approval: &Approval) -> Result<Approval, Error> {
    let who = person(who, Role::Responder);
    world.engine.people.approve(&who, approval.id, &approval.plan_hash, "").await
}

fn is_conflict(result: &Result<Approval, Error>) -> bool {
    matches!(result, Err(Error::Conflict(_)))
}

fn is_forbidden(result: &Result<Approval, Error>) -> bool {
    matches!(result, Err(Error::Forbidden(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_yes_acts_and_a_second_comes_too_late() {
    let (world, run, approval) = asked(1).await;
    yes(&world, "first", &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    let late = yes(&world, "second", &approval).await;
    assert!(is_conflict(&late), "{late:?}");
    let row = &world.rows(run.id).await[0];
    assert!(row.authorised_by.contains("approved this plan"), "{}", row.authorised_by);
    assert_eq!(world.lab.effects().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_is_not_two_people() {
    let (world, run, approval) = asked(2).await;
    let first = yes(&world, "first", &approval).await.unwrap();
    assert_eq!(first.state, ApprovalState::Waiting);
    let again = yes(&world, "first", &approval).await;
    assert!(is_forbidden(&again), "{again:?}");
    // Nor after a restart.
    let world = world.restart(|_| ()).await;
    let again = yes(&world, "first", &approval).await;
    assert!(is_forbidden(&again), "{again:?}");
    assert_eq!(world.run(run.id).await.state, RunState::Waiting);
    assert_eq!(world.lab.acts().len(), 0);
    let second = yes(&world, "second", &approval).await.unwrap();
    assert_eq!(second.state, ApprovalState::Approved);
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_another_plan_counts_for_nothing() {
    let (world, run, approval) = asked(1).await;
    let other = Approval { plan_hash: "0".repeat(64), ..approval.clone() };
    let result = yes(&world, "first", &other).await;
    assert!(is_conflict(&result), "{result:?}");
    assert_eq!(world.approval_of(run.id).await.votes, []);
    assert_eq!(world.lab.acts().len(), 0);
    yes(&world, "first", &approval).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_no_ends_it_and_needs_a_reason() {
    let (world, run, approval) = asked(2).await;
    yes(&world, "first", &approval).await.unwrap();
    let second = person("second", Role::Responder);
    let people = &world.engine.people;
    let mute = people.deny(&second, approval.id, "").await;
    assert!(matches!(mute, Err(Error::Invalid(_))), "{mute:?}");
    people.deny(&second, approval.id, "a customer").await.unwrap();
    let run = world.reaches(run.id, RunState::Refused).await;
    assert!(run.note.contains("denied by second"), "{}", run.note);
    let late = yes(&world, "third", &approval).await;
    assert!(is_conflict(&late), "{late:?}");
    assert_eq!(world.lab.acts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_lapses() {
    let (world, run, approval) = asked(1).await;
    world.advance(Duration::from_secs(14 * 60));
    world.engine.people.lapse_approvals().await.unwrap();
    assert_eq!(world.approval_of(run.id).await.state, ApprovalState::Waiting);
    world.advance(Duration::from_secs(61));
    // From this moment on a yes is too late, whether the lapse was written down or not.
    let late = yes(&world, "first", &approval).await;
    assert!(is_conflict(&late), "{late:?}");
    let run = world.reaches(run.id, RunState::Refused).await;
    assert!(run.note.contains("nobody answered in time"), "{}", run.note);
    assert_eq!(world.lab.acts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lapses_while_nothing_runs_lapses_after_the_start() {
    let (world, run, _) = asked(1).await;
    let world = world.restart(|_| ()).await;
    world.advance(Duration::from_secs(15 * 60 + 1));
    world.reaches(run.id, RunState::Refused).await;
    assert_eq!(world.lab.acts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_for_the_run_does_not_answer_for_it() {
    let (world, first, approval) = asked(1).await;
    let me = person("requester", Role::Responder);
    let start = world.engine.people.start_run(&me, "block", first.alert, Default::default()).await;
    let run = world.reaches(start.unwrap().id, RunState::Waiting).await;
    let mine = world.approval_of(run.id).await;
    let own = yes(&world, "requester", &mine).await;
    assert!(is_forbidden(&own), "{own:?}");
    assert_eq!(world.run(run.id).await.state, RunState::Waiting);
    yes(&world, "somebody", &mine).await.unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    // It is about the run, not the person: the run that the rule started is theirs to answer.
    yes(&world, "requester", &approval).await.unwrap();
    world.reaches(first.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_does_not_outlive_the_manifest_that_it_was_given_for() {
    let (world, run, approval) = asked(1).await;
    // Another version of the connector is installed while people think.
    let world = world
        .restart(|setup| {
            for (_, text) in &mut setup.content.manifests {
                *text = text.replace("title: Block an address", "title: Block an address quietly");
            }
        })
        .await;
    yes(&world, "first", &approval).await.unwrap();
    let run = world.reaches(run.id, RunState::Failed).await;
    assert!(run.note.contains("has changed since the plan"), "{}", run.note);
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    let fresh = world.alert("again", json!({ "block": "203.0.113.7" })).await;
    yes(&world, "first", &world.approval_of(fresh.id).await).await.unwrap();
    world.reaches(fresh.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_takes_its_question_with_it() {
    let (world, run, approval) = asked(1).await;
    let me = person("responder", Role::Responder);
    world.engine.people.cancel_run(&me, run.id, "a drill").await.unwrap();
    world.reaches(run.id, RunState::Cancelled).await;
    let late = yes(&world, "first", &approval).await;
    assert!(is_conflict(&late), "{late:?}");
    assert_eq!(world.lab.acts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_yes_of_many_at_once_counts_once() {
    let world = World::start(Setup::with(&[&playbook(2)])).await;
    let alert = |n| finding(&format!("attack {n}"), json!({ "block": format!("203.0.113.{n}") }));
    let body: String = (1..=20).map(alert).collect();
    world.deliver("ocsf", Trust::High, &body).await;
    world.settle().await;
    let approvals = world.approvals().await;
    assert_eq!(approvals.len(), 20);
    let votes =
        approvals.iter().flat_map(|approval| ["a", "b", "b", "c"].map(|who| (who, approval)));
    let all = votes.map(|(who, approval)| yes(&world, who, approval));
    let results = futures::future::join_all(all).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 40);
    for approval in &approvals {
        world.reaches(approval.run, RunState::Succeeded).await;
    }
    assert_eq!(world.lab.effects().len(), 20);
    world.stop().await;
}
