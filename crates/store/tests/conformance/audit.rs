//! The audit chain.

use serde_json::json;
use stanch_model::audit::{AuditRecord, Verifier};
use stanch_store::Store;

use crate::{
    base::Base,
    sample::{NOW, tenant},
};

async fn append(store: &Store, number: u64) {
    let record = AuditRecord {
        tenant: tenant(),
        at: NOW,
        actor: "ann".to_owned(),
        verb: "kill_switch.engage",
        subject: "s".to_owned(),
        detail: json!({ "n": number, "text": "\u{0}ü" }),
    };
    store.write(move |tx| tx.audit_append(record)).await.unwrap();
}

pub(crate) async fn the_chain_holds_over_a_restart(base: Base) {
    for number in 0..4 {
        append(&base.open().await, number).await;
    }
    let store = base.open().await;
    let entries = store.read(|view| view.audit(0, 100)).await.unwrap();
    let mut verifier = Verifier::default();
    entries.iter().try_for_each(|entry| verifier.push(entry)).unwrap();
    let (sequence, hash) = store.read(|view| view.audit_head()).await.unwrap();
    assert_eq!((sequence, &hash), (4, &entries[3].hash));
    let after = store.read(|view| view.audit(2, 1)).await.unwrap();
    assert_eq!(after, entries[2..3]);
}

pub(crate) async fn a_changed_entry_shows(base: Base) {
    let store = base.open().await;
    for number in 0..3 {
        append(&store, number).await;
    }
    base.tamper("UPDATE audit SET document = replace(document, 'ann', 'eve') WHERE sequence = 2");
    let entries = store.read(|view| view.audit(0, 100)).await.unwrap();
    let mut verifier = Verifier::default();
    let verified: Vec<bool> = entries.iter().map(|entry| verifier.push(entry).is_ok()).collect();
    assert_eq!(verified[..2], [true, false]);
}

pub(crate) async fn pages_go_back_in_order(base: Base) {
    let store = base.open().await;
    for number in 0..5 {
        append(&store, number).await;
    }
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let (page, next) =
            store.read(move |view| view.audit_back(&tenant(), before, 2)).await.unwrap();
        seen.extend(page.into_iter().map(|entry| entry.sequence));
        before = next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}
