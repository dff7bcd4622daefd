//! Stop and start at every kind of moment: what was acknowledged goes on, and nothing happens twice.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use crate::world::{Setup, World, finding, person};
use serde_json::json;
use stanch_model::{
    RunId, TenantId,
    containment::ContainmentState::{Failed, Verified},
    event::Trust,
    people::Role,
    run::RunState,
};

const PLAYBOOKS: &[&str] = &[
    r#"
playbook: block
title: Blocks at once
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }, expires: 1h }
  - { id: after, do: incident.comment, with: { text: "It is blocked." } }
"#,
    r#"
playbook: ask-first
title: Blocks after a yes
max_mode: assist
on: { alert: "has(alert.fields.ask)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.ask) ? string(alert.fields.ask) : '' }}" }, expires: 1h }
"#,
    r#"
playbook: wait-first
title: Blocks after a while
max_mode: auto
on: { alert: "has(alert.fields.wait)" }
steps:
  - { id: pause, wait: 30m }
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.wait) ? string(alert.fields.wait) : '' }}" }, expires: 1h }
"#,
    r#"
playbook: question
title: Blocks if somebody says so
max_mode: auto
on: { alert: "has(alert.fields.question)" }
steps:
  - id: sure
    ask: "Block ${{ has(alert.fields.question) ? string(alert.fields.question) : '' }}?"
    options: [block, leave]
    within: 30m
    otherwise: leave
  - if: "steps.sure.answer == 'block'"
    then:
      - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.question) ? string(alert.fields.question) : '' }}" }, expires: 1h }
"#,
];

const ADDRESS: &str = "203.0.113.7";

async fn start() -> World {
    World::start(Setup::with(PLAYBOOKS)).await
}

fn put() -> String {
    format!("PUT /firewall/v1/blocked-addresses/{ADDRESS}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_becomes_an_alert_after_the_start() {
    let world = start().await;
    let alert = |n| finding(&format!("attack {n}"), json!({ "block": format!("203.0.113.{n}") }));
    for n in 1..=20 {
        world.deliver("ocsf", Trust::High, &alert(n)).await;
    }
    let world = world.restart(|_| ()).await;
    world.settle().await;
    for n in 1..=20 {
        assert_eq!(world.run_of(&format!("attack {n}")).await.state, RunState::Succeeded, "{n}");
    }
    assert_eq!(world.runs().await.len(), 20);
    assert_eq!(world.lab.effects().len(), 20);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_after_any_record_ends_with_one_effect() {
    // The records of a whole run: started, planned, decided, intended, accepted, verified, …
    for records in 1..=8 {
        let world = start().await;
        world.deliver("ocsf", Trust::High, &finding("attack", json!({ "block": ADDRESS }))).await;
        world
            .eventually("so many records", async |world| {
                let run = world.find_run_of("attack").await?;
                (world.journal(run.id).await.len() >= records).then_some(())
            })
            .await;
        let world = world.restart(|_| ()).await;
        let run = world.run_of("attack").await;
        world.reaches(run.id, RunState::Succeeded).await;
        assert_eq!(world.lab.effects(), [put()], "stopped after {records}");
        let rows = world.rows(run.id).await;
        assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [Verified]);
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_was_on_its_way_is_looked_up_and_not_repeated() {
    for (mode, expect) in [("delay", vec!["acted"]), ("error", vec!["failed", "acted"])] {
        let world = start().await;
        // Done or refused at once, answered when nobody listens any more.
        world.lab.fail("PUT /firewall", mode, Some(1), 60_000).await;
        world.deliver("ocsf", Trust::High, &finding("attack", json!({ "block": ADDRESS }))).await;
        world
            .eventually("the act to arrive", async |world| {
                (!world.lab.acts().is_empty()).then_some(())
            })
            .await;
        let world = world.restart(|_| ()).await;
        let run = world.run_of("attack").await;
        world.reaches(run.id, RunState::Succeeded).await;
        assert_eq!(world.lab.outcomes(), expect, "{mode}");
        let words = world.words(run.id).await;
        let looked = |word: &String| ["found", "probed"].contains(&word.as_str());
        assert!(words.iter().any(looked), "{words:?}");
        world.row_reaches(run.id, Verified).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_that_was_given_just_before_the_stop_is_carried_out_after_the_start() {
    let world = start().await;
    let run = world.alert("attack", json!({ "ask": ADDRESS })).await;
    assert_eq!(run.state, RunState::Waiting);
    let world = world.restart(|_| ()).await;
    world.settle().await;
    assert_eq!(world.lab.acts().len(), 0);
    assert_eq!(world.approve_all().await, 1);
    let world = world.restart(|_| ()).await;
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects(), [put()]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_survives_and_fires_once() {
    let world = start().await;
    let run = world.alert("attack", json!({ "wait": ADDRESS })).await;
    assert_eq!(run.state, RunState::Waiting);
    world.advance(Duration::from_secs(20 * 60));
    let world = world.restart(|_| ()).await;
    assert_eq!(world.run(run.id).await.state, RunState::Waiting, "it counts from when it was set");
    world.advance(Duration::from_secs(10 * 60 + 1));
    world.reaches(run.id, RunState::Succeeded).await;
    let world = world.restart(|_| ()).await;
    world.settle().await;
    let words = world.words(run.id).await;
    assert_eq!(words.iter().filter(|word| *word == "timer_fired").count(), 1, "{words:?}");
    assert_eq!(world.lab.effects(), [put()]);
    world.stop().await;
}

async fn question(world: &World, run: RunId) -> String {
    let read = world.engine.core.store.read(|view| view.questions(&TenantId::default(), None));
    let open = read.await.unwrap();
    open.into_iter().find(|question| question.run == run).unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_waits_over_a_restart_and_so_does_its_answer() {
    for (answer, effects) in [("block", vec![put()]), ("leave", vec![])] {
        let world = start().await;
        let run = world.alert("attack", json!({ "question": ADDRESS })).await;
        let world = world.restart(|_| ()).await;
        let id = question(&world, run.id).await;
        let me = person("responder", Role::Responder);
        world.engine.people.answer(&me, &id, answer).await.unwrap();
        let world = world.restart(|_| ()).await;
        world.reaches(run.id, RunState::Succeeded).await;
        assert_eq!(world.lab.effects(), effects, "{answer}");
        let again = world.engine.people.answer(&me, &id, answer).await;
        assert!(matches!(again, Err(stanch_engine::Error::Conflict(_))), "{again:?}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn an_answer_that_comes_while_the_run_lies_down_wakes_it() {
    let world = start().await;
    let alert =
        |n| finding(&format!("attack {n}"), json!({ "question": format!("203.0.113.{n}") }));
    let body: String = (0..200).map(alert).collect();
    world.deliver("ocsf", Trust::High, &body).await;
    // Each is answered as soon as it can be seen, which is when its driver is about to leave.
    let me = person("responder", Role::Responder);
    let mut answered = std::collections::BTreeSet::new();
    while answered.len() < 200 {
        let read = world.engine.core.store.read(|view| view.questions(&TenantId::default(), None));
        let open = read.await.unwrap().into_iter().map(|question| question.id);
        let new: Vec<String> = open.filter(|id| !answered.contains(id)).collect();
        let answers = new.iter().map(|id| world.engine.people.answer(&me, id, "leave"));
        let results = futures::future::join_all(answers).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        answered.extend(new);
    }
    world
        .eventually("all to end", async |world| {
            world.runs().await.iter().all(|run| run.state.is_final()).then_some(())
        })
        .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answered_takes_its_default_after_the_start() {
    let world = start().await;
    let run = world.alert("attack", json!({ "question": ADDRESS })).await;
    let world = world.restart(|_| ()).await;
    world.advance(Duration::from_secs(30 * 60 + 1));
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects(), Vec::<String>::new());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_keeps_the_playbook_that_it_started_with() {
    let world = start().await;
    let run = world.alert("attack", json!({ "ask": ADDRESS })).await;
    let world = world
        .restart(|setup| {
            for (_, text) in &mut setup.content.playbooks {
                *text = text.replace("string(alert.fields.ask) :", "'203.0.113.99' :");
            }
        })
        .await;
    world.approve_all().await;
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects(), [put()]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_began_before_the_stop_goes_on_after_the_start() {
    let world = World::start(Setup::default()).await;
    world.deliver("sshd", Trust::High, &world.failed_logins("198.51.100.23", 5)).await;
    world.settle().await;
    assert_eq!(world.runs().await.len(), 0, "five are not yet an attack");
    let world = world.restart(|_| ()).await;
    world.deliver("sshd", Trust::High, &world.failed_logins("198.51.100.23", 4)).await;
    world.settle().await;
    let runs = world.runs().await;
    let run = runs.iter().find(|run| run.playbook == "block-bruteforce").unwrap();
    world.reaches(run.id, RunState::Succeeded).await;
    assert_eq!(world.lab.effects(), ["PUT /firewall/v1/blocked-addresses/198.51.100.23"]);
    // What raised an alert before the stop raises none by being read once more.
    let alerts = async |world: &World| {
        let read = world.engine.core.store.read(|view| {
            view.sightings(&TenantId::default(), "198.51.100.23", stanch_model::Time::default())
        });
        read.await.unwrap()
    };
    let before = alerts(&world).await;
    let world = world.restart(|_| ()).await;
    world.settle().await;
    assert_eq!(alerts(&world).await, before);
    assert_eq!(world.lab.effects().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_act_is_in_the_ledger_as_failed_also_after_a_restart() {
    let world = start().await;
    world.lab.fail("PUT /firewall", "error", None, 0).await;
    let run = world.alert("attack", json!({ "block": ADDRESS })).await;
    assert_eq!(run.state, RunState::Failed);
    let world = world.restart(|_| ()).await;
    let row = world.row_reaches(run.id, Failed).await;
    let me = person("responder", Role::Responder);
    let undo = world.engine.people.undo(&me, row.id, "was it there?").await;
    assert!(matches!(undo, Err(stanch_engine::Error::Conflict(_))), "{undo:?}");
    world.stop().await;
}
