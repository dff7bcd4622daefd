//! The containment ledger.

use serde_json::json;
use stanch_store::{Error, Store};

use crate::{
    base::Base,
    sample::{at, containment, key, run, tenant},
};

const ADDRESS: &str = "203.0.113.7";

async fn put(store: &Store, rows: Vec<stanch_model::containment::Containment>) {
    let put = store.write(move |tx| rows.iter().try_for_each(|row| tx.put_containment(row)));
    put.await.unwrap();
}

pub(crate) async fn a_row_is_found_by_id_run_effect_and_state(base: Base) {
    let store = base.open().await;
    let row = containment(1, ADDRESS, json!({ "state": "intended" }));
    put(&store, vec![row.clone(), containment(2, "198.51.100.1", json!({}))]).await;
    let changed =
        containment(1, ADDRESS, json!({ "state": "unknown", "note": "the line was cut" }));
    put(&store, vec![changed.clone()]).await;

    let id = row.id;
    let found = store.read(move |view| {
        Ok((
            view.containment(&tenant(), id)?,
            view.containment_of(run(1), &key("block"))?,
            view.containments_in("unknown")?,
            view.containments_in("intended")?,
        ))
    });
    let (by_id, by_run, unknown, intended) = found.await.unwrap();
    assert_eq!((by_id, by_run), (changed.clone(), Some(changed.clone())));
    assert_eq!((unknown, intended), (vec![changed], vec![]));
    let missing = store.read(|view| view.containment_of(run(9), &key("block"))).await.unwrap();
    assert_eq!(missing, None);
    let missing = stanch_model::ContainmentId::new(uuid::Uuid::from_u128(9));
    let missing = store.read(move |view| view.containment(&tenant(), missing)).await;
    assert!(matches!(missing, Err(Error::NotFound { what: "containment", .. })), "{missing:?}");
}

pub(crate) async fn holders_are_the_other_live_ones(base: Base) {
    let store = base.open().await;
    let mine = containment(1, ADDRESS, json!({}));
    let rows = [
        mine.clone(),
        containment(2, ADDRESS, json!({})),
        containment(3, ADDRESS, json!({ "state": "undone" })),
        containment(4, ADDRESS, json!({ "state": "undoing" })),
        containment(5, "198.51.100.1", json!({})),
    ];
    put(&store, rows.to_vec()).await;
    let found = store.write(move |tx| {
        let live: Vec<_> = tx.other_live(&mine)?.into_iter().map(|row| row.run).collect();
        Ok((tx.other_holders(&mine)?, live))
    });
    let (holders, mut live) = found.await.unwrap();
    live.sort();
    assert_eq!((holders, live), (1, vec![run(2), run(4)]));
}

pub(crate) async fn what_is_due_is_what_is_live_and_over(base: Base) {
    let store = base.open().await;
    let row = |number, state: &str, expires: Option<u64>| {
        let expires = expires.map(at);
        containment(number, ADDRESS, json!({ "state": state, "expires_at": expires }))
    };
    let rows = vec![
        row(1, "verified", Some(20)),
        row(2, "accepted", Some(10)),
        row(3, "undone", Some(10)),
        row(4, "undo_failed", Some(10)),
        row(5, "verified", None),
        row(6, "verified", Some(30)),
    ];
    put(&store, rows).await;
    let due = async |seconds| {
        let due = store.read(move |view| view.containments_due(at(seconds))).await.unwrap();
        due.into_iter().map(|row| row.run).collect::<Vec<_>>()
    };
    assert_eq!(due(9).await, []);
    assert_eq!(due(25).await, [run(2), run(1)]);
}
