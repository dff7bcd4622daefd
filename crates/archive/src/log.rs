//! The log as its users hold it: append, read, follow.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use stanch_model::EventId;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Appended, Error, Options, Reader, Recovery,
    disk::{Disk, OsDisk},
    options::check,
    recovery::{make_dir, resume},
    writer::{End, Request, Writer},
};

/// A handle; cheap to clone. The last one to go waits for the writer's last sync.
#[derive(Clone, Debug)]
pub struct IntakeLog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    first_segment: u64,
    queue: Mutex<Option<mpsc::Sender<Request>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    end: watch::Receiver<End>,
    acknowledged: watch::Receiver<Option<EventId>>,
    poison: watch::Receiver<Option<Arc<str>>>,
}

impl IntakeLog {
    /// Opens the log in `dir`, or makes it; recovers what a crash left. Blocks for as long as it
    /// takes to read two segments. The directory is locked until the last handle is gone.
    ///
    /// # Errors
    /// [`Error::Corrupt`] and [`Error::Missing`] change nothing; [`Error::Locked`], [`Error::Io`].
    pub fn open(dir: impl AsRef<Path>, options: Options) -> Result<(Self, Recovery), Error> {
        Self::open_on(Box::new(OsDisk), dir.as_ref(), options)
    }

    pub(crate) fn open_on(
        disk: Box<dyn Disk>,
        dir: &Path,
        options: Options,
    ) -> Result<(Self, Recovery), Error> {
        make_dir(dir, disk.as_ref())?;
        let lock = lock(dir)?;
        let resumed = resume(dir, disk.as_ref(), options.keys_max)?;
        let recovery = resumed.recovery;
        if recovery.truncated_bytes > 0 {
            let (bytes, segment) = (recovery.truncated_bytes, recovery.segment);
            tracing::warn!(bytes, segment, "cut off the end of a write that a crash tore");
        }
        let at = resumed.current.place.segment;
        let end = End { segment: at, offset: resumed.current.bytes };
        let (end_sender, end) = watch::channel(end);
        let (acknowledged_sender, acknowledged) = watch::channel(recovery.last);
        let (poison_sender, poison) = watch::channel(None);
        let writer = Writer {
            dir: dir.to_owned(),
            disk,
            segment_bytes_max: options.segment_bytes_max,
            group_bytes_max: options.group_bytes_max,
            current: Some(resumed.current),
            last_segment: at,
            window: resumed.window,
            end: end_sender,
            acknowledged: acknowledged_sender,
            poison: poison_sender,
        };
        let (queue, requests) = mpsc::channel(options.queue_batches_max.max(1));
        let run = move || {
            writer.run(requests);
            drop(lock);
        };
        let thread = std::thread::Builder::new()
            .name("intake-log".to_owned())
            .spawn(run)
            .map_err(|source| Error::io("start the writer of", dir, source))?;
        let inner = Inner {
            dir: dir.to_owned(),
            first_segment: resumed.first_segment,
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(thread)),
            end,
            acknowledged,
            poison,
        };
        Ok((Self { inner: Arc::new(inner) }, recovery))
    }

    /// Appends a batch: all of it or nothing. Returns when it is on disk. If the future is dropped, the
    /// batch may be kept all the same.
    ///
    /// # Errors
    /// [`Error::Full`]: try again later. [`Error::Poisoned`]: stop and recover; a restart may find the batch on disk.
    /// [`Error::RecordTooLarge`], [`Error::BatchTooLarge`], [`Error::Closed`].
    pub async fn append(&self, records: Vec<Vec<u8>>) -> Result<Vec<EventId>, Error> {
        Ok(self.append_once(None, records).await?.ids)
    }

    /// Appends a batch unless one with the same key was taken lately: by an `Idempotency-Key` or a
    /// content hash, with the source's name in it. The window is the last [`Options::keys_max`] keys;
    /// after a restart, those in the last two segments.
    ///
    /// # Errors
    /// As [`IntakeLog::append`], and [`Error::KeyLength`].
    #[tracing::instrument(name = "archive.append", skip_all)]
    pub async fn append_once(
        &self,
        key: Option<&str>,
        records: Vec<Vec<u8>>,
    ) -> Result<Appended, Error> {
        check(key, &records)?;
        if records.is_empty() {
            return Ok(Appended { ids: Vec::new(), duplicate: false });
        }
        let queue = {
            let queue = self.inner.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            queue.clone().ok_or(Error::Closed)?
        };
        let (reply, answer) = oneshot::channel();
        let request = Request { key: key.map(str::to_owned), records, reply };
        let gone = || Error::Poisoned { cause: "the writer is gone".into() };
        queue.send(request).await.ok().ok_or_else(gone)?;
        drop(queue);
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The last acknowledged record, to wait on; none in an empty log.
    #[must_use]
    pub fn acknowledged(&self) -> watch::Receiver<Option<EventId>> {
        self.inner.acknowledged.clone()
    }

    /// Reads from the first record whose id is not below `from`; `EventId::default()` is the start.
    #[must_use]
    pub fn reader(&self, from: EventId) -> Reader {
        let Inner { dir, first_segment, end, .. } = self.inner.as_ref();
        Reader::new(dir.clone(), *first_segment, from, end.clone())
    }

    /// Reads what comes after the record that a consumer has finished; from the start if none.
    ///
    /// # Errors
    /// [`Error::Ahead`] if the log does not reach that record.
    pub fn reader_after(&self, done: Option<EventId>) -> Result<Reader, Error> {
        let Some(after) = done else { return Ok(self.reader(EventId::default())) };
        let last = *self.inner.acknowledged.borrow();
        if Some(after) > last {
            return Err(Error::Ahead { after, last });
        }
        Ok(self.reader(EventId { segment: after.segment, sequence: after.sequence + 1 }))
    }

    /// The first I/O error, if there was one.
    #[must_use]
    pub fn poisoned(&self) -> Option<Arc<str>> {
        self.inner.poison.borrow().clone()
    }

    /// Waits for the first I/O error, which is the moment to stop the process. Pending for ever if
    /// the log is closed first.
    pub async fn failed(&self) -> Arc<str> {
        let mut poison = self.inner.poison.clone();
        let cause = poison.wait_for(Option::is_some).await.ok().and_then(|cause| cause.clone());
        match cause {
            Some(cause) => cause,
            None => std::future::pending().await,
        }
    }

    /// Takes no more, finishes what waits, syncs, and gives the lock back. Later appends on
    /// any handle are [`Error::Closed`].
    ///
    /// # Errors
    /// [`Error::Poisoned`] if the writer failed before or meanwhile.
    pub async fn close(&self) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        let joined = tokio::task::spawn_blocking(move || inner.stop()).await;
        match self.poisoned() {
            Some(cause) => Err(Error::Poisoned { cause }),
            None => {
                joined.ok().ok_or_else(|| Error::Poisoned { cause: "the writer panicked".into() })
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        let queue = self.inner.queue.lock().unwrap();
        queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }
}

impl Inner {
    fn stop(&self) {
        drop(self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!(dir = %self.dir.display(), "the intake log's writer panicked");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Locks the directory itself, so that no file but segments has to be in it.
fn lock(dir: &Path) -> Result<File, Error> {
    let file = File::open(dir).map_err(|source| Error::io("open", dir, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::Locked { dir: dir.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(Error::io("lock", dir, source)),
    }
}
