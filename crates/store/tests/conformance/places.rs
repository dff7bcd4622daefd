//! Where the stages stand: offsets, triggers, the clock's floor, sources.

use std::time::Duration;

use stanch_model::EventId;

use crate::{
    base::Base,
    sample::{NOW, alert, at, tenant},
};

const fn event(segment: u64, sequence: u64) -> EventId {
    EventId { segment, sequence }
}

/// A batch is taken once: its offset is there if and only if what came of it is.
pub(crate) async fn the_intake_offset_moves_with_what_came_of_it(base: Base) {
    let store = base.open().await;
    assert_eq!(store.read(|view| view.intake_offset()).await.unwrap(), None);
    let take = store.write(|tx| {
        tx.put_alert(&alert(1, serde_json::json!({})))?;
        tx.set_intake_offset(event(1, 9))
    });
    take.await.unwrap();
    let refused = store.write(|tx| {
        tx.set_intake_offset(event(1, 10))?;
        Err::<(), _>(stanch_store::Error::Conflict("a rule failed".to_owned()))
    });
    assert!(refused.await.is_err());
    store.write(|tx| tx.set_own_bookmark("file", "7")).await.unwrap();
    drop(store);
    let here = base.open().await;
    let seen = async |store: &stanch_store::Store| {
        store.read(|view| Ok((view.intake_offset()?, view.own_bookmark("file")?))).await.unwrap()
    };
    assert_eq!(seen(&here).await, (Some(event(1, 9)), Some("7".to_owned())));
    // Another process has a log and files of its own: it does not skip what it has not read.
    if matches!(base, Base::Postgres { .. }) {
        let there = base.open_for("log-2").await;
        assert_eq!(seen(&there).await, (None, None));
        there.write(|tx| tx.set_intake_offset(event(1, 3))).await.unwrap();
        assert_eq!(seen(&here).await.0, Some(event(1, 9)));
    }
}

pub(crate) async fn a_trigger_fires_once_within_its_window(base: Base) {
    let store = base.open().await;
    let fire = async |key: &'static str, seconds| {
        let window = Duration::from_secs(100);
        store.write(move |tx| tx.fire(&tenant(), "d", key, at(seconds), window)).await.unwrap()
    };
    assert!(fire("k", 0).await);
    assert!(!fire("k", 99).await);
    assert!(!fire("k", 100).await, "still within the window of the first");
    assert!(fire("k", 101).await);
    assert!(!fire("k", 150).await);
    assert!(fire("other", 150).await);
    let seen = store.read(|view| {
        Ok((
            view.has_fired(&tenant(), "d", "k")?,
            view.has_fired(&tenant(), "e", "k")?,
            view.fired_since(&tenant(), "d", at(101))?,
            view.fired_since(&tenant(), "d", at(100))?,
        ))
    });
    assert_eq!(seen.await.unwrap(), (true, false, 1, 2));
}

pub(crate) async fn time_never_goes_back(base: Base) {
    let store = base.open().await;
    for seconds in [5, 3] {
        store.write(move |tx| tx.raise_high_water(at(seconds))).await.unwrap();
    }
    drop(store);
    let store = base.open().await;
    assert_eq!(store.read(|view| view.high_water()).await.unwrap(), at(5));
}

pub(crate) async fn sources_are_counted(base: Base) {
    let store = base.open().await;
    let count = store.write(|tx| {
        tx.add_dead_letter(&tenant(), "sshd", 3, NOW, ("no time", "x\u{0}y"))?;
        tx.count_source(&tenant(), "sshd", "high", (10, 0), Some(at(1)))?;
        tx.count_source(&tenant(), "sshd", "low", (0, 2), None)?;
        tx.count_source(&tenant(), "auditd", "low", (1, 0), Some(at(2)))
    });
    count.await.unwrap();
    let sources = store.read(|view| view.sources(&tenant())).await.unwrap();
    let found: Vec<_> = sources
        .iter()
        .map(|s| (s.name.as_str(), s.trust.as_str(), s.events, s.dead_letters, s.last_event_at))
        .collect();
    assert_eq!(found, [("auditd", "low", 1, 0, Some(at(2))), ("sshd", "high", 10, 3, Some(at(1)))]);
    let (letters, next) = store.read(|view| view.dead_letters(&tenant(), None, 10)).await.unwrap();
    assert_eq!((letters.len(), next), (1, None));
    assert_eq!((letters[0].line, letters[0].reason.as_str(), letters[0].at), (3, "no time", NOW));
}
