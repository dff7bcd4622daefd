//! The ledger: expiry, overlap, what was there before us, undo across a restart; exactly one way back.

use std::time::Duration;

use crate::world::{Setup, World};
use serde_json::json;
use stanch_model::{
    containment::ContainmentState::{Undoing, Undone, Unknown, Verified},
    run::RunState,
};

const PLAYBOOKS: &[&str] = &[
    r#"
playbook: block
title: Blocks for an hour
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }, expires: 1h }
"#,
    r#"
playbook: isolate
title: Isolates for a minute
max_mode: auto
on: { alert: "has(alert.fields.isolate)" }
steps:
  - { id: act, do: edr.isolate_host, with: { host: "${{ has(alert.fields.isolate) ? string(alert.fields.isolate) : '' }}" }, expires: 1m }
"#,
];

const ADDRESS: &str = "203.0.113.7";

fn put() -> String {
    format!("PUT /firewall/v1/blocked-addresses/{ADDRESS}")
}

fn delete() -> String {
    format!("DELETE /firewall/v1/blocked-addresses/{ADDRESS}")
}

async fn start() -> World {
    World::start(Setup::with(PLAYBOOKS)).await
}

async fn block(world: &World, title: &str) -> stanch_model::containment::Containment {
    let run = world.alert(title, json!({ "block": ADDRESS })).await;
    assert_eq!(run.state, RunState::Succeeded, "{run:?}");
    world.row_reaches(run.id, Verified).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_lifted_once_and_nothing_before() {
    let world = start().await;
    let first = world.alert("one", json!({ "isolate": "ws-01" })).await;
    world.advance(Duration::from_secs(30));
    let second = world.alert("two", json!({ "isolate": "ws-02" })).await;
    world.advance(Duration::from_secs(31));
    let row = world.row_reaches(first.id, Undone).await;
    assert_eq!(row.undone_by.as_deref(), Some("expiry"));
    world.row_reaches(second.id, Verified).await;
    let isolation = |method: &str, host: &str| format!("{method} /edr/v1/hosts/{host}/isolation");
    let mut expect =
        vec![isolation("POST", "ws-01"), isolation("POST", "ws-02"), isolation("DELETE", "ws-01")];
    assert_eq!(world.lab.effects(), expect);
    world.advance(Duration::from_secs(30));
    world.row_reaches(second.id, Undone).await;
    expect.push(isolation("DELETE", "ws-02"));
    assert_eq!(world.lab.effects(), expect);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_while_nothing_runs_is_lifted_after_the_start() {
    let world = start().await;
    let run = world.alert("ransomware", json!({ "isolate": "ws-01" })).await;
    world.row_reaches(run.id, Verified).await;
    // The playbook that caused it is gone meanwhile.
    let world = world.restart(|setup| setup.content.playbooks.clear()).await;
    world.advance(Duration::from_secs(61));
    world.row_reaches(run.id, Undone).await;
    assert_eq!(world.lab.effects().last().unwrap(), "DELETE /edr/v1/hosts/ws-01/isolation");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_target_lifted_by_itself_is_not_sent_once_more() {
    let world = start().await;
    let row = block(&world, "attack").await;
    world.lab.other_admin("DELETE", ADDRESS).await;
    world.advance(Duration::from_secs(3_601));
    world.row_reaches(row.run, Undone).await;
    assert_eq!(world.lab.effects(), [put(), delete()], "one delete, and that was not ours");
    let keys: Vec<_> = world.lab.acts().into_iter().map(|act| act["key"].clone()).collect();
    assert!(!keys.iter().any(|key| key.as_str().unwrap().ends_with(".undo")), "{keys:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_that_two_hold_stays_until_the_second_lets_go() {
    for first in [0, 1] {
        let world = start().await;
        let rows = [block(&world, "one").await, block(&world, "two").await];
        assert!(rows.iter().all(|row| !row.prior), "{rows:?}");
        world.undo(&rows[first]).await;
        let undone = world.row_reaches(rows[first].run, Undone).await;
        assert!(undone.note.contains("1 other containment"), "{}", undone.note);
        assert!(world.lab.blocks(ADDRESS).await);
        world.undo(&rows[1 - first]).await;
        world.row_reaches(rows[1 - first].run, Undone).await;
        assert!(!world.lab.blocks(ADDRESS).await);
        assert_eq!(world.lab.effects(), [put(), put(), delete()]);
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_undos_at_once_leave_nothing_behind() {
    let world = start().await;
    let rows = [block(&world, "one").await, block(&world, "two").await];
    futures::future::join(world.undo(&rows[0]), world.undo(&rows[1])).await;
    for row in &rows {
        world.row_reaches(row.run, Undone).await;
    }
    assert!(!world.lab.blocks(ADDRESS).await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_us_stays_however_many_of_ours_came_on_top() {
    for ours in [1, 2] {
        let world = start().await;
        world.lab.other_admin("PUT", ADDRESS).await;
        let mut rows = Vec::new();
        for number in 0..ours {
            rows.push(block(&world, &format!("attack {number}")).await);
        }
        assert!(rows.iter().all(|row| row.prior), "{rows:?}");
        for row in &rows {
            world.undo(row).await;
            let undone = world.row_reaches(row.run, Undone).await;
            assert!(undone.note.contains("before we acted"), "{}", undone.note);
        }
        assert!(world.lab.blocks(ADDRESS).await);
        assert!(!world.lab.effects().contains(&delete()));
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_could_not_take_back_is_still_ours_for_the_next() {
    let world = World::start(Setup::with(PLAYBOOKS).manifests("within: 15s", "within: 2s")).await;
    let first = block(&world, "one").await;
    world.lab.fail("DELETE /firewall", "error", None, 0).await;
    world.undo(&first).await;
    world.row_reaches(first.run, Undoing).await;
    // Blocked once more while the first is on its way out: not another administrator's.
    let second = block(&world, "two").await;
    assert!(!second.prior, "{second:?}");
    world.lab.mend().await;
    world.row_reaches(first.run, Undone).await;
    world.undo(&second).await;
    world.row_reaches(second.run, Undone).await;
    assert!(!world.lab.blocks(ADDRESS).await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_of_unknown_outcome_expires_like_any_other_and_its_run_can_still_be_settled() {
    for (happened, expect) in [(true, RunState::Succeeded), (false, RunState::Failed)] {
        let world = start().await;
        world.lab.fail("PUT /firewall", "reset", Some(1), 0).await;
        // The question before the act is answered, those after it are not.
        world.lab.fail("GET /firewall", "delay", Some(1), 0).await;
        world.lab.fail("GET /firewall", "error", None, 0).await;
        let run = world.alert("attack", json!({ "block": ADDRESS })).await;
        let row = world.row_reaches(run.id, Unknown).await;
        world.lab.mend().await;
        world.advance(Duration::from_secs(3_601));
        world.row_reaches(run.id, Undone).await;
        assert_eq!(world.lab.effects(), [put(), delete()]);
        assert_eq!(world.run(run.id).await.state, RunState::Waiting);
        let me = crate::world::person("responder", stanch_model::people::Role::Responder);
        world.engine.people.resolve(&me, row.id, happened, "so says the log").await.unwrap();
        world.reaches(run.id, expect).await;
        assert_eq!(world.rows(run.id).await[0].state, Undone);
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_that_a_stop_cut_off_goes_on_after_the_start() {
    // Cut off before the target did it, and after.
    for (mode, delay_ms) in [("error", 0), ("delay", 60_000)] {
        let world = start().await;
        let row = block(&world, "attack").await;
        world.lab.fail("DELETE /firewall", mode, None, delay_ms).await;
        world.undo(&row).await;
        world
            .eventually("the undo to be under way", async |world| {
                (world.lab.acts().len() > 1).then_some(())
            })
            .await;
        world.lab.mend().await;
        let world = world.restart(|_| ()).await;
        world.row_reaches(row.run, Undone).await;
        assert!(!world.lab.blocks(ADDRESS).await);
        assert_eq!(world.lab.effects(), [put(), delete()], "{mode}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_needs_no_released_kill_switch() {
    let world = start().await;
    let by_person = block(&world, "attack").await;
    let by_expiry = world.alert("ransomware", json!({ "isolate": "ws-01" })).await;
    world.row_reaches(by_expiry.id, Verified).await;
    world.set_kill_switch(true).await;
    world.undo(&by_person).await;
    world.row_reaches(by_person.run, Undone).await;
    world.advance(Duration::from_secs(61));
    world.row_reaches(by_expiry.id, Undone).await;
    assert!(!world.lab.blocks(ADDRESS).await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_containment_is_taken_back_once() {
    let world = start().await;
    let row = block(&world, "attack").await;
    let me = crate::world::person("responder", stanch_model::people::Role::Responder);
    let people = &world.engine.people;
    let without_reason = people.undo(&me, row.id, " ").await;
    assert!(matches!(without_reason, Err(stanch_engine::Error::Invalid(_))));
    let both = futures::future::join(
        people.undo(&me, row.id, "false alarm"),
        people.undo(&me, row.id, "false alarm"),
    );
    let (one, other) = both.await;
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    world.row_reaches(row.run, Undone).await;
    let again = people.undo(&me, row.id, "once more").await;
    assert!(matches!(again, Err(stanch_engine::Error::Conflict(_))), "{again:?}");
    assert_eq!(world.lab.effects(), [put(), delete()]);
    world.stop().await;
}
