//! Intents: only on a fresh decision, and only where every budget has room.

use std::time::Duration;

use futures::future::join_all;
use stanch_model::{Time, guard::Counter};
use stanch_store::{Error, Store};

use crate::{
    base::Base,
    sample::{NOW, at, key, run, tenant},
};

fn counter(class: &str, limit: u32) -> Counter {
    Counter { class: class.to_owned(), window: Duration::from_secs(3_600), limit }
}

async fn intend(
    store: &Store,
    number: u128,
    epoch: u64,
    counters: &[Counter],
    now: Time,
) -> Result<(), Error> {
    let counters = counters.to_vec();
    let commit = store.write(move |tx| {
        tx.commit_intent(&tenant(), (run(number), &key("block")), epoch, &counters, now)
    });
    commit.await
}

async fn count(store: &Store, class: &'static str) -> u32 {
    let window = Duration::from_secs(3_600);
    store.read(move |view| view.intents(&tenant(), class, at(1), window)).await.unwrap()
}

pub(crate) async fn a_decision_from_before_a_change_of_epoch_is_refused(base: Base) {
    let store = base.open().await;
    intend(&store, 1, 0, &[counter("a", 9)], NOW).await.unwrap();
    let switch = store.write(|tx| tx.set_kill_switch(true, "ann", "drill", NOW)).await.unwrap();
    assert_eq!((switch.engaged, switch.epoch), (true, 1));
    let stale = intend(&store, 2, 0, &[counter("a", 9)], NOW).await;
    assert!(matches!(stale, Err(Error::StaleEpoch { decided: 0, found: 1 })), "{stale:?}");
    store.write(|tx| tx.raise_epoch()).await.unwrap();
    intend(&store, 2, 2, &[counter("a", 9)], NOW).await.unwrap();
    let (switch, epoch) =
        store.read(|view| Ok((view.kill_switch()?, view.guard_epoch()?))).await.unwrap();
    assert_eq!((switch.engaged, switch.by.as_deref(), epoch), (true, Some("ann"), 2));
}

pub(crate) async fn every_counter_must_have_room(base: Base) {
    let store = base.open().await;
    let counters = [counter("wide", 10), counter("narrow", 1)];
    intend(&store, 1, 0, &counters, NOW).await.unwrap();
    let over = intend(&store, 2, 0, &counters, NOW).await;
    assert!(
        matches!(&over, Err(Error::OverBudget { class, count: 1, limit: 1 }) if class == "narrow"),
        "{over:?}"
    );
    intend(&store, 2, 0, &counters[..1], NOW).await.unwrap();
    // One step counts once a class, however many counters watch it and however often it is written.
    let twice = [counter("wide", 10), counter("wide", 20)];
    intend(&store, 2, 0, &twice, NOW).await.unwrap();
    assert_eq!((count(&store, "wide").await, count(&store, "narrow").await), (2, 1));
}

pub(crate) async fn the_window_slides(base: Base) {
    let store = base.open().await;
    for (number, seconds) in [(1, 0), (2, 10)] {
        intend(&store, number, 0, &[counter("a", 2)], at(seconds)).await.unwrap();
    }
    let over = intend(&store, 3, 0, &[counter("a", 2)], at(3_599)).await;
    assert!(matches!(over, Err(Error::OverBudget { count: 2, .. })), "{over:?}");
    intend(&store, 3, 0, &[counter("a", 2)], at(3_600)).await.unwrap();
    let high = store.read(|view| view.high_water()).await.unwrap();
    assert_eq!(high, at(3_600), "an intent is a moment that the clock does not go behind");
}

pub(crate) async fn tenants_have_counters_of_their_own(base: Base) {
    let store = base.open().await;
    intend(&store, 1, 0, &[counter("a", 1)], NOW).await.unwrap();
    let other = store.write(|tx| {
        let tenant = stanch_model::TenantId("other".to_owned());
        tx.commit_intent(&tenant, (run(2), &key("block")), 0, &[counter("a", 1)], NOW)
    });
    other.await.unwrap();
}

pub(crate) async fn a_refused_intent_counts_nowhere(base: Base) {
    let store = base.open().await;
    let refused = store.write(|tx| {
        tx.commit_intent(&tenant(), (run(1), &key("block")), 0, &[counter("a", 9)], NOW)?;
        Err::<(), _>(Error::Conflict("the journal did not take it".to_owned()))
    });
    assert!(refused.await.is_err());
    assert_eq!(count(&store, "a").await, 0);
}

pub(crate) async fn at_once_they_do_not_exceed_a_limit(base: Base) {
    // Two processes, where the database lets two write.
    let stores = [base.open().await, base.open_for("log-2").await];
    let all = (0..30_u128).map(|number| {
        let store = stores[usize::from(number % 2 == 0)].clone();
        async move { intend(&store, number, 0, &[counter("a", 5)], NOW).await }
    });
    let done = join_all(all).await;
    let (well, over): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
    assert_eq!(well.len(), 5);
    for refusal in over {
        assert!(matches!(refusal, Err(Error::OverBudget { count: 5, .. })), "{refusal:?}");
    }
    assert_eq!(count(&stores[0], "a").await, 5);
}
