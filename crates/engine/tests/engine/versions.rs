//! Versions of playbooks: drafts and reviews, what is in force after a start, and a folder that is followed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path, time::Duration};

use crate::world::{Setup, World, person};
use serde_json::json;
use stanch_engine::{Error, config::PlaybooksConfig, runs::FOLLOW_PERIOD};
use stanch_model::{
    TenantId,
    guard::Mode,
    people::{Actor, Role},
    run::RunState,
    version::{Origin, Version, VersionState},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Blocks for so long.
fn block(expires: &str) -> String {
    format!(
        r#"
playbook: block
title: Blocks what the alert says
max_mode: auto
on: {{ alert: "has(alert.fields.block)" }}
steps:
  - id: act
    do: firewall.block_address
    with: {{ address: "${{{{ has(alert.fields.block) ? string(alert.fields.block) : '' }}}}" }}
    expires: {expires}
"#
    )
}

async fn team(world: &World) -> (Actor, Actor, Actor) {
    (
        world.join("ann", Role::Responder).await,
        world.join("ben", Role::Responder).await,
        world.join("root", Role::Admin).await,
    )
}

async fn history(world: &World, playbook: &str) -> Vec<Version> {
    let name = playbook.to_owned();
    let store = &world.engine.core.store;
    store.read(move |view| view.versions(&TenantId::default(), &name)).await.unwrap()
}

/// Number, origin and state of each version, the oldest first.
async fn outline(world: &World, playbook: &str) -> Vec<String> {
    let mut versions = history(world, playbook).await;
    versions.reverse();
    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let line = |version: &Version| {
        let origin = word(serde_json::to_value(version.origin).unwrap());
        let state = word(serde_json::to_value(version.state).unwrap());
        format!("{} {origin} {state}", version.number)
    };
    versions.iter().map(line).collect()
}

async fn mode(world: &World, playbook: &str) -> Mode {
    world.engine.runs.mode(&TenantId::default(), playbook).await.unwrap()
}

fn expires(world: &World, playbook: &str) -> String {
    let loaded = world.engine.runs.playbooks().get(playbook).unwrap();
    let text = &loaded.playbook().text;
    text.split("expires: ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, why: &str) {
    let error = result.unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_in_force_after_somebody_else_reviewed_it() {
    let world = World::start(Setup::with(&[&block("1h")])).await;
    let (ann, ben, root) = team(&world).await;
    let people = &world.engine.people;
    let old = world.alert("before", json!({ "block": "203.0.113.1" })).await;
    assert_eq!((old.state, old.mode), (RunState::Succeeded, Mode::Auto));
    let cli = Actor { name: "ann-cli".to_owned(), ..ann.clone() };
    let (draft, findings) = people.draft(&cli, "block", &block("2h"), "too short").await.unwrap();
    assert_eq!((draft.number, draft.author.as_str(), findings.len()), (2, "ann", 0));
    refused(people.draft(&ben, "block", &block("2h"), "").await, "the text of version 2 already");
    refused(people.draft(&ben, "block", &block("1h"), "").await, "the text of version 1 already");
    refused(people.publish(&root, ("block", 2)).await, "it takes a review by somebody other");
    for author in [&ann, &cli] {
        let own = people.review(author, ("block", 2), true, "fine").await;
        assert!(matches!(own, Err(Error::Forbidden(_))), "{own:?}");
    }
    let robot = Actor { user: None, ..person("robot", Role::Admin) };
    refused(people.review(&robot, ("block", 2), true, "").await, "nobody owns this token");
    refused(people.draft(&robot, "block", &block("9h"), "").await, "nobody owns this token");
    people.review(&ben, ("block", 2), true, "makes sense").await.unwrap();
    refused(people.review(&root, ("block", 2), false, "no").await, "does not wait for a review");
    assert_eq!(expires(&world, "block"), "1h");
    people.publish(&root, ("block", 2)).await.unwrap();
    assert_eq!(expires(&world, "block"), "2h");
    assert_eq!(outline(&world, "block").await, ["1 content replaced", "2 draft published"]);

    // A new version has not earned what the one before had.
    assert_eq!(mode(&world, "block").await, Mode::Assist);
    assert_eq!(history(&world, "block").await[1].mode, Some(Mode::Auto));
    let new = world.alert("after", json!({ "block": "203.0.113.2" })).await;
    assert_eq!((new.state, new.mode), (RunState::Waiting, Mode::Assist));
    let digests: Vec<String> =
        history(&world, "block").await.into_iter().map(|version| version.digest).collect();
    assert_eq!((&new.playbook_digest, &old.playbook_digest), (&digests[0], &digests[1]));
    for (digest, run) in [(&digests[0], new.id), (&digests[1], old.id)] {
        let digest = digest.clone();
        let runs = world
            .engine
            .core
            .store
            .read(move |view| view.runs_of(&TenantId::default(), ("block", &digest), 10));
        let runs: Vec<_> = runs.await.unwrap().into_iter().map(|run| run.id).collect();
        assert_eq!(runs, [run]);
    }
    let told = &world.audit("playbook.publish").await[0];
    assert_eq!((told.actor.as_str(), &told.detail["author"]), ("root", &json!("ann")));
    assert_eq!(told.detail["reviews"][0]["by"], "ben");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_published_stays_in_force_whatever_the_program_brings() {
    let world = World::start(Setup::with(&[&block("1h")])).await;
    let (ann, ben, root) = team(&world).await;
    let people = &world.engine.people;
    people.draft(&ann, "block", &block("2h"), "").await.unwrap();
    people.review(&ben, ("block", 2), true, "").await.unwrap();
    people.publish(&root, ("block", 2)).await.unwrap();
    people.set_mode(&root, "block", Mode::Shadow).await.unwrap();
    let waits = world.alert("waits", json!({ "block": "203.0.113.1" })).await;
    let world = world.restart(|_| ()).await;
    assert_eq!(
        (expires(&world, "block").as_str(), mode(&world, "block").await),
        ("2h", Mode::Shadow)
    );
    // The program brings a newer text: it is there to be looked at, and not in force.
    let world = world.restart(|setup| setup.content.playbooks[0].1 = block("3h")).await;
    assert_eq!(expires(&world, "block"), "2h");
    let all = ["1 content replaced", "2 draft published", "3 content draft"];
    assert_eq!(outline(&world, "block").await, all);
    assert_eq!(world.audit("playbook.not_in_force").await[0].detail["version"], 3);
    let world = world.restart(|_| ()).await;
    assert_eq!(world.audit("playbook.not_in_force").await.len(), 1);
    let people = &world.engine.people;
    people.review(&ann, ("block", 3), true, "").await.unwrap();
    people.publish(&root, ("block", 3)).await.unwrap();
    assert_eq!(expires(&world, "block"), "3h");
    // Trusted no further than what it replaced.
    assert_eq!(mode(&world, "block").await, Mode::Shadow);
    // Back to what was in force before takes no second review: it had one.
    for (version, expect) in [(1, "1h"), (2, "2h")] {
        world.engine.people.publish(&root, ("block", version)).await.unwrap();
        assert_eq!(expires(&world, "block"), expect);
    }
    // And stays so.
    world.engine.people.publish(&root, ("block", 1)).await.unwrap();
    let world = world.restart(|_| ()).await;
    assert_eq!(expires(&world, "block"), "1h");
    assert_eq!(world.run(waits.id).await.playbook_digest, history(&world, "block").await[1].digest);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playbook_that_nobody_had_begins_as_a_draft_and_asks() {
    let world = World::start(Setup::with(&[])).await;
    let (ann, ben, root) = team(&world).await;
    let people = &world.engine.people;
    let broken = block("1h").replace("firewall.block_address", "firewall.blok_address");
    match people.draft(&ann, "block", &broken, "").await {
        Err(Error::Refused(findings)) => {
            assert!(findings.iter().any(|finding| finding.is_error()), "{findings:?}");
        }
        other => panic!("{other:?}"),
    }
    refused(people.draft(&ann, "blok", &block("1h"), "").await, "the text is the playbook `block`");
    people.draft(&ann, "block", &block("1h"), "").await.unwrap();
    people.review(&ben, ("block", 1), false, "no expiry").await.unwrap();
    refused(people.publish(&root, ("block", 1)).await, "is denied");
    refused(people.review(&ben, ("block", 7), true, "").await, "no version `block 7`");
    // The same text may be written again after a no.
    people.draft(&ann, "block", &block("1h"), "").await.unwrap();
    people.review(&ben, ("block", 2), true, "").await.unwrap();
    people.publish(&root, ("block", 2)).await.unwrap();
    let run = world.alert("attack", json!({ "block": "203.0.113.1" })).await;
    assert_eq!((run.state, run.mode), (RunState::Waiting, Mode::Assist));
    // It is there after a restart, and its run goes on.
    let world = world.restart(|_| ()).await;
    assert_eq!(expires(&world, "block"), "1h");
    world.approve_all().await;
    world.reaches(run.id, RunState::Succeeded).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_published_and_does_not_load_any_more_is_not_replaced_by_another_text() {
    let world = World::start(Setup::with(&[&block("1h")])).await;
    let (ann, ben, root) = team(&world).await;
    let people = &world.engine.people;
    let text = block("2h").replace("firewall.block_address", "lab.block_address");
    people.draft(&ann, "block", &text, "").await.unwrap();
    people.review(&ben, ("block", 2), true, "").await.unwrap();
    people.publish(&root, ("block", 2)).await.unwrap();
    // The connector loses the action that it names.
    let world = world
        .restart_with_findings(|setup| {
            for (_, text) in &mut setup.content.manifests {
                *text = text.replace("  block_address:", "  block_one_address:");
            }
        })
        .await;
    let found = &world.engine.library.findings;
    assert!(found.iter().any(|finding| finding.path == "version 2 of block"), "{found:?}");
    assert!(world.engine.runs.playbooks().get("block").is_none());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_alone_reviews_their_own_after_a_day() {
    let world = World::start(Setup::with(&[&block("1h")])).await;
    let root = world.join("root", Role::Admin).await;
    world.join("vera", Role::Viewer).await;
    let people = &world.engine.people;
    people.draft(&root, "block", &block("2h"), "").await.unwrap();
    let alone = people.review(&root, ("block", 2), true, "").await.unwrap();
    assert!(alone.alone_until.is_some());
    assert_eq!(world.audit("playbook.alone").await[0].detail["author"], "root");
    refused(people.publish(&root, ("block", 2)).await, "it can be published from");
    world.advance(DAY - MINUTE);
    refused(people.publish(&root, ("block", 2)).await, "it can be published from");
    world.advance(2 * MINUTE);
    people.publish(&root, ("block", 2)).await.unwrap();
    assert_eq!(expires(&world, "block"), "2h");
    people.draft(&root, "block", &block("3h"), "").await.unwrap();
    people.review(&root, ("block", 3), true, "").await.unwrap();
    world.join("ann", Role::Responder).await;
    world.advance(DAY + MINUTE);
    refused(people.publish(&root, ("block", 3)).await, "there are others by now");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_says_what_it_comes_to() {
    let world = World::start(Setup::with(&[&block("1h")])).await;
    let (ann, ..) = team(&world).await;
    let people = &world.engine.people;
    let text = block("2h").replace("max_mode: auto", "max_mode: assist");
    people.draft(&ann, "block", &text, "").await.unwrap();
    let diff = people.compare(&ann, "block", (1, 2)).await.unwrap();
    let what: Vec<_> = diff.changes.iter().map(|d| format!("{} {}", d.what, d.at)).collect();
    assert_eq!(what, ["max_mode ", "do act"]);
    assert!(diff.text.contains("-    expires: 1h\n+    expires: 2h\n"), "{}", diff.text);
    let same = people.compare(&ann, "block", (2, 2)).await.unwrap();
    assert_eq!((same.text.as_str(), same.changes.len()), ("", 0));
    world.stop().await;
}

/// Writes files of a followed folder as git would leave them.
fn write(folder: &Path, commit: char, files: &[(&str, &str)]) {
    fs::create_dir_all(folder.join(".git")).unwrap();
    fs::write(folder.join(".git/HEAD"), commit.to_string().repeat(40)).unwrap();
    for (path, text) in files {
        fs::write(folder.join(path), text).unwrap();
    }
}

/// Looks twice, as the clock does: what is being written is not taken.
async fn look(world: &World) -> bool {
    let (first, second) =
        (world.engine.versions.look().await.unwrap(), world.engine.versions.look().await.unwrap());
    first || second
}

async fn following(folder: &Path) -> World {
    let mut setup = Setup::with(&[&block("1h")]);
    setup.config.playbooks = PlaybooksConfig { follow: Some(folder.to_owned()) };
    World::start(setup).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_followed_as_far_as_it_checks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(
        path,
        'a',
        &[("block.yaml", &block("2h")), ("block.test.yaml", "- name: not a playbook")],
    );
    let world = following(path).await;
    assert_eq!(expires(&world, "block"), "2h");
    assert_eq!(outline(&world, "block").await, ["1 content replaced", "2 follow published"]);
    assert_eq!(history(&world, "block").await[0].commit, Some("a".repeat(40)));
    assert_eq!(mode(&world, "block").await, Mode::Assist);
    let ann = world.join("ann", Role::Responder).await;
    let own = world.engine.people.draft(&ann, "block", &block("9h"), "").await;
    refused(own, "comes from the folder that is followed");

    assert!(!look(&world).await, "nothing was changed");
    write(path, 'b', &[("block.yaml", &block("3h"))]);
    assert!(!world.engine.versions.look().await.unwrap(), "it may still be written");
    assert_eq!(expires(&world, "block"), "2h");
    assert!(world.engine.versions.look().await.unwrap());
    assert_eq!(expires(&world, "block"), "3h");
    assert_eq!(history(&world, "block").await[0].commit, Some("b".repeat(40)));

    // While git writes nothing is read.
    fs::write(path.join(".git/index.lock"), "").unwrap();
    write(path, 'c', &[("block.yaml", &block("4h"))]);
    assert!(!look(&world).await && !look(&world).await);
    fs::remove_file(path.join(".git/index.lock")).unwrap();
    assert!(look(&world).await);

    // What does not check changes nothing, and is told once.
    let broken = block("5h").replace("expires", "expirse");
    write(path, 'd', &[("block.yaml", &broken)]);
    assert!(look(&world).await);
    look(&world).await;
    assert_eq!(expires(&world, "block"), "4h");
    let told = world.audit("playbook.refuse").await;
    assert_eq!((told.len(), told[0].subject.as_str()), (1, "block.yaml"));
    assert!(told[0].detail["why"][0].as_str().unwrap().contains("expirse"), "{told:?}");
    // Nor after a restart.
    let world = world.restart_with_findings(|_| ()).await;
    assert_eq!(expires(&world, "block"), "4h");
    assert!(world.engine.library.findings[0].path.ends_with("block.yaml"));
    let own = world.engine.people.draft(&ann, "block", &block("9h"), "").await;
    refused(own, "comes from the folder that is followed");
    write(path, 'e', &[("block.yaml", &block("5h"))]);
    assert!(look(&world).await);
    assert_eq!(expires(&world, "block"), "5h");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_retires_its_playbook_and_a_folder_that_is_gone_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playbooks");
    fs::create_dir(&path).unwrap();
    let other = block("1h").replace("playbook: block", "playbook: other");
    write(&path, 'a', &[("block.yaml", &block("2h")), ("other.yaml", &other)]);
    let world = following(&path).await;
    let run = world.alert("attack", json!({ "block": "203.0.113.1" })).await;
    assert_eq!(run.state, RunState::Waiting);
    fs::remove_file(path.join("block.yaml")).unwrap();
    assert!(look(&world).await);
    assert!(world.engine.runs.playbooks().get("block").is_none());
    assert_eq!(outline(&world, "block").await, ["1 content replaced", "2 follow retired"]);
    assert!(world.engine.runs.playbooks().get("other").is_some());
    // The run that it started goes on with the text that it started with.
    world.approve_all().await;
    world.reaches(run.id, RunState::Succeeded).await;
    // A folder that was moved away, or is not mounted, is no order to drop everything.
    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    assert!(!look(&world).await);
    assert!(!look(&world).await);
    assert!(world.engine.runs.playbooks().get("other").is_some());
    assert_eq!(world.audit("playbook.not_followed").await.len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_taken_harm_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), block("7h").replace("playbook: block", "playbook: link")).unwrap();
    write(path, 'a', &[("a.yaml", &block("2h")), ("b.yaml", &block("3h"))]);
    fs::write(path.join("big.yaml"), "#".repeat(256 * 1024 + 1)).unwrap();
    fs::write(path.join("bytes.yaml"), [0xff, 0xfe]).unwrap();
    std::os::unix::fs::symlink(outside.path(), path.join("link.yaml")).unwrap();
    let world = following(path).await;
    assert_eq!(expires(&world, "block"), "2h");
    assert!(world.engine.runs.playbooks().get("link").is_none());
    let told = world.audit("playbook.refuse").await;
    let told: Vec<_> = told
        .iter()
        .map(|e| format!("{}: {}", e.subject, e.detail["why"][0].as_str().unwrap()))
        .collect();
    for (file, why) in [
        ("b.yaml", "a.yaml holds the playbook `block` already"),
        ("big.yaml", "longer than 256 KiB"),
        ("bytes.yaml", "no UTF-8"),
        ("link.yaml", "no plain file"),
    ] {
        let found = told.iter().find(|line| line.starts_with(file));
        assert!(found.is_some_and(|line| line.contains(why)), "{file}: {told:?}");
    }
    assert_eq!(told.len(), 4);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_follows_as_well() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 'a', &[("block.yaml", &block("2h"))]);
    let world = following(folder.path()).await;
    write(folder.path(), 'b', &[("block.yaml", &block("3h"))]);
    assert!(FOLLOW_PERIOD < MINUTE);
    let taken = async |world: &World| (expires(world, "block") == "3h").then_some(());
    world.eventually("the folder to be followed", taken).await;
    let origin = history(&world, "block").await[0].clone();
    assert_eq!((origin.origin, origin.state), (Origin::Follow, VersionState::Published));
    world.stop().await;
}
