//! Timers.

use stanch_store::Timer;

use crate::{
    base::Base,
    sample::{at, key, run, tenant},
};

fn timer(number: u128, step: &str, due: u64) -> Timer {
    Timer { run: run(number), step: key(step), tenant: tenant(), due_at: at(due) }
}

pub(crate) async fn they_come_due_in_order(base: Base) {
    let store = base.open().await;
    let set = store.write(|tx| {
        tx.set_timer(&tenant(), run(1), &key("late"), at(30))?;
        tx.set_timer(&tenant(), run(2), &key("a"), at(10))?;
        tx.set_timer(&tenant(), run(1), &key("a"), at(20))
    });
    set.await.unwrap();
    let due = async |seconds| store.read(move |view| view.timers_due(at(seconds))).await.unwrap();
    assert_eq!(due(9).await, []);
    assert_eq!(due(10).await, [timer(2, "a", 10)]);
    assert_eq!(due(29).await, [timer(2, "a", 10), timer(1, "a", 20)]);
    assert_eq!(store.read(|view| view.timer_count()).await.unwrap(), 3);
}

pub(crate) async fn a_moved_timer_is_due_once(base: Base) {
    let store = base.open().await;
    for due in [10, 40] {
        let set = store.write(move |tx| tx.set_timer(&tenant(), run(1), &key("a"), at(due)));
        set.await.unwrap();
    }
    let due = async |seconds| store.read(move |view| view.timers_due(at(seconds))).await.unwrap();
    assert_eq!(due(39).await, []);
    assert_eq!(due(40).await, [timer(1, "a", 40)]);
}

pub(crate) async fn an_ended_run_has_none(base: Base) {
    let store = base.open().await;
    let set = store.write(|tx| {
        for (number, step) in [(1, "a"), (1, "b"), (1, "c"), (2, "a")] {
            tx.set_timer(&tenant(), run(number), &key(step), at(1))?;
        }
        tx.clear_timer(run(1), &key("a"))?;
        tx.clear_timer(run(1), &key("a"))?;
        Ok(tx.timers_due(at(1))?.len())
    });
    assert_eq!(set.await.unwrap(), 3);
    store.write(|tx| tx.close_run(&tenant(), run(1))).await.unwrap();
    let left = store.read(|view| view.timers_due(at(1))).await.unwrap();
    assert_eq!(left, [timer(2, "a", 1)]);
}
