//! A closed log read from end to end, without changing it.

use std::path::Path;

use crate::{
    Error,
    frame::{HEADER_BYTES, Place},
    recovery::finished,
    scan::scan,
    segment,
};

/// What a whole log holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Segment files.
    pub segments: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes at the end of the last segment that a crash tore; the next start cuts them off.
    pub torn_bytes: u64,
}

/// Checks every byte of the log in `dir`. Reads one segment at a time into memory.
///
/// # Errors
/// [`Error::Corrupt`] with file and place of the first damage, [`Error::Missing`] for a gap,
/// [`Error::Io`].
pub fn verify(dir: &Path) -> Result<Verified, Error> {
    let segments = segment::list(dir)?;
    let mut verified = Verified::default();
    let Some((&last, before)) = segments.split_last() else { return Ok(verified) };
    for &number in before {
        verified.records += finished(dir, number, &segment::read(dir, number)?)?.records;
    }
    let path = segment::path(dir, last);
    let bytes = segment::read(dir, last)?;
    match Place::read(last, &bytes) {
        Ok(place) => {
            let scan = scan(place, &bytes);
            if let Some(tail) = scan.tail.filter(|tail| tail.was_synced) {
                return Err(Error::Corrupt { path, offset: tail.offset, why: tail.why });
            }
            verified.records += scan.records;
            verified.torn_bytes = bytes.len() as u64 - scan.end;
        }
        Err(_) if bytes.len() <= HEADER_BYTES => verified.torn_bytes = bytes.len() as u64,
        Err(why) => return Err(Error::Corrupt { path, offset: 0, why }),
    }
    verified.segments = segments.len() as u64;
    Ok(verified)
}
