//! The one thread that writes: collects what waits, writes it at once, syncs once, answers all.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use stanch_model::EventId;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Appended, Error,
    current::{Current, Failure, create},
    disk::{Disk, is_full},
    frame::{Frame, record_bytes},
    segment,
    window::{Run, Window},
};

/// One batch and who waits for it.
pub(crate) struct Request {
    pub(crate) key: Option<String>,
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) reply: oneshot::Sender<Result<Appended, Error>>,
}

impl Request {
    fn bytes(&self) -> usize {
        self.records.iter().map(|record| record_bytes(self.key.as_deref(), record)).sum()
    }
}

/// How far readers may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

pub(crate) struct Writer {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Box<dyn Disk>,
    pub(crate) segment_bytes_max: u64,
    pub(crate) group_bytes_max: usize,
    /// None between a finished segment and the next one, which could not be made yet.
    pub(crate) current: Option<Current>,
    pub(crate) last_segment: u64,
    pub(crate) window: Window,
    pub(crate) end: watch::Sender<End>,
    pub(crate) acknowledged: watch::Sender<Option<EventId>>,
    pub(crate) poison: watch::Sender<Option<Arc<str>>>,
}

impl Writer {
    /// Runs until every sender is gone, then leaves a synced mark.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        self.mark(false);
        while let Some(first) = queue.blocking_recv() {
            let group = self.collect(first, &mut queue);
            if let Some(cause) = self.poison.borrow().clone() {
                for request in group {
                    answer(request, Err(Error::Poisoned { cause: Arc::clone(&cause) }));
                }
                continue;
            }
            self.commit(group);
            if queue.is_empty() {
                self.mark(false);
            }
        }
        self.mark(true);
    }

    fn collect(&self, first: Request, queue: &mut mpsc::Receiver<Request>) -> Vec<Request> {
        let mut bytes = first.bytes();
        let mut group = vec![first];
        while bytes < self.group_bytes_max
            && let Ok(request) = queue.try_recv()
        {
            bytes += request.bytes();
            group.push(request);
        }
        group
    }

    fn commit(&mut self, group: Vec<Request>) {
        let bytes = group.iter().map(Request::bytes).sum();
        let written = self.make_room(bytes).and_then(|()| self.write(&group));
        let runs = match written {
            Ok(runs) => runs,
            Err(failure) => return self.refuse(group, &failure),
        };
        // A reader that is woken by `acknowledged` has to find `end` there already.
        if let Some(current) = &self.current {
            let end = End { segment: current.place.segment, offset: current.bytes };
            self.end.send_replace(end);
            let last = current.records.checked_sub(1);
            let last = last.map(|sequence| EventId { segment: end.segment, sequence });
            self.acknowledged.send_if_modified(|id| {
                let is_new = last > *id;
                *id = (*id).max(last);
                is_new
            });
        }
        for (request, (run, duplicate)) in group.into_iter().zip(runs) {
            answer(request, Ok(Appended { ids: run.ids(), duplicate }));
        }
    }

    /// Opens the next segment if this one would grow over its limit.
    fn make_room(&mut self, group_bytes: usize) -> Result<(), Failure> {
        if let Some(current) = &mut self.current {
            let after = current.bytes.saturating_add(group_bytes as u64);
            if after <= self.segment_bytes_max || current.records == 0 {
                return Ok(());
            }
            let mut frame = Vec::new();
            let end = Frame::End { records: current.records };
            current.place.encode(current.bytes, current.bytes, end, &mut frame);
            current.append(&frame)?;
            current.sync()?;
            self.current = None;
        }
        let next = self.last_segment + 1;
        match create(&self.dir, self.disk.as_ref(), next) {
            Ok(current) => {
                self.current = Some(current);
                self.last_segment = next;
                Ok(())
            }
            Err(Error::Io { source, attempt: "create" | "write", .. }) if is_full(&source) => {
                Err(Failure::Full)
            }
            Err(Error::Io { source, attempt, path }) => {
                Err(Failure::Poison(format!("{attempt} {}: {source}", path.display())))
            }
            Err(other) => Err(Failure::Poison(other.to_string())),
        }
    }

    /// Writes and syncs the batches that are new; says for each which records it became, and
    /// whether it had been there.
    fn write(&mut self, group: &[Request]) -> Result<Vec<(Run, bool)>, Failure> {
        let current = self.current.as_mut().expect("invariant: make_room leaves a segment");
        let segment = current.place.segment;
        let mut bytes = Vec::new();
        let mut records = current.records;
        let mut fresh: BTreeMap<&str, Run> = BTreeMap::new();
        let mut runs = Vec::with_capacity(group.len());
        for request in group {
            let key = request.key.as_deref();
            let seen = key.and_then(|key| self.window.get(key).or(fresh.get(key).copied()));
            if let Some(run) = seen {
                runs.push((run, true));
                continue;
            }
            encode(current, request, &mut bytes);
            let first = EventId { segment, sequence: records };
            let run = Run { first, count: request.records.len() as u64 };
            records += run.count;
            fresh.extend(key.map(|key| (key, run)));
            runs.push((run, false));
        }
        if !bytes.is_empty() {
            current.append(&bytes)?;
            current.sync()?;
            current.records = records;
            current.marked = false;
        }
        for (request, (run, duplicate)) in group.iter().zip(&runs) {
            if let Some(key) = request.key.as_deref().filter(|_| !duplicate) {
                self.window.insert(key, *run);
            }
        }
        Ok(runs)
    }

    /// Leaves a word that everything before it is on disk. It is worth no sync of its own unless the
    /// log closes, and no space: without it the last group looks like a write that may have been torn.
    fn mark(&mut self, closing: bool) {
        if self.poison.borrow().is_some() {
            return;
        }
        let Some(current) = self.current.as_mut().filter(|current| current.records > 0) else {
            return;
        };
        let mut done = Ok(());
        if !current.marked {
            let mut frame = Vec::new();
            current.place.encode(current.bytes, current.bytes, Frame::Mark, &mut frame);
            done = current.append(&frame);
            current.marked = done.is_ok();
        }
        if closing && done.is_ok() {
            done = current.sync();
        }
        if let Err(Failure::Poison(cause)) = done {
            self.set_poison(&cause);
        }
    }

    fn refuse(&self, group: Vec<Request>, failure: &Failure) {
        let cause = match failure {
            Failure::Full => None,
            Failure::Poison(cause) => Some(self.set_poison(cause)),
        };
        for request in group {
            let error = match &cause {
                Some(cause) => Error::Poisoned { cause: Arc::clone(cause) },
                None => Error::Full { path: self.current_path() },
            };
            answer(request, Err(error));
        }
    }

    fn current_path(&self) -> PathBuf {
        let next = self.last_segment + u64::from(self.current.is_none());
        segment::path(&self.dir, next)
    }

    fn set_poison(&self, cause: &str) -> Arc<str> {
        let cause: Arc<str> = cause.into();
        tracing::error!(%cause, dir = %self.dir.display(), "intake log stopped");
        self.poison.send_replace(Some(Arc::clone(&cause)));
        cause
    }
}

/// The frames of a batch, to stand in `current` after what `out` holds already.
fn encode(current: &Current, request: &Request, out: &mut Vec<u8>) {
    let synced = current.bytes;
    let count = request.records.len();
    for (n, payload) in request.records.iter().enumerate() {
        let left = u32::try_from(count - n - 1).expect("invariant: batches are checked on append");
        let key = request.key.as_deref().filter(|_| n == 0);
        let frame = Frame::Record { left, key, payload };
        current.place.encode(synced + out.len() as u64, synced, frame, out);
    }
}

fn answer(request: Request, result: Result<Appended, Error>) {
    // Whoever asked may have gone; the batch stands all the same.
    drop(request.reply.send(result));
}
