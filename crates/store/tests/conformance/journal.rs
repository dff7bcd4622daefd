//! The journal: gapless, checksummed, one writer a run.

use serde_json::json;
use stanch_store::{Error, Store};

use crate::{
    base::Base,
    sample::{NOW, at, run},
};

async fn write(store: &Store, records: u64) {
    for sequence in 0..records {
        let payload = json!({ "n": sequence, "text": "ünï\u{0}\n" });
        let append =
            store.write(move |tx| tx.append_journal(run(1), sequence, at(sequence), &payload));
        let entry = append.await.unwrap();
        assert_eq!((entry.run, entry.sequence, entry.at), (run(1), sequence, at(sequence)));
    }
}

async fn damaged(base: Base, tamper: &str, expect: u64) {
    let store = base.open().await;
    write(&store, 4).await;
    base.tamper(tamper);
    let read = store.read(|view| view.journal(run(1))).await;
    assert!(
        matches!(&read, Err(Error::Damaged { sequence, .. }) if *sequence == expect),
        "{tamper}: {read:?}"
    );
}

pub(crate) async fn it_takes_only_the_next_record(base: Base) {
    let store = base.open().await;
    write(&store, 3).await;
    for sequence in [0, 1, 2, 4, u64::MAX] {
        let again =
            store.write(move |tx| tx.append_journal(run(1), sequence, NOW, &json!({}))).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{sequence}: {again:?}");
    }
    // Two drivers of one run, in one group: one of them is refused.
    let append = || store.write(|tx| tx.append_journal(run(1), 3, NOW, &json!({})));
    let (one, other) = tokio::join!(append(), append());
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let first = store.write(|tx| tx.append_journal(run(2), 1, NOW, &json!({}))).await;
    assert!(matches!(first, Err(Error::Conflict(_))), "{first:?}");
    // One change may hold several.
    store
        .write(|tx| {
            tx.append_journal(run(2), 0, NOW, &json!({}))?;
            tx.append_journal(run(2), 1, NOW, &json!({}))
        })
        .await
        .unwrap();
    assert_eq!(store.read(|view| view.journal(run(1))).await.unwrap().len(), 4);
}

pub(crate) async fn a_changed_record_is_damage(base: Base) {
    damaged(base, "UPDATE journal SET payload = '{\"n\":9}' WHERE sequence = 1", 1).await;
}

pub(crate) async fn a_missing_record_is_damage(base: Base) {
    damaged(base, "DELETE FROM journal WHERE sequence = 2", 2).await;
}

pub(crate) async fn a_moved_record_is_damage(base: Base) {
    damaged(base, "UPDATE journal SET sequence = 9 WHERE sequence = 3", 9).await;
}

pub(crate) async fn it_is_there_after_a_restart(base: Base) {
    let store = base.open().await;
    write(&store, 3).await;
    drop(store);
    let store = base.open().await;
    let journal = store.read(|view| view.journal(run(1))).await.unwrap();
    let found: Vec<_> =
        journal.iter().map(|e| (e.sequence, e.at, e.payload["n"].clone())).collect();
    assert_eq!(found, [(0, at(0), json!(0)), (1, at(1), json!(1)), (2, at(2), json!(2))]);
    assert_eq!(journal[0].payload["text"], "ünï\u{0}\n");
    store.write(|tx| tx.append_journal(run(1), 3, NOW, &json!({}))).await.unwrap();
}
