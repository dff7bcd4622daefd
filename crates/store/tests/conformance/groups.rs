//! Changes: all or nothing, many to a commit, each for itself.

use futures::future::join_all;
use stanch_store::Error;

use crate::{
    base::Base,
    sample::{NOW, run, token},
};

pub(crate) async fn a_refused_change_leaves_nothing_and_harms_no_neighbour(base: Base) {
    let store = base.open().await;
    let before = store.write(|tx| tx.set_bookmark("before", "1"));
    let bad = store.write(|tx| {
        tx.set_bookmark("bad", "1")?;
        Err::<(), _>(Error::Conflict("no".to_owned()))
    });
    let reads = store.write(|_| Err::<(), _>(Error::Conflict("it only looked".to_owned())));
    let after = store.write(|tx| tx.set_bookmark("after", "2"));
    let (before, bad, reads, after) = tokio::join!(biased; before, bad, reads, after);
    before.unwrap();
    assert!(matches!(bad, Err(Error::Conflict(text)) if text == "no"));
    assert!(matches!(reads, Err(Error::Conflict(text)) if text == "it only looked"));
    after.unwrap();
    let seen = store.read(|view| {
        Ok([view.bookmark("before")?, view.bookmark("bad")?, view.bookmark("after")?])
    });
    assert_eq!(seen.await.unwrap(), [Some("1".to_owned()), None, Some("2".to_owned())]);
}

pub(crate) async fn a_change_sees_what_it_wrote_and_what_its_group_wrote(base: Base) {
    let store = base.open().await;
    let first = store.write(|tx| {
        assert_eq!(tx.bookmark("a")?, None);
        tx.set_bookmark("a", "1")?;
        tx.bookmark("a")
    });
    let second = store.write(|tx| tx.bookmark("a"));
    let (first, second) = tokio::join!(biased; first, second);
    assert_eq!(first.unwrap().as_deref(), Some("1"));
    assert_eq!(second.unwrap().as_deref(), Some("1"));
}

/// The hash of a token is unique: the second change breaks that. It neither goes through in part nor
/// takes its neighbours along.
pub(crate) async fn a_failed_statement_is_its_own_changes_matter(base: Base) {
    let store = base.open().await;
    store.write(|tx| tx.add_session("h", &crate::sample::user(1, "ann"), NOW)).await.unwrap();
    let before = store.write(|tx| tx.set_bookmark("before", "1"));
    let broken = store.write(|tx| {
        tx.set_bookmark("broken", "1")?;
        tx.add_session("h", &crate::sample::user(2, "ben"), NOW)
    });
    let after = store.write(|tx| tx.add_token(&token(1, "t"), "x"));
    let (before, broken, after) = tokio::join!(biased; before, broken, after);
    before.unwrap();
    let text = broken.unwrap_err().to_string();
    assert!(!text.contains("ben"), "an error quotes no row: {text}");
    after.unwrap();
    let seen = store.read(|view| Ok((view.bookmark("before")?, view.bookmark("broken")?)));
    assert_eq!(seen.await.unwrap(), (Some("1".to_owned()), None));
    assert!(!*store.poison().borrow(), "a refused statement is no I/O error");
}

pub(crate) async fn many_writers_share_commits_and_lose_nothing(base: Base) {
    let store = base.open().await;
    let writers = (0..40_u128).map(|writer| {
        let store = store.clone();
        async move {
            for sequence in 0..10 {
                let payload = serde_json::json!({ "n": sequence });
                let append =
                    store.write(move |tx| tx.append_journal(run(writer), sequence, NOW, &payload));
                append.await.unwrap();
            }
        }
    });
    join_all(writers).await;
    drop(store);
    let store = base.open().await;
    for writer in 0..40 {
        let journal = store.read(move |view| view.journal(run(writer))).await.unwrap();
        assert_eq!(journal.len(), 10, "run {writer}");
    }
}

/// What is committed between two queries of one look is not seen by the second.
pub(crate) async fn a_look_is_of_one_moment(base: Base) {
    let store = base.open().await;
    let (looked, wait) = std::sync::mpsc::channel::<()>();
    let (go, changed) = std::sync::mpsc::channel::<()>();
    let look = store.read(move |view| {
        let before = view.bookmark("a")?;
        looked.send(()).unwrap();
        changed.recv().unwrap();
        Ok((before, view.bookmark("a")?))
    });
    let change = async {
        tokio::task::spawn_blocking(move || wait.recv().unwrap()).await.unwrap();
        store.write(|tx| tx.set_bookmark("a", "1")).await.unwrap();
        go.send(()).unwrap();
    };
    let (seen, ()) = tokio::join!(look, change);
    assert_eq!(seen.unwrap(), (None, None));
    let later = store.read(|view| view.bookmark("a")).await.unwrap();
    assert_eq!(later.as_deref(), Some("1"));
}
