//! Leases, and what a stale epoch cannot do any more.

use std::time::Duration;

use serde_json::json;
use stanch_store::{Error, Lease, Store};

use crate::{
    base::Base,
    sample::{NOW, at, run},
};

const TIME: Duration = Duration::from_secs(10);

async fn acquire(store: &Store, holder: &'static str, seconds: u64) -> Result<Lease, Error> {
    store.write(move |tx| tx.acquire_lease("engine", holder, at(seconds), TIME)).await
}

pub(crate) async fn one_holder_at_a_time(base: Base) {
    let store = base.open().await;
    assert_eq!(store.read(|view| view.lease("engine")).await.unwrap(), None);
    let held = acquire(&store, "one", 0).await.unwrap();
    assert_eq!((held.epoch, held.expires_at), (1, at(10)));
    let refused = acquire(&store, "two", 9).await;
    assert!(
        matches!(&refused, Err(Error::Held { holder, until, .. }) if holder == "one" && *until == at(10)),
        "{refused:?}"
    );
    let other = store.write(|tx| tx.acquire_lease("other", "two", NOW, TIME)).await.unwrap();
    assert_eq!(other.epoch, 1, "leases of other names are others");
    // Two that ask at once are in one group: one of them gets it.
    let store = &store;
    let (one, other) = tokio::join!(acquire(store, "three", 20), acquire(store, "four", 20));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

pub(crate) async fn a_lapsed_lease_goes_to_who_asks_and_its_epoch_goes_up(base: Base) {
    let store = base.open().await;
    let first = acquire(&store, "one", 0).await.unwrap();
    let second = acquire(&store, "two", 10).await.unwrap();
    assert_eq!((second.epoch, second.holder.as_str()), (2, "two"));
    let stale = store.write(move |tx| tx.renew_lease(&first, at(11), TIME)).await;
    assert!(
        matches!(&stale, Err(Error::StaleLease { holder, epoch: 1, .. }) if holder == "two"),
        "{stale:?}"
    );
    drop(store);
    let store = base.open().await;
    assert_eq!(store.read(|view| view.lease("engine")).await.unwrap(), Some(second));
}

pub(crate) async fn a_renewed_lease_does_not_lapse(base: Base) {
    let store = base.open().await;
    let first = acquire(&store, "one", 0).await.unwrap();
    let renewed = store.write(move |tx| tx.renew_lease(&first, at(8), TIME)).await.unwrap();
    assert_eq!((renewed.epoch, renewed.expires_at), (1, at(18)));
    assert!(matches!(acquire(&store, "two", 17).await, Err(Error::Held { .. })));
    // One that lapsed and that nobody took is renewed all the same.
    let late = store.write(move |tx| tx.renew_lease(&renewed, at(60), TIME)).await.unwrap();
    assert_eq!(late.epoch, 1);
}

pub(crate) async fn the_same_holder_starts_a_new_epoch(base: Base) {
    let store = base.open().await;
    let before = acquire(&store, "one", 0).await.unwrap();
    let after = acquire(&store, "one", 1).await.unwrap();
    assert_eq!(after.epoch, before.epoch + 1);
    let stale = store.write(move |tx| tx.demand_lease(&before)).await;
    assert!(matches!(stale, Err(Error::StaleLease { .. })), "{stale:?}");
}

pub(crate) async fn a_lease_given_back_need_not_be_waited_for(base: Base) {
    let store = base.open().await;
    let first = acquire(&store, "one", 0).await.unwrap();
    let (again, given) = (first.clone(), first.clone());
    store.write(move |tx| tx.release_lease(&given)).await.unwrap();
    let second = acquire(&store, "two", 1).await.unwrap();
    assert_eq!(second.epoch, 2, "a given back lease keeps its count");
    let stale = store.write(move |tx| tx.release_lease(&again)).await;
    assert!(matches!(stale, Err(Error::StaleLease { .. })), "{stale:?}");
}

pub(crate) async fn an_append_that_carries_a_stale_epoch_is_refused(base: Base) {
    let store = base.open().await;
    let append = |lease: &Lease, sequence: u64| {
        let lease = lease.clone();
        store.write(move |tx| {
            tx.demand_lease(&lease)?;
            tx.append_journal(run(1), sequence, NOW, &json!({ "by": lease.holder }))
        })
    };
    let first = acquire(&store, "one", 0).await.unwrap();
    append(&first, 0).await.unwrap();
    let second = acquire(&store, "two", 10).await.unwrap();
    let stale = append(&first, 1).await;
    assert!(matches!(stale, Err(Error::StaleLease { epoch: 1, .. })), "{stale:?}");
    append(&second, 1).await.unwrap();
    let journal = store.read(|view| view.journal(run(1))).await.unwrap();
    let by: Vec<_> = journal.iter().map(|entry| entry.payload["by"].clone()).collect();
    assert_eq!(by, ["one", "two"]);
}

/// A process that was paused: it knows nothing of the one that took over, and writes on.
pub(crate) async fn a_fenced_store_ends_with_its_lease(base: Base) {
    let (paused, taking_over) = (base.open().await, base.open_for("log-2").await);
    paused.fence(acquire(&paused, "one", 0).await.unwrap());
    paused.write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
    taking_over.fence(acquire(&taking_over, "two", 10).await.unwrap());
    taking_over.write(|tx| tx.set_bookmark("a", "2")).await.unwrap();

    let stale = paused.write(|tx| tx.set_bookmark("a", "1")).await;
    assert!(
        matches!(&stale, Err(Error::StaleLease { holder, .. }) if holder == "two"),
        "{stale:?}"
    );
    assert!(*paused.poison().borrow(), "whoever watches ends the process");
    assert!(matches!(paused.ended(), Error::StaleLease { .. }));
    let later = paused.write(|tx| tx.append_journal(run(1), 0, NOW, &json!({}))).await;
    assert!(matches!(later, Err(Error::StaleLease { .. })), "{later:?}");
    let seen = taking_over.read(|view| Ok((view.bookmark("a")?, view.journal(run(1))?.len())));
    assert_eq!(seen.await.unwrap(), (Some("2".to_owned()), 0));
    taking_over.write(|tx| tx.set_bookmark("a", "3")).await.unwrap();
}
