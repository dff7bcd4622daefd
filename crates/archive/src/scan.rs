//! One segment read from end to end: what is whole, and whether what is not was ever promised.

use crate::frame::{Fault, Frame, HEADER_BYTES, Place};

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
    /// The first frame that is none; none either if the file just ends, though perhaps inside a batch.
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
            break None;
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

/// Whether a whole frame at or behind `bad` says that `bad` had been on disk.
fn is_vouched_for(place: Place, bytes: &[u8], bad: usize) -> bool {
    const BEFORE_SYNC: usize = 8;
    let bad_offset = bad as u64;
    (bad..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        rest.get(BEFORE_SYNC..).is_some_and(|body| body.starts_with(&place.sync))
            && place.decode_anywhere(rest).is_ok_and(|decoded| decoded.synced > bad_offset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment of these frames, each with a good checksum.
    fn check(frames: &[Frame<'_>], expect: Result<(u64, bool), Fault>) {
        let place = Place { segment: 1, sync: *b"sync" };
        let mut bytes = place.header().to_vec();
        for frame in frames {
            place.encode(bytes.len() as u64, 0, *frame, &mut bytes);
        }
        let scan = scan(place, &bytes);
        let found = scan.tail.map_or(Ok((scan.records, scan.sealed)), |tail| Err(tail.why));
        assert_eq!(found, expect, "{frames:?}");
    }

    #[test]
    fn frames_that_are_whole_have_to_make_sense_together() {
        let record = |left| Frame::Record { left, key: None, payload: b"x" };
        check(&[], Ok((0, false)));
        check(&[record(0), record(1), record(0)], Ok((3, false)));
        check(&[record(0), record(2), record(1)], Ok((1, false)));
        check(&[record(0), Frame::Mark, Frame::End { records: 1 }], Ok((1, true)));
        check(&[record(2), record(0)], Err("a batch's records are not in order"));
        check(&[record(1), record(1)], Err("a batch's records are not in order"));
        check(&[record(1), Frame::Mark], Err("a mark stands inside a batch"));
        check(&[record(1), Frame::End { records: 0 }], Err("a mark stands inside a batch"));
        let miscounted = Err("the end mark counts other records than there are");
        check(&[record(0), Frame::End { records: 2 }], miscounted);
        check(&[Frame::End { records: 0 }, record(0)], Err("bytes follow the end mark"));
    }
}
