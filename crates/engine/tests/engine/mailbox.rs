//! Two messages in one mailbox are two effects at one target: each comes back by itself.

use crate::world::{Setup, World};
use serde_json::json;
use stanch_model::containment::{
    Containment,
    ContainmentState::{Undone, Verified},
};

const PLAYBOOK: &str = r#"
playbook: quarantine
title: Quarantines a message
max_mode: auto
on: { alert: "has(alert.fields.message)" }
steps:
  - id: act
    do: mailbox.quarantine
    with: { mailbox: "${{ has(alert.fields.mailbox) ? string(alert.fields.mailbox) : '' }}", message: "${{ has(alert.fields.message) ? string(alert.fields.message) : '' }}" }
    expires: 1h
"#;

async fn quarantine(world: &World, title: &str, mailbox: &str, message: &str) -> Containment {
    let run = world.alert(title, json!({ "mailbox": mailbox, "message": message })).await;
    world.row_reaches(run.id, Verified).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_undo_of_one_message_does_not_wait_for_another() {
    let world = World::start(Setup::with(&[PLAYBOOK])).await;
    let first = quarantine(&world, "one", "finance@practice.example", "m-0001").await;
    let other = quarantine(&world, "two", "finance@practice.example", "m-0004").await;
    // The same message once more, by another spelling of the address.
    let again = quarantine(&world, "three", "Finance@Practice.Example", "m-0001").await;
    assert_eq!(first.target, again.target);

    world.undo(&other).await;
    let undone = world.row_reaches(other.run, Undone).await;
    assert_eq!(undone.note, "drill over", "nobody else holds that message");
    world.undo(&first).await;
    let undone = world.row_reaches(first.run, Undone).await;
    assert!(undone.note.contains("1 other containment"), "{}", undone.note);
    world.undo(&again).await;
    world.row_reaches(again.run, Undone).await;
    let act = |message: &str, verb: &str| format!("POST /mailbox/v1/messages/{message}/{verb}");
    let expect = [
        act("m-0001", "quarantine"),
        act("m-0004", "quarantine"),
        act("m-0001", "quarantine"),
        act("m-0004", "restore"),
        act("m-0001", "restore"),
    ];
    assert_eq!(world.lab.effects(), expect);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_stays_with_the_row_and_goes_to_whoever_comes_second() {
    let probe = "done: \"response.body.state == 'quarantined'\"\n    verify:";
    let keeps = "done: \"response.body.state == 'quarantined'\"\n      before: { was: response.body.state }\n    verify:";
    let world = World::start(Setup::with(&[PLAYBOOK]).manifests(probe, keeps)).await;
    let first = quarantine(&world, "one", "finance@practice.example", "m-0001").await;
    let delivered = json!({ "state": "quarantined", "before": { "was": "delivered" } });
    assert_eq!(first.output, delivered);
    // The probe of the second sees what the first one did; its undo still goes back to what was there.
    let second = quarantine(&world, "two", "finance@practice.example", "m-0001").await;
    assert_eq!((&second.output, second.prior), (&delivered, false));

    // An act whose answer is lost has no output, but what was there before it is on record.
    world.lab.fail("POST /mailbox", "error_after_success", Some(1), 0).await;
    let lost = quarantine(&world, "three", "sales@practice.example", "m-0002").await;
    assert_eq!(lost.output["before"], json!({ "was": "delivered" }));
    world.undo(&lost).await;
    world.row_reaches(lost.run, Undone).await;
    world.stop().await;
}
