//! Many writers and readers at once; group commit counted, not timed.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

use stanch_model::EventId;
use tokio::task::JoinSet;

use super::{SMALL, batch, open, read_all};
use crate::{
    IntakeLog, Options,
    disk::{Disk, OsDisk, SegmentFile},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_and_a_tailer_see_one_order() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), Options { segment_bytes_max: 4_000, ..SMALL });
    let tailer = tokio::spawn({
        let mut reader = log.reader(EventId::default());
        async move {
            let mut seen = Vec::new();
            while seen.len() < 400 {
                reader.wait().await.unwrap();
                seen.extend(reader.next_batch(7).await.unwrap());
            }
            seen
        }
    });
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let log = log.clone();
        writers.spawn(async move {
            let mut mine = Vec::new();
            for n in 0..50 {
                let text = format!("writer {writer} record {n}");
                let ids = log.append(batch(&[&text])).await.unwrap();
                mine.push((ids[0], text));
            }
            assert!(mine.is_sorted(), "one writer's records keep their order");
            mine
        });
    }
    let mut expect = writers.join_all().await.concat();
    expect.sort();
    assert_eq!(read_all(&log).await, expect, "every id names the record it was given for");
    let seen: Vec<_> = tailer.await.unwrap().into_iter().map(|(id, _)| id).collect();
    let ids: Vec<_> = expect.iter().map(|(id, _)| *id).collect();
    assert_eq!(seen, ids, "the tailer missed none and saw none twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_key_at_once_is_one_batch() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), Options::default());
    let mut writers = JoinSet::new();
    for _ in 0..20 {
        let log = log.clone();
        writers.spawn(async move { log.append_once(Some("k"), batch(&["a", "b"])).await.unwrap() });
    }
    let answers = writers.join_all().await;
    assert_eq!(answers.iter().filter(|appended| !appended.duplicate).count(), 1);
    assert!(answers.iter().all(|appended| appended.ids == answers[0].ids));
    assert_eq!(read_all(&log).await.len(), 2);
}

/// A disk whose syncs say that they began and wait to be let go.
struct GatedDisk {
    began: Sender<()>,
    go: std::sync::Mutex<Option<Receiver<()>>>,
    syncs: Arc<AtomicU32>,
}

struct GatedFile {
    file: Box<dyn SegmentFile>,
    began: Sender<()>,
    go: Receiver<()>,
    syncs: Arc<AtomicU32>,
}

impl Disk for GatedDisk {
    fn open(&self, path: &Path, create: bool) -> io::Result<Box<dyn SegmentFile>> {
        let file = OsDisk.open(path, create)?;
        let go = self.go.lock().unwrap().take().unwrap();
        let (began, syncs) = (self.began.clone(), Arc::clone(&self.syncs));
        Ok(Box::new(GatedFile { file, began, go, syncs }))
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        OsDisk.sync_dir(dir)
    }
}

impl SegmentFile for GatedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.began.send(()).unwrap();
        self.go.recv().unwrap();
        self.syncs.fetch_add(1, Ordering::SeqCst);
        self.file.sync()
    }
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.file.truncate(bytes)
    }
}

#[tokio::test]
async fn what_waits_during_a_sync_shares_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let (began_sender, began) = channel();
    let (go, go_receiver) = channel();
    let syncs = Arc::new(AtomicU32::new(0));
    let gate = std::sync::Mutex::new(Some(go_receiver));
    let disk = GatedDisk { began: began_sender, go: gate, syncs: Arc::clone(&syncs) };
    go.send(()).unwrap(); // the header
    let (log, _) = IntakeLog::open_on(Box::new(disk), dir.path(), Options::default()).unwrap();
    began.recv().unwrap();

    let mut appends = JoinSet::new();
    let append = |text: &str| {
        let (log, text) = (log.clone(), text.to_owned());
        async move { log.append(batch(&[&text])).await.unwrap() }
    };
    appends.spawn(append("first"));
    while began.try_recv().is_err() {
        assert!(appends.try_join_next().is_none(), "acknowledged without a sync");
        tokio::task::yield_now().await;
    }
    for _ in 0..50 {
        appends.spawn(append("during"));
    }
    while log.waiting() < 50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*log.acknowledged().borrow(), None, "written is not acknowledged");
    assert!(read_all(&log).await.is_empty(), "a reader sees no record before its sync");
    go.send(()).unwrap();
    go.send(()).unwrap();
    assert_eq!(appends.join_all().await.len(), 51);
    assert_eq!(syncs.load(Ordering::SeqCst), 3, "header, the first, and one for fifty");
    go.send(()).unwrap(); // the mark on closing
}

#[tokio::test]
async fn a_dropped_read_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    for n in 0..30 {
        log.append(vec![format!("{n:060}").into_bytes()]).await.unwrap();
    }
    let all = read_all(&log).await;
    let mut reader = log.reader(EventId::default());
    let mut seen = Vec::new();
    while seen.len() < all.len() {
        // Polled once and dropped, as `select!` does with the branch that lost.
        let polled = tokio::select! {
            biased;
            record = reader.next() => record.unwrap(),
            () = std::future::ready(()) => None,
        };
        seen.extend(polled);
        if seen.len() < all.len() {
            seen.extend(reader.next().await.unwrap());
        }
    }
    let ids = |records: Vec<EventId>| records;
    assert_eq!(
        ids(seen.into_iter().map(|(id, _)| id).collect()),
        ids(all.into_iter().map(|(id, _)| id).collect())
    );
}

#[tokio::test]
async fn a_waiting_reader_hears_that_the_log_closed() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = open(dir.path(), SMALL);
    log.append(batch(&["last"])).await.unwrap();
    let mut reader = log.reader(EventId::default());
    log.close().await.unwrap();
    reader.wait().await.unwrap();
    assert!(reader.next().await.unwrap().is_some());
    assert!(matches!(reader.wait().await, Err(crate::Error::Closed)));
}
