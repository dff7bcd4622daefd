//! Order, rotation, resumption, retries, limits.

use stanch_model::EventId;

use super::{SMALL, batch, id, open, read_all, texts};
use crate::{Error, IntakeLog, KEY_BYTES_MAX, Options, RECORD_BYTES_MAX, verify};

#[tokio::test]
async fn what_is_appended_is_read_across_segments_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let mut expect = Vec::new();
    for round in 0..3 {
        let (log, recovery) = open(dir.path(), SMALL);
        assert_eq!(recovery.truncated_bytes, 0);
        assert_eq!(recovery.last, expect.last().map(|(id, _)| *id));
        for n in 0..20 {
            let text = format!("round {round} record {n} {}", "x".repeat(50));
            let ids = log.append(vec![text.clone().into_bytes()]).await.unwrap();
            expect.extend(ids.into_iter().map(|id| (id, text.clone())));
        }
        assert_eq!(read_all(&log).await, expect);
        assert_eq!(*log.acknowledged().borrow(), expect.last().map(|(id, _)| *id));
        log.close().await.unwrap();
    }
    assert!(expect.is_sorted_by(|(a, _), (b, _)| a < b), "ids only grow");
    let segments = expect.last().unwrap().0.segment;
    assert!(segments > 5, "rotated: {segments}");
    let whole = verify(dir.path()).unwrap();
    assert_eq!((whole.segments, whole.records, whole.torn_bytes), (segments, 60, 0));
}

#[tokio::test]
async fn a_batch_is_never_split_between_segments() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    for _ in 0..10 {
        let ids = log.append(batch(&["one", "two", "three", "four", "five"])).await.unwrap();
        assert!(ids.iter().all(|id| id.segment == ids[0].segment), "{ids:?}");
    }
    assert_eq!(texts(&log).await.len(), 50);
}

#[tokio::test]
async fn a_consumer_goes_on_after_what_it_has_finished() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    for n in 0..30 {
        log.append(vec![format!("{n:060}").into_bytes()]).await.unwrap();
    }
    let all = read_all(&log).await;
    for (n, (done, _)) in all.iter().enumerate() {
        let mut reader = log.reader_after(Some(*done)).unwrap();
        let expect = all.get(n + 1).map(|(id, _)| *id);
        assert_eq!(reader.next().await.unwrap().map(|(id, _)| id), expect);
    }
    let last = all.last().unwrap().0;
    let beyond = EventId { segment: last.segment, sequence: last.sequence + 1 };
    let error = log.reader_after(Some(beyond)).unwrap_err();
    assert!(
        matches!(error, Error::Ahead { after, last: Some(end) } if after == beyond && end == last)
    );
}

#[tokio::test]
async fn a_batch_of_the_reader_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), Options::default());
    log.append(batch(&["a", "b", "c", "d", "e"])).await.unwrap();
    let mut reader = log.reader(id(1, 1));
    assert_eq!(reader.next_batch(3).await.unwrap().len(), 3);
    assert_eq!(reader.next_batch(3).await.unwrap(), vec![(id(1, 4), b"e".to_vec())]);
    assert_eq!(reader.next_batch(3).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_retry_is_recognised_before_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    let first = log.append_once(Some("eve:7"), batch(&["a", "b"])).await.unwrap();
    assert!(!first.duplicate);
    let again = log.append_once(Some("eve:7"), batch(&["a", "b"])).await.unwrap();
    assert_eq!((again.duplicate, &again.ids), (true, &first.ids));
    let other = log.append_once(Some("eve:8"), batch(&["a", "b"])).await.unwrap();
    assert!(!other.duplicate);
    log.close().await.unwrap();

    let (log, _) = open(dir.path(), SMALL);
    let again = log.append_once(Some("eve:7"), batch(&["a", "b"])).await.unwrap();
    assert_eq!((again.duplicate, again.ids), (true, first.ids));
    assert_eq!(texts(&log).await, ["a", "b", "a", "b"]);
}

#[tokio::test]
async fn the_window_of_retries_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), Options { keys_max: 2, ..Options::default() });
    for key in ["1", "2", "3"] {
        log.append_once(Some(key), batch(&["x"])).await.unwrap();
    }
    assert!(log.append_once(Some("2"), batch(&["x"])).await.unwrap().duplicate);
    assert!(log.append_once(Some("3"), batch(&["x"])).await.unwrap().duplicate);
    assert!(!log.append_once(Some("1"), batch(&["x"])).await.unwrap().duplicate);
}

#[tokio::test]
async fn limits_hold_just_above_and_not_just_below() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), Options::default());
    log.append(vec![vec![b'x'; RECORD_BYTES_MAX]]).await.unwrap();
    let error = log.append(vec![vec![], vec![b'x'; RECORD_BYTES_MAX + 1]]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "record 1 of the batch has 1048577 bytes; at most 1048576 are taken"
    );
    let key = "k".repeat(KEY_BYTES_MAX);
    log.append_once(Some(&key), vec![vec![b'y'; RECORD_BYTES_MAX]]).await.unwrap();
    let error = log.append_once(Some(&format!("{key}k")), batch(&["x"])).await.unwrap_err();
    assert!(matches!(error, Error::KeyLength { bytes: 256 }));
    let error = log.append_once(Some(""), batch(&["x"])).await.unwrap_err();
    assert!(matches!(error, Error::KeyLength { bytes: 0 }));
    let full = vec![vec![b'z'; RECORD_BYTES_MAX]; 32];
    log.append(full.clone()).await.unwrap();
    let error = log.append([full, batch(&["z"])].concat()).await.unwrap_err();
    assert!(matches!(error, Error::BatchTooLarge { .. }));
    assert!(log.append(vec![]).await.unwrap().is_empty());
    log.append(batch(&["", ""])).await.unwrap();
    assert_eq!(texts(&log).await.len(), 36);
}

#[tokio::test]
async fn one_handle_on_a_directory_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    let error = IntakeLog::open(dir.path(), SMALL).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    log.close().await.unwrap();
    assert!(matches!(log.append(batch(&["x"])).await, Err(Error::Closed)));
    open(dir.path(), SMALL);
}

#[tokio::test]
async fn nothing_but_segments_is_in_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    for _ in 0..10 {
        log.append(vec![vec![b'x'; 100]]).await.unwrap();
    }
    let mut names: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expect: Vec<_> = (1..=names.len()).map(|n| format!("{n:020}.log")).collect();
    assert_eq!(names, expect);
}
