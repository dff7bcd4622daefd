//! What the store promises: all or nothing, one writer per run, no intent against the guard.

use std::time::Duration;

use serde_json::json;
use stanch_model::{
    RunId, TenantId, Time,
    audit::{AuditRecord, Verifier},
    guard::Counter,
    plan::StepKey,
};
use uuid::Uuid;

use crate::{Error, Store};

const NOW: Time = Time::from_micros(1_800_000_000_000_000);

fn run() -> RunId {
    RunId::new(Uuid::from_u128(1))
}

fn key() -> StepKey {
    StepKey("block".to_owned())
}

#[tokio::test]
async fn a_refused_change_leaves_nothing_and_harms_no_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let bad = store.write(|tx| {
        tx.set_bookmark("a", "1")?;
        Err::<(), _>(Error::Conflict("no".to_owned()))
    });
    let good = store.write(|tx| tx.set_bookmark("b", "2"));
    let (bad, good) = tokio::join!(bad, good);
    assert!(matches!(bad, Err(Error::Conflict(_))));
    good.unwrap();
    let seen = store.read(|view| Ok((view.bookmark("a")?, view.bookmark("b")?))).await.unwrap();
    assert_eq!(seen, (None, Some("2".to_owned())));
}

#[tokio::test]
async fn the_journal_takes_only_the_next_record_and_shows_damage() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for sequence in 0..3 {
        store
            .write(move |tx| tx.append_journal(run(), sequence, NOW, &json!({ "n": sequence })))
            .await
            .unwrap();
    }
    for sequence in [1, 4] {
        let again =
            store.write(move |tx| tx.append_journal(run(), sequence, NOW, &json!({}))).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{sequence}");
    }
    assert_eq!(store.read(|view| view.journal(run())).await.unwrap().len(), 3);
    let raw = rusqlite::Connection::open(folder.path().join("stanch.db")).unwrap();
    raw.execute("UPDATE journal SET payload = '{\"n\":9}' WHERE sequence = 1", []).unwrap();
    let damaged = store.read(|view| view.journal(run())).await;
    assert!(matches!(damaged, Err(Error::Damaged { sequence: 1, .. })), "{damaged:?}");
}

#[tokio::test]
async fn an_intent_needs_a_fresh_decision_and_room_in_every_budget() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let counter = Counter {
        class: "firewall.block_address".to_owned(),
        window: Duration::from_secs(3_600),
        limit: 2,
    };
    let intend = |epoch: u64, at: Time| {
        let counters = [counter.clone()];
        store.write(move |tx| {
            tx.commit_intent(&TenantId::default(), (run(), &key()), epoch, &counters, at)
        })
    };
    intend(0, NOW).await.unwrap();
    store.write(|tx| tx.set_kill_switch(true, "a", "drill", NOW)).await.unwrap();
    let stale = intend(0, NOW.plus(Duration::from_secs(1))).await;
    assert!(matches!(stale, Err(Error::StaleEpoch { decided: 0, found: 1 })), "{stale:?}");
    intend(1, NOW.plus(Duration::from_secs(2))).await.unwrap();
    let over = intend(1, NOW.plus(Duration::from_secs(3))).await;
    assert!(matches!(over, Err(Error::OverBudget { count: 2, limit: 2, .. })), "{over:?}");
    // The window slides: an hour after the first there is room for one.
    intend(1, NOW.plus(Duration::from_secs(3_600))).await.unwrap();
}

#[tokio::test]
async fn the_audit_chain_holds_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..4 {
        let store = Store::open(folder.path()).unwrap();
        let record = AuditRecord {
            tenant: TenantId::default(),
            at: NOW,
            actor: "a".to_owned(),
            verb: "kill_switch.engage",
            subject: "s".to_owned(),
            detail: json!({ "n": n }),
        };
        store.write(move |tx| tx.audit_append(record)).await.unwrap();
    }
    let store = Store::open(folder.path()).unwrap();
    let entries = store.read(|view| view.audit(0, 100)).await.unwrap();
    let mut verifier = Verifier::default();
    entries.iter().try_for_each(|entry| verifier.push(entry)).unwrap();
    assert_eq!(verifier.head().0, 4);
}
