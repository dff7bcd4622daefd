//! The main job in one process: an alert in, a plan, a yes, an act that is verified, an undo, the books.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use crate::world::{Db, Setup, World, person, root};
use stanch_model::{
    audit::Verifier, containment::ContainmentState, event::Trust, incident::IncidentStatus,
    people::Role, run::RunState,
};

fn sample(path: &str) -> String {
    fs::read_to_string(root().join("content/samples").join(path)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beacon_is_contained_by_a_person_and_undone() {
    a_beacon_is_contained_by_a_person_and_undone_on(Db::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beacon_is_contained_by_a_person_and_undone_on_postgres() {
    a_beacon_is_contained_by_a_person_and_undone_on(Db::Postgres).await;
}

async fn a_beacon_is_contained_by_a_person_and_undone_on(db: Db) {
    let Some(setup) = Setup::default().on(db, "engine: the main job on PostgreSQL") else { return };
    let world = World::start(setup).await;
    assert_eq!(world.engine.library.findings, []);
    world.deliver("suricata", Trust::High, &sample("suricata/c2-beacon.ndjson")).await;
    world.settle().await;

    let approvals = world.approvals().await;
    let approval = approvals.iter().find(|a| a.playbook == "contain-c2-beacon").unwrap();
    assert_eq!(approval.plan.actions.len(), 2, "{:#?}", approval.plan);
    assert!(approval.plan.actions.iter().all(|action| action.practice));
    assert_eq!(approval.plan.hash(), approval.plan_hash);
    assert_eq!(world.lab.acts(), Vec::<serde_json::Value>::new(), "a plan does nothing");

    world.approve_all().await;
    let rows = world
        .eventually("both acts to be verified", async |world| {
            let rows = world.ledger().await;
            let run: Vec<_> = rows.into_iter().filter(|row| row.run == approval.run).collect();
            let done = run.len() == 2 && run.iter().all(|r| r.state == ContainmentState::Verified);
            done.then_some(run)
        })
        .await;
    world.settle().await;
    let runs = world.runs().await;
    let run = runs.iter().find(|run| run.id == approval.run).unwrap();
    assert_eq!(run.state, RunState::Succeeded, "{run:?}");
    let read = world.engine.core.store.read({
        let incident = run.incident.unwrap();
        move |view| view.incident(&stanch_model::TenantId::default(), incident)
    });
    let incident = read.await.unwrap();
    assert_eq!(incident.status, IncidentStatus::Contained);
    assert!(incident.acknowledged_at.is_some() && incident.contained_at.is_some());

    let me = person("responder", Role::Responder);
    for row in &rows {
        world.engine.people.undo(&me, row.id, "drill over").await.unwrap();
    }
    world
        .eventually("both to be undone", async |world| {
            let rows = world.ledger().await;
            let mut run = rows.iter().filter(|row| row.run == approval.run);
            run.all(|row| row.state == ContainmentState::Undone).then_some(())
        })
        .await;

    let entries = world.engine.core.store.read(|view| view.audit(0, 10_000)).await.unwrap();
    let mut verifier = Verifier::default();
    entries.iter().try_for_each(|entry| verifier.push(entry)).unwrap();
    for verb in [
        "incident.open",
        "run.start",
        "guard.decide",
        "approval.ask",
        "approval.approve",
        "action.intend",
        "action.accept",
        "action.verify",
        "run.end",
        "containment.undo",
        "containment.undone",
    ] {
        assert!(entries.iter().any(|entry| entry.verb == verb), "no {verb} in the audit");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_finds_its_playbook_and_brute_force_is_stopped_by_itself() {
    let world = World::start(Setup::default()).await;
    for (format, path) in [
        ("suricata", "suricata/c2-beacon.ndjson"),
        ("windows", "windows/ransomware.ndjson"),
        ("sshd", "sshd/bruteforce.log"),
        ("auditd", "auditd/web-shell.log"),
        ("ocsf", "ocsf/edr-findings.ndjson"),
    ] {
        world.deliver(format, Trust::High, &sample(path)).await;
    }
    world.settle().await;
    let runs = world.runs().await;
    for playbook in ["contain-c2-beacon", "contain-ransomware", "block-bruteforce"] {
        assert!(runs.iter().any(|run| run.playbook == playbook), "{playbook}: {runs:#?}");
    }
    let auto = runs.iter().find(|run| run.playbook == "block-bruteforce").unwrap();
    assert_eq!(auto.state, RunState::Succeeded, "{auto:?}");
    let ledger = world.ledger().await;
    let row = ledger.iter().find(|row| row.run == auto.id).unwrap();
    assert_eq!(row.state, ContainmentState::Verified);
    assert!(row.authorised_by.starts_with("guard"), "{row:?}");
    world.stop().await;
}
