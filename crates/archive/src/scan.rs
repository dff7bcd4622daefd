//! One segment read from end to end: what is whole, and whether what is not was ever promised.

use crate::frame::{Fault, Frame, HEADER_BYTES, Place, SHORT};

/// What a segment holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Records of complete batches.
    pub(crate) records: u64,
    /// Where the last complete batch or mark ends.
    pub(crate) end: u64,
    /// Whether an end mark closes it.
    pub(crate) sealed: bool,
    /// Whether the last whole frame is a mark.
    pub(crate) marked: bool,
    /// Deduplication keys of complete batches.
    pub(crate) batches: Vec<Batch>,
    /// What stands after `end`, if anything does.
    pub(crate) tail: Option<Tail>,
}

/// A batch with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) key: String,
    pub(crate) first: u64,
    pub(crate) count: u64,
}

/// Bytes that are no complete batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Where the bad frame starts.
    pub(crate) offset: u64,
    /// What is wrong with it.
    pub(crate) why: Fault,
    /// Whether a later frame says that this place had been synced: then it is damage, else a torn write.
    pub(crate) was_synced: bool,
}

/// Reads all of `bytes`, the file of `place`.
pub(crate) fn scan(place: Place, bytes: &[u8]) -> Scan {
    let mut scan = Scan { end: HEADER_BYTES as u64, ..Scan::default() };
    let mut open: Option<Batch> = None;
    let mut left_expected = 0_u32;
    let mut offset = HEADER_BYTES;
    let fault = loop {
        let rest = bytes.get(offset..).unwrap_or_default();
        if rest.is_empty() {
            break (left_expected > 0).then_some(SHORT);
        }
        if scan.sealed {
            break Some("bytes follow the end mark");
        }
        let decoded = match place.decode(offset as u64, rest) {
            Ok(decoded) => decoded,
            Err(why) => break Some(why),
        };
        scan.marked = decoded.frame == Frame::Mark;
        match decoded.frame {
            Frame::Record { left, key, .. } => {
                if left_expected > 0 && left != left_expected - 1 {
                    break Some("a batch's records are not in order");
                }
                let first = scan.records;
                let batch = open.get_or_insert_with(|| Batch {
                    key: key.unwrap_or_default().to_owned(),
                    first,
                    count: 0,
                });
                batch.count += 1;
                left_expected = left;
            }
            Frame::Mark | Frame::End { .. } if left_expected > 0 => {
                break Some("a mark stands inside a batch");
            }
            Frame::End { records } if records != scan.records => {
                break Some("the end mark counts other records than there are");
            }
            Frame::Mark => {}
            Frame::End { .. } => scan.sealed = true,
        }
        offset += usize::try_from(decoded.bytes).expect("invariant: it was decoded from memory");
        if left_expected == 0 {
            scan.end = offset as u64;
            if let Some(batch) = open.take() {
                scan.records += batch.count;
                scan.batches.extend((!batch.key.is_empty()).then_some(batch));
            }
        }
    };
    scan.tail = fault.map(|why| Tail {
        offset: offset as u64,
        why,
        was_synced: scan.sealed || is_vouched_for(place, bytes, offset),
    });
    scan
}

/// Whether a whole frame behind `bad` says that `bad` had been on disk.
fn is_vouched_for(place: Place, bytes: &[u8], bad: usize) -> bool {
    const BEFORE_SYNC: usize = 8;
    let bad_offset = bad as u64;
    (bad + 1..bytes.len()).any(|offset| {
        let rest = bytes.get(offset..).unwrap_or_default();
        rest.get(BEFORE_SYNC..).is_some_and(|body| body.starts_with(&place.sync))
            && place.decode(offset as u64, rest).is_ok_and(|decoded| decoded.synced > bad_offset)
    })
}
