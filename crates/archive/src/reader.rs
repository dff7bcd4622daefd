//! Reading acknowledged records in order, and waiting for more.

use std::{
    collections::VecDeque,
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use stanch_model::EventId;
use tokio::sync::watch;

use crate::{
    Error,
    frame::{FRAME_BYTES_MAX, Frame, HEADER_BYTES, Place, SHORT},
    segment,
    writer::End,
};

/// Bytes read at once; at least one frame, so that a read always gets on.
const READ_BYTES: usize = 2 * FRAME_BYTES_MAX;

/// A place in the log that moves forward. Every method may be cancelled without losing a record.
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    cursor: Cursor,
    ready: VecDeque<(EventId, Vec<u8>)>,
    end: watch::Receiver<End>,
}

#[derive(Clone, Debug)]
struct Cursor {
    segment: u64,
    offset: u64,
    /// Number of the next record in the segment.
    sequence: u64,
    /// Records below this one are passed over.
    from: EventId,
    file: Option<Arc<(File, Place)>>,
}

impl Reader {
    pub(crate) fn new(
        dir: PathBuf,
        first_segment: u64,
        from: EventId,
        end: watch::Receiver<End>,
    ) -> Self {
        let segment = from.segment.max(first_segment);
        let cursor = Cursor { segment, offset: HEADER_BYTES as u64, sequence: 0, from, file: None };
        Self { dir, cursor, ready: VecDeque::new(), end }
    }

    /// The next acknowledged record, or none if there is none yet.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with file and place, [`Error::Io`]. The same call fails again.
    pub async fn next(&mut self) -> Result<Option<(EventId, Vec<u8>)>, Error> {
        self.fill().await?;
        Ok(self.ready.pop_front())
    }

    /// Up to `max` acknowledged records, fewer where that saves a read; empty only if there are none yet.
    ///
    /// # Errors
    /// As [`Reader::next`].
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<(EventId, Vec<u8>)>, Error> {
        self.fill().await?;
        let count = self.ready.len().min(max);
        Ok(self.ready.drain(..count).collect())
    }

    /// Waits until [`Reader::next`] has a record.
    ///
    /// # Errors
    /// [`Error::Closed`] if the log was closed and everything is read; those of [`Reader::next`].
    pub async fn wait(&mut self) -> Result<(), Error> {
        loop {
            self.end.mark_unchanged();
            self.fill().await?;
            if !self.ready.is_empty() {
                return Ok(());
            }
            self.end.changed().await.ok().ok_or(Error::Closed)?;
        }
    }

    async fn fill(&mut self) -> Result<(), Error> {
        while self.ready.is_empty() {
            let end = *self.end.borrow();
            let cursor = self.cursor.clone();
            if (cursor.segment, cursor.offset) >= (end.segment, end.offset) {
                return Ok(());
            }
            let dir = self.dir.clone();
            let read = tokio::task::spawn_blocking(move || cursor.read(&dir, end)).await;
            // Only here does the reader move, so a dropped future has not moved it.
            let (cursor, records) = read.expect("invariant: reading does not panic")?;
            self.cursor = cursor;
            self.ready.extend(records);
        }
        Ok(())
    }
}

type Records = Vec<(EventId, Vec<u8>)>;

impl Cursor {
    /// Reads one stretch of the segment, or moves on to the next segment.
    fn read(mut self, dir: &Path, end: End) -> Result<(Self, Records), Error> {
        let path = segment::path(dir, self.segment);
        let io = |attempt| {
            let path = path.clone();
            move |source| Error::Io { attempt, path, source }
        };
        let file = match self.file.take() {
            Some(file) => file,
            None => Arc::new(segment::open(dir, self.segment)?),
        };
        let bound = if self.segment < end.segment {
            file.0.metadata().map_err(io("look at"))?.len()
        } else {
            end.offset
        };
        let corrupt = |offset, why| Error::Corrupt { path: path.clone(), offset, why };
        let left = usize::try_from(bound.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        if left == 0 {
            return Err(corrupt(bound, "the end mark is missing"));
        }
        let mut bytes = vec![0; left.min(READ_BYTES)];
        file.0.read_exact_at(&mut bytes, self.offset).map_err(io("read"))?;
        let mut records = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let decoded = match file.1.decode(self.offset, rest) {
                Ok(decoded) => decoded,
                Err(SHORT) if bytes.len() < left && rest.len() < bytes.len() => break,
                Err(why) => return Err(corrupt(self.offset, why)),
            };
            let used = usize::try_from(decoded.bytes).expect("invariant: it was read into memory");
            rest = rest.get(used..).unwrap_or_default();
            self.offset += decoded.bytes;
            match decoded.frame {
                Frame::Record { payload, .. } => {
                    let id = EventId { segment: self.segment, sequence: self.sequence };
                    self.sequence += 1;
                    records.extend((id >= self.from).then(|| (id, payload.to_owned())));
                }
                Frame::Mark => {}
                Frame::End { records: counted } => {
                    if counted != self.sequence || !rest.is_empty() || bytes.len() < left {
                        return Err(corrupt(self.offset, "the end mark is not at the end"));
                    }
                    let next = Self {
                        segment: self.segment + 1,
                        offset: HEADER_BYTES as u64,
                        sequence: 0,
                        from: self.from,
                        file: None,
                    };
                    return Ok((next, records));
                }
            }
        }
        self.file = Some(file);
        Ok((self, records))
    }
}
