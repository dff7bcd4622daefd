//! The reconciler: what the target shows against what the ledger says, and what people do about it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use crate::world::{Setup, World, person};
use serde_json::json;
use stanch_engine::Error;
use stanch_model::{
    containment::{
        Containment,
        ContainmentState::{Undone, Verified},
        DriftKind,
    },
    people::Role,
};

const PLAYBOOK: &str = r#"
playbook: block
title: Blocks for a day
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }, expires: 24h }
"#;

const ADDRESS: &str = "203.0.113.7";

async fn start() -> (World, Containment) {
    let world = World::start(Setup::with(&[PLAYBOOK])).await;
    let run = world.alert("attack", json!({ "block": ADDRESS })).await;
    let row = world.row_reaches(run.id, Verified).await;
    (world, row)
}

async fn row(world: &World, like: &Containment) -> Containment {
    world.rows(like.run).await.into_iter().find(|row| row.id == like.id).unwrap()
}

async fn drifts_in_the_audit(world: &World) -> Vec<String> {
    let entries = world.engine.core.store.read(|view| view.audit(0, 500)).await.unwrap();
    let verbs = entries.into_iter().map(|entry| entry.verb.clone());
    verbs.filter(|verb| verb.contains("drift")).map(|verb| verb.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_lifted_is_seen_once_and_over_when_it_is_back() {
    let (world, before) = start().await;
    let found = world.engine.reconcile().await.unwrap();
    assert_eq!((found.checked, found.missing), (1, 0), "{found:?}");
    assert!(row(&world, &before).await.checked_at.is_some());
    world.lab.other_admin("DELETE", ADDRESS).await;
    for _ in 0..2 {
        let found = world.engine.reconcile().await.unwrap();
        assert_eq!((found.checked, found.missing), (1, 1), "{found:?}");
    }
    let drift = row(&world, &before).await.drift.unwrap();
    assert_eq!(drift.kind, DriftKind::Missing);
    world.lab.other_admin("PUT", ADDRESS).await;
    world.engine.reconcile().await.unwrap();
    assert_eq!(row(&world, &before).await.drift, None);
    assert_eq!(drifts_in_the_audit(&world).await, ["containment.drift", "containment.drift_over"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_effect_that_is_accepted_ends_in_the_ledger_and_sends_nothing() {
    let (world, before) = start().await;
    let me = person("responder", Role::Responder);
    let accept = || world.engine.people.accept_drift(&me, before.id, "lifted by the network team");
    assert!(matches!(accept().await, Err(Error::Conflict(_))), "nothing differs yet");
    world.lab.other_admin("DELETE", ADDRESS).await;
    world.engine.reconcile().await.unwrap();
    let effects = world.lab.effects();
    let accepted = accept().await.unwrap();
    assert_eq!((accepted.state, accepted.drift), (Undone, None));
    assert_eq!(world.lab.effects(), effects);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_back_after_the_undo_is_undone_once_more_or_left_to_whoever_put_it_there() {
    for ours in [true, false] {
        let (world, before) = start().await;
        world.undo(&before).await;
        world.row_reaches(before.run, Undone).await;
        world.lab.other_admin("PUT", ADDRESS).await;
        let found = world.engine.reconcile().await.unwrap();
        assert_eq!((found.missing, found.still_there), (0, 1), "{found:?}");
        if ours {
            world.undo(&before).await;
            world
                .eventually("the second undo", async |world| {
                    let row = row(world, &before).await;
                    (row.state == Undone && row.drift.is_none()).then_some(())
                })
                .await;
            assert!(!world.lab.blocks(ADDRESS).await);
        } else {
            let me = person("responder", Role::Responder);
            world.engine.people.accept_drift(&me, before.id, "theirs").await.unwrap();
            assert!(world.lab.blocks(ADDRESS).await);
        }
        let found = world.engine.reconcile().await.unwrap();
        assert_eq!((found.missing, found.still_there), (0, 0), "{found:?}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_answer_is_said_to_be_unreadable_not_gone() {
    let (world, before) = start().await;
    world.lab.fail("GET /firewall", "error", None, 0).await;
    let found = world.engine.reconcile().await.unwrap();
    assert_eq!((found.checked, found.unreadable), (0, 1), "{found:?}");
    let after = row(&world, &before).await;
    assert_eq!(after.drift.unwrap().kind, DriftKind::Unreadable);
    assert_eq!(after.checked_at, None);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_looks_by_itself() {
    let (world, before) = start().await;
    world.lab.other_admin("DELETE", ADDRESS).await;
    world.advance(Duration::from_secs(16 * 60));
    world.eventually("the drift to be found", async |world| row(world, &before).await.drift).await;
    world.stop().await;
}
