//! A disk that fails on command: what is acknowledged, and what happens after.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use super::{SMALL, batch, open, texts};
use crate::{
    Error, IntakeLog, Options,
    disk::{Disk, OsDisk, SegmentFile},
};

/// One operation that fails once: the `after`-th of its kind, counted from now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) on: On,
    pub(crate) after: u32,
    pub(crate) error: io::ErrorKind,
    /// Bytes of a failing write that reach the file all the same.
    pub(crate) partial: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Open,
    Write,
    Sync,
    Truncate,
    SyncDir,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<Vec<Fault>>>);

impl FaultyDisk {
    pub(crate) fn plan(&self, on: On, after: u32, error: io::ErrorKind) {
        self.0.lock().unwrap().push(Fault { on, after, error, partial: 7 });
    }

    fn check(&self, on: On) -> Result<(), Fault> {
        let mut faults = self.0.lock().unwrap();
        let mut due = None;
        for (i, fault) in faults.iter_mut().enumerate().filter(|(_, fault)| fault.on == on) {
            match fault.after.checked_sub(1) {
                Some(left) => fault.after = left,
                None => due = Some(i),
            }
        }
        due.map_or(Ok(()), |i| Err(faults.remove(i)))
    }

    fn fail(&self, on: On) -> io::Result<()> {
        self.check(on).map_err(|fault| fault.error.into())
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path, create: bool) -> io::Result<Box<dyn SegmentFile>> {
        self.fail(On::Open)?;
        Ok(Box::new(FaultyFile { file: OsDisk.open(path, create)?, disk: self.clone() }))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.fail(On::SyncDir)?;
        OsDisk.sync_dir(dir)
    }
}

struct FaultyFile {
    file: Box<dyn SegmentFile>,
    disk: FaultyDisk,
}

impl SegmentFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(fault) = self.disk.check(On::Write) {
            self.file.append(bytes.get(..fault.partial).unwrap_or(bytes))?;
            return Err(fault.error.into());
        }
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.fail(On::Sync)?;
        self.file.sync()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.disk.fail(On::Truncate)?;
        self.file.truncate(bytes)
    }
}

fn faulty(dir: &Path, options: Options) -> (IntakeLog, FaultyDisk) {
    let disk = FaultyDisk::default();
    let (log, _) = IntakeLog::open_on(Box::new(disk.clone()), dir, options).unwrap();
    (log, disk)
}

/// Appends until an append fails; then nothing may be acknowledged any more, and a restart finds
/// every record that was.
async fn check_poison(on: On, after: u32, error: io::ErrorKind) {
    let dir = tempfile::tempdir().unwrap();
    let (log, disk) = faulty(dir.path(), SMALL);
    log.append(batch(&["before"])).await.unwrap();
    disk.plan(on, after, error);
    let mut acknowledged = vec!["before".to_owned()];
    let failure = loop {
        let text = format!("{:0100}", acknowledged.len());
        match log.append(batch(&[&text])).await {
            Ok(_) => acknowledged.push(text),
            Err(failure) => break failure,
        }
        assert!(acknowledged.len() < 100, "{on:?} {error:?} was swallowed");
    };
    assert!(matches!(failure, Error::Poisoned { .. }), "{on:?}: {failure}");
    assert!(!failure.is_retryable());
    for _ in 0..3 {
        let later = log.append(batch(&["later"])).await;
        assert!(matches!(later, Err(Error::Poisoned { .. })), "{on:?}: {later:?}");
    }
    assert_eq!(log.failed().await, log.poisoned().unwrap());
    assert_eq!(texts(&log).await, acknowledged, "readers go on reading");
    assert!(matches!(log.close().await, Err(Error::Poisoned { .. })));

    let (log, _) = open(dir.path(), SMALL);
    let found = texts(&log).await;
    assert!(found.starts_with(&acknowledged), "{on:?}: {found:?} lost some of {acknowledged:?}");
    assert!(found.len() <= acknowledged.len() + 1, "{on:?}: {found:?}");
    assert!(!found.contains(&"later".to_owned()), "{on:?}: written after the poison");
}

#[tokio::test]
async fn the_first_io_error_poisons_the_writer() {
    use io::ErrorKind::{Other, StorageFull};
    for after in 0..6 {
        check_poison(On::Write, after, Other).await;
        check_poison(On::Sync, after, Other).await;
        check_poison(On::Sync, after, StorageFull).await;
    }
    check_poison(On::Open, 0, Other).await;
    check_poison(On::SyncDir, 0, Other).await;
    check_poison(On::Truncate, 0, Other).await;
}

#[tokio::test]
async fn a_full_disk_is_an_answer_and_no_poison() {
    for after in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        let (log, disk) = faulty(dir.path(), SMALL);
        disk.plan(On::Write, after, io::ErrorKind::StorageFull);
        let mut acknowledged = Vec::new();
        let mut full = 0;
        for n in 0..20 {
            let text = format!("{n:0100}");
            match log.append_once(Some(&text), batch(&[&text])).await {
                Ok(appended) => {
                    assert!(!appended.duplicate, "a refused batch is no earlier one");
                    acknowledged.push(text);
                }
                Err(error) => {
                    assert!(matches!(error, Error::Full { .. }), "{error}");
                    assert!(error.is_retryable());
                    full += 1;
                    let again = log.append_once(Some(&text), batch(&[&text])).await.unwrap();
                    assert!(!again.duplicate, "what was refused was not kept");
                    acknowledged.push(text);
                }
            }
        }
        assert!(full <= 1 && log.poisoned().is_none());
        assert_eq!(texts(&log).await, acknowledged);
        log.close().await.unwrap();
        let (log, recovery) = open(dir.path(), SMALL);
        assert_eq!(recovery.truncated_bytes, 0, "the partial record was taken back");
        assert_eq!(texts(&log).await, acknowledged);
    }
}

#[tokio::test]
async fn a_full_disk_that_cannot_be_cleaned_up_is_poison() {
    let dir = tempfile::tempdir().unwrap();
    let (log, disk) = faulty(dir.path(), Options::default());
    disk.plan(On::Truncate, 0, io::ErrorKind::Other);
    disk.plan(On::Write, 0, io::ErrorKind::StorageFull);
    let error = log.append(batch(&["x"])).await.unwrap_err();
    assert!(matches!(error, Error::Poisoned { .. }), "{error}");
    drop(log);
    let (log, recovery) = open(dir.path(), Options::default());
    assert_eq!(recovery.truncated_bytes, 7, "the torn seven bytes are reported");
    assert!(texts(&log).await.is_empty());
}

#[tokio::test]
async fn a_full_disk_while_a_segment_is_made_is_no_poison() {
    let dir = tempfile::tempdir().unwrap();
    let (log, disk) = faulty(dir.path(), SMALL);
    log.append(vec![vec![b'x'; 340]]).await.unwrap();
    disk.plan(On::Open, 0, io::ErrorKind::StorageFull);
    let error = log.append(vec![vec![b'x'; 90]]).await.unwrap_err();
    let path = dir.path().join("00000000000000000002.log");
    let expect = format!("no space left for {}: free some, then send again", path.display());
    assert_eq!(error.to_string(), expect);
    assert_eq!(log.append(vec![vec![b'x'; 90]]).await.unwrap()[0].segment, 2);
}
