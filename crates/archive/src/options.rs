//! How a log is kept, what it takes, what it answers.

use stanch_model::EventId;

use crate::{Error, KEY_BYTES_MAX, RECORD_BYTES_MAX};

/// Longest batch taken, in bytes of its records: what one HTTP request may carry, and what a
/// segment may grow over its limit.
pub const BATCH_BYTES_MAX: usize = 32 << 20;

/// How a log is kept.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Size at which the next segment is begun, in bytes. Opening reads two segments into memory.
    pub segment_bytes_max: u64,
    /// Batches that wait for the writer; an append waits for a place.
    pub queue_batches_max: usize,
    /// Bytes at which a group is closed and synced.
    pub group_bytes_max: usize,
    /// Batches that a retry is recognised among.
    pub keys_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes_max: 64 << 20,
            queue_batches_max: 256,
            group_bytes_max: 8 << 20,
            keys_max: 65_536,
        }
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// One id per record, in order.
    pub ids: Vec<EventId>,
    /// Whether the batch had been taken before; then these are the ids it got then.
    pub duplicate: bool,
}

/// Refuses what is over a limit before anything is queued.
pub(crate) fn check(key: Option<&str>, records: &[Vec<u8>]) -> Result<(), Error> {
    if let Some(bytes) = key.map(str::len).filter(|bytes| !(1..=KEY_BYTES_MAX).contains(bytes)) {
        return Err(Error::KeyLength { bytes });
    }
    let long = records.iter().enumerate().find(|(_, record)| record.len() > RECORD_BYTES_MAX);
    if let Some((index, record)) = long {
        return Err(Error::RecordTooLarge { index, bytes: record.len() });
    }
    let bytes = records.iter().map(Vec::len).sum();
    if bytes > BATCH_BYTES_MAX || u32::try_from(records.len()).is_err() {
        return Err(Error::BatchTooLarge { bytes });
    }
    Ok(())
}
