//! Backup of a running instance, and what a restored one does before it acts.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use crate::world::{Setup, World, person};
use serde_json::json;
use stanch_engine::{
    Error,
    backup::{RestoreError, restore},
};
use stanch_model::{
    Time,
    containment::{ContainmentState::Verified, DriftKind},
    guard::Mode,
    people::Role,
    run::RunState,
};

const PLAYBOOKS: &[&str] = &[
    r#"
playbook: block
title: Blocks for a day
max_mode: auto
on: { alert: "has(alert.fields.block)" }
steps:
  - { id: act, do: firewall.block_address, with: { address: "${{ has(alert.fields.block) ? string(alert.fields.block) : '' }}" }, expires: 24h }
"#,
    r#"
playbook: isolate
title: Asks first
max_mode: assist
on: { alert: "has(alert.fields.isolate)" }
steps:
  - { id: act, do: edr.isolate_host, with: { host: "${{ has(alert.fields.isolate) ? string(alert.fields.isolate) : '' }}" }, expires: 1h }
"#,
];

const ADDRESS: &str = "203.0.113.7";

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn take(world: &World) -> Vec<u8> {
    let kept = Kept::default();
    let admin = person("admin", Role::Admin);
    let contents = world.engine.backup(&admin, kept.clone()).await.unwrap();
    assert!(contents.files.iter().any(|file| file.name == "stanch.db"), "{contents:?}");
    assert!(contents.files.iter().any(|file| file.name.starts_with("intake/")), "{contents:?}");
    kept.0.lock().unwrap().clone()
}

/// The same world over a data folder made of `backup`.
async fn restored(world: World, backup: &[u8]) -> World {
    world
        .restart_on(|data| {
            std::fs::remove_dir_all(data).unwrap();
            restore(backup, data, Time::from_micros(1)).unwrap();
            std::fs::write(data.join("backup-left"), "by a killed process").unwrap();
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_instance_looks_before_it_acts_and_then_goes_on() {
    let world = World::start(Setup::with(PLAYBOOKS)).await;
    let run = world.alert("one", json!({ "block": ADDRESS })).await;
    let row = world.row_reaches(run.id, Verified).await;
    let asking = world.alert("two", json!({ "isolate": "ws-01" })).await;
    assert_eq!(asking.state, RunState::Waiting);
    let backup = take(&world).await;
    // The world moves on after the backup: somebody else lifts the block.
    world.lab.other_admin("DELETE", ADDRESS).await;
    // The target cannot be asked at first.
    world.lab.fail("GET /firewall", "error", None, 0).await;
    let effects = world.lab.effects();
    let world = restored(world, &backup).await;
    assert!(world.engine.core.restored().await.unwrap().is_some());
    assert!(!world.data().join("backup-left").exists(), "half a copy does not stay");
    let approval = world.approval_of(asking.id).await;
    let me = person("responder", Role::Responder);
    let vote = world.engine.people.approve(&me, approval.id, &approval.plan_hash, "").await;
    assert!(matches!(vote, Err(Error::Conflict(_))), "{vote:?}");
    // An alert is taken in and looked at later.
    world
        .deliver(
            "ocsf",
            stanch_model::event::Trust::High,
            &crate::world::finding("three", json!({ "block": "203.0.113.8" })),
        )
        .await;
    world
        .eventually("the first look", async |world| {
            let rows = world.rows(run.id).await;
            rows.into_iter().find_map(|row| row.drift)
        })
        .await;
    assert_eq!(world.lab.effects(), effects, "nothing was acted on");
    assert!(world.find_run_of("three").await.is_none());
    // A responder may not let it act; an administrator may.
    let refused = world.engine.people.accept_unreadable(&me, "no matter").await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    world.lab.mend().await;
    let admin = person("admin", Role::Admin);
    world.engine.people.accept_unreadable(&admin, "the firewall was rebuilt").await.unwrap();
    world.settle().await;
    let third = world.run_of("three").await;
    world.row_reaches(third.id, Verified).await;
    let found = world.engine.reconcile().await.unwrap();
    assert_eq!(found.missing, 1, "{found:?}");
    let drift =
        world.rows(run.id).await.into_iter().find(|found| found.id == row.id).unwrap().drift;
    assert_eq!(drift.unwrap().kind, DriftKind::Missing);
    // The question from before the backup is answered now.
    world.engine.people.approve(&me, approval.id, &approval.plan_hash, "").await.unwrap();
    world.row_reaches(asking.id, Verified).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_target_answers_nobody_is_needed_but_auto_is_gone() {
    let world = World::start(Setup::with(PLAYBOOKS)).await;
    let admin = person("admin", Role::Admin);
    world.engine.people.set_mode(&admin, "block", Mode::Auto).await.unwrap();
    let run = world.alert("one", json!({ "block": ADDRESS })).await;
    world.row_reaches(run.id, Verified).await;
    let backup = take(&world).await;
    let world = restored(world, &backup).await;
    world
        .eventually("the comparison", async |world| {
            world.engine.core.restored().await.unwrap().is_none().then_some(())
        })
        .await;
    let second = world.alert("two", json!({ "block": "203.0.113.9" })).await;
    assert_eq!((second.mode, second.state), (Mode::Assist, RunState::Waiting));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_is_refused_and_leaves_nothing() {
    let world = World::start(Setup::with(PLAYBOOKS)).await;
    world.alert("one", json!({ "block": ADDRESS })).await;
    let backup = take(&world).await;
    world.stop().await;
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("data");
    let attempt = |bytes: &[u8]| restore(bytes, &into, Time::from_micros(1));
    let nothing_left = || std::fs::read_dir(folder.path()).unwrap().next().is_none();
    let mut refused = 0;
    for cut in [0, 1, 511, 512, 4_096, backup.len() / 2, backup.len() - 2_048] {
        let error = attempt(backup.get(..cut).unwrap()).unwrap_err();
        assert!(matches!(error, RestoreError::Broken(_)), "cut at {cut}: {error}");
        assert!(nothing_left());
        refused += 1;
    }
    // One bit, at places all over it; the padding between entries may hold anything.
    for at in (0..backup.len()).step_by(backup.len() / 97) {
        let mut changed = backup.clone();
        *changed.get_mut(at).unwrap() ^= 1;
        match attempt(&changed) {
            Err(_) => {
                assert!(nothing_left());
                refused += 1;
            }
            Ok(_) => {
                let same = |name: &str| same_file(&into.join(name), &backup, name);
                assert!(same("stanch.db"), "a changed byte at {at} was taken for good");
                std::fs::remove_dir_all(&into).unwrap();
            }
        }
    }
    assert!(refused > 60, "{refused}");
    attempt(&backup).unwrap();
    assert!(matches!(attempt(&backup), Err(RestoreError::Taken(_))), "never over what is there");
}

fn same_file(path: &Path, backup: &[u8], name: &str) -> bool {
    let mut archive = tar::Archive::new(backup);
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut entry = entries.find(|entry| entry.path().unwrap() == Path::new(name)).unwrap();
    let mut original = Vec::new();
    std::io::Read::read_to_end(&mut entry, &mut original).unwrap();
    std::fs::read(path).unwrap() == original
}

#[test]
fn an_entry_that_would_climb_out_is_refused() {
    for name in ["../stanch.db", "/stanch.db", "intake/../../x", "a/b", "control.sock"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        let raw = header.as_gnu_mut().unwrap();
        raw.name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend([b'x'; 512]);
        bytes.extend([0; 1_024]);
        let folder = tempfile::tempdir().unwrap();
        let error = restore(bytes.as_slice(), &folder.path().join("data"), Time::default());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("does not belong"), "{name}: {error}");
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "{name}");
    }
}
