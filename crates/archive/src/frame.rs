//! The bytes of a segment: its header and its frames.
//!
//! Header, 24 bytes: magic, segment `u64`, sync word `[u8; 4]`, CRC-32C of those. Frame: body
//! length `u32`, CRC-32C over (segment, length, body), body. Body: the segment's sync word, kind
//! `u8`, its own offset `u64`, bytes of this segment known to be synced `u64`, then by kind:
//! record: records of its batch that follow `u32`, key length `u8`, key, payload;
//! mark: nothing; end: number of records `u64`. Integers are little endian.
//!
//! The sync word is random per segment: a sender who smuggles frame-shaped bytes into a record
//! cannot guess it, so they are never taken for a frame when damage is searched. A frame names its
//! place, so that one that moved is a bad frame, and still vouches for what was synced before it.

/// Longest record taken, in bytes: above any log line that sensors write, small enough to
/// hold thousands in memory.
pub const RECORD_BYTES_MAX: usize = 1 << 20;
/// Longest deduplication key, in bytes: its length is one byte.
pub const KEY_BYTES_MAX: usize = 255;

pub(crate) const HEADER_BYTES: usize = 24;
/// The longest frame there is; a read of this size holds at least one.
pub(crate) const FRAME_BYTES_MAX: usize =
    PREFIX_BYTES + BODY_BYTES + 4 + 1 + KEY_BYTES_MAX + RECORD_BYTES_MAX;

const MAGIC: [u8; 8] = *b"STANCH\x00\x01";
const PREFIX_BYTES: usize = 8;
const BODY_BYTES: usize = 4 + 1 + 8 + 8;

/// What frames of one segment share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: u64,
    pub(crate) sync: [u8; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// One event. `left` records of the same batch follow; only the first has the batch's key.
    Record { left: u32, key: Option<&'a str>, payload: &'a [u8] },
    /// Says how far the segment is synced, and nothing else.
    Mark,
    /// The segment is finished with this many records.
    End { records: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    pub(crate) frame: Frame<'a>,
    /// Where it says that it stands.
    pub(crate) offset: u64,
    /// Bytes of the segment that were on disk when this was written.
    pub(crate) synced: u64,
    /// Bytes of the whole frame.
    pub(crate) bytes: u64,
}

/// Why there is no frame here; in words that finish "damaged at byte N:".
pub(crate) type Fault = &'static str;
pub(crate) const SHORT: Fault = "the file ends inside a record";

pub(crate) const fn record_bytes(key: Option<&str>, payload: &[u8]) -> usize {
    let key = match key {
        Some(key) => key.len(),
        None => 0,
    };
    PREFIX_BYTES + BODY_BYTES + 4 + 1 + key + payload.len()
}

impl Place {
    pub(crate) fn header(self) -> [u8; HEADER_BYTES] {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend(MAGIC);
        header.extend(self.segment.to_le_bytes());
        header.extend(self.sync);
        header.extend(crc32c::crc32c(&header).to_le_bytes());
        header.try_into().expect("invariant: 8 + 8 + 4 + 4 bytes")
    }

    /// The place that a header names, if it is the header of `segment`.
    pub(crate) fn read(segment: u64, header: &[u8]) -> Result<Self, Fault> {
        let mut rest = header;
        let (Some(magic), Some(number), Some(sync)) =
            (take::<8>(&mut rest), take::<8>(&mut rest), take::<4>(&mut rest))
        else {
            return Err("the file ends inside its header");
        };
        let place = Self { segment: u64::from_le_bytes(number), sync };
        if magic != MAGIC || header.get(..HEADER_BYTES) != Some(&place.header()) {
            return Err("it does not start with the header of an intake segment");
        }
        if place.segment != segment {
            return Err("its header names another segment");
        }
        Ok(place)
    }

    /// Appends a frame that will stand at `offset`.
    pub(crate) fn encode(self, offset: u64, synced: u64, frame: Frame<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend([0; PREFIX_BYTES]);
        out.extend(self.sync);
        let kind: u8 = match frame {
            Frame::Record { .. } => 0,
            Frame::Mark => 1,
            Frame::End { .. } => 2,
        };
        out.push(kind);
        out.extend(offset.to_le_bytes());
        out.extend(synced.to_le_bytes());
        match frame {
            Frame::Record { left, key, payload } => {
                let key = key.unwrap_or_default();
                out.extend(left.to_le_bytes());
                out.push(u8::try_from(key.len()).expect("invariant: keys are checked on append"));
                out.extend(key.as_bytes());
                out.extend(payload);
            }
            Frame::Mark => {}
            Frame::End { records } => out.extend(records.to_le_bytes()),
        }
        let (_, written) = out.split_at_mut(start);
        let (prefix, body) = written.split_at_mut(PREFIX_BYTES);
        let length = u32::try_from(body.len()).expect("invariant: records are checked on append");
        let (len, crc) = prefix.split_at_mut(4);
        len.copy_from_slice(&length.to_le_bytes());
        crc.copy_from_slice(&self.checksum(length, body).to_le_bytes());
    }

    /// Reads the frame at the start of `bytes`, which has to stand at `offset` of the segment.
    pub(crate) fn decode(self, offset: u64, bytes: &[u8]) -> Result<Decoded<'_>, Fault> {
        let decoded = self.decode_anywhere(bytes)?;
        if decoded.offset == offset { Ok(decoded) } else { Err("a record stands in a wrong place") }
    }

    /// Reads the frame at the start of `bytes`, wherever it belongs.
    pub(crate) fn decode_anywhere(self, bytes: &[u8]) -> Result<Decoded<'_>, Fault> {
        let mut rest = bytes;
        let (Some(length), Some(crc)) = (take::<4>(&mut rest), take::<4>(&mut rest)) else {
            return Err(SHORT);
        };
        let length = u32::from_le_bytes(length);
        let body_bytes = usize::try_from(length).unwrap_or(usize::MAX);
        if !(BODY_BYTES..=FRAME_BYTES_MAX - PREFIX_BYTES).contains(&body_bytes) {
            return Err("a record's length is out of range");
        }
        let body = rest.get(..body_bytes).ok_or(SHORT)?;
        if !body.starts_with(&self.sync) {
            return Err("no record starts here");
        }
        if self.checksum(length, body) != u32::from_le_bytes(crc) {
            return Err("a record's checksum does not match");
        }
        let bytes = u64::from(length) + PREFIX_BYTES as u64;
        let decoded = body_of(body).ok_or("a record's inner form is unknown")?;
        Ok(Decoded { bytes, ..decoded })
    }

    fn checksum(self, length: u32, body: &[u8]) -> u32 {
        let crc = crc32c::crc32c(&self.segment.to_le_bytes());
        let crc = crc32c::crc32c_append(crc, &length.to_le_bytes());
        crc32c::crc32c_append(crc, body)
    }
}

/// All but the length of the whole.
fn body_of(body: &[u8]) -> Option<Decoded<'_>> {
    let mut rest = body;
    take::<4>(&mut rest)?;
    let [kind] = take::<1>(&mut rest)?;
    let offset = u64::from_le_bytes(take(&mut rest)?);
    let synced = u64::from_le_bytes(take(&mut rest)?);
    let frame = match kind {
        0 => {
            let left = u32::from_le_bytes(take(&mut rest)?);
            let [key_bytes] = take::<1>(&mut rest)?;
            let (key, payload) = rest.split_at_checked(usize::from(key_bytes))?;
            let key = std::str::from_utf8(key).ok()?;
            Frame::Record { left, key: (!key.is_empty()).then_some(key), payload }
        }
        1 if rest.is_empty() => Frame::Mark,
        2 => Frame::End { records: u64::from_le_bytes(rest.try_into().ok()?) },
        _ => return None,
    };
    Some(Decoded { frame, offset, synced, bytes: 0 })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}
