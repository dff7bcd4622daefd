//! Opening a log: find its end, cut off what a crash tore, refuse what is damaged.

use std::{fs, path::Path};

use stanch_model::EventId;

use crate::{
    Error,
    current::{Current, create},
    disk::Disk,
    frame::{HEADER_BYTES, Place},
    scan::{Scan, scan},
    segment,
    window::Window,
};

/// What opening found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Bytes of a torn write that were cut off; none of them was ever acknowledged. Say it aloud if not 0.
    pub truncated_bytes: u64,
    /// The segment that they were in, which is the last one.
    pub segment: u64,
    /// The last record there is.
    pub last: Option<EventId>,
    /// How many segments there are.
    pub segments: u64,
}

/// Where the writer goes on.
pub(crate) struct Resume {
    pub(crate) recovery: Recovery,
    pub(crate) first_segment: u64,
    pub(crate) window: Window,
    pub(crate) current: Current,
}

pub(crate) fn resume(dir: &Path, disk: &dyn Disk, keys_max: usize) -> Result<Resume, Error> {
    let segments = segment::list(dir)?;
    let (Some(&first_segment), Some(&last)) = (segments.first(), segments.last()) else {
        let current = create(dir, disk, 1)?;
        let recovery = Recovery { segment: 1, segments: 1, ..Recovery::default() };
        return Ok(Resume { recovery, first_segment: 1, window: Window::new(keys_max), current });
    };
    let mut window = Window::new(keys_max);
    let mut last_id = None;
    if let Some(before) = last.checked_sub(1).filter(|n| *n >= first_segment) {
        let bytes = segment::read(dir, before)?;
        let scan = finished(dir, before, &bytes)?;
        window.extend(before, &scan.batches);
        last_id = scan.records.checked_sub(1).map(|sequence| EventId { segment: before, sequence });
    }
    let (mut current, sealed, truncated_bytes) = last_segment(dir, disk, last, &mut window)?;
    if let Some(sequence) = current.records.checked_sub(1) {
        last_id = Some(EventId { segment: last, sequence });
    }
    if sealed {
        current = create(dir, disk, last + 1)?;
    }
    let recovery = Recovery {
        truncated_bytes,
        segment: last,
        last: last_id,
        segments: current.place.segment - first_segment + 1,
    };
    Ok(Resume { recovery, first_segment, window, current })
}

/// Reads the last segment, cuts what was torn, and syncs what is kept: from here on it counts as
/// acknowledged.
fn last_segment(
    dir: &Path,
    disk: &dyn Disk,
    number: u64,
    window: &mut Window,
) -> Result<(Current, bool, u64), Error> {
    let path = segment::path(dir, number);
    let bytes = segment::read(dir, number)?;
    let place = match Place::read(number, &bytes) {
        Ok(place) => place,
        // The header is synced before anything follows it, so a crash while the segment was made.
        Err(_) if bytes.len() <= HEADER_BYTES => {
            let torn = bytes.len() as u64;
            return Ok((create(dir, disk, number)?, false, torn));
        }
        Err(why) => return Err(Error::Corrupt { path, offset: 0, why }),
    };
    let scan = scan(place, &bytes);
    if let Some(tail) = scan.tail.filter(|tail| tail.was_synced) {
        return Err(Error::Corrupt { path, offset: tail.offset, why: tail.why });
    }
    window.extend(number, &scan.batches);
    let torn = bytes.len() as u64 - scan.end;
    let mut file = disk.open(&path, false).map_err(|e| Error::io("open", &path, e))?;
    if torn > 0 {
        file.truncate(scan.end).map_err(|e| Error::io("cut the torn end of", &path, e))?;
    }
    file.sync().map_err(|e| Error::io("sync", &path, e))?;
    disk.sync_dir(dir).map_err(|e| Error::io("sync", dir, e))?;
    let Scan { end, records, marked, sealed, .. } = scan;
    Ok((Current { place, file, bytes: end, records, marked }, sealed, torn))
}

/// Scans a segment that is not the last, which must be whole.
pub(crate) fn finished(dir: &Path, number: u64, bytes: &[u8]) -> Result<Scan, Error> {
    let path = segment::path(dir, number);
    let place = Place::read(number, bytes).map_err(|why| Error::Corrupt {
        path: path.clone(),
        offset: 0,
        why,
    })?;
    let scan = scan(place, bytes);
    match scan.tail {
        Some(tail) => Err(Error::Corrupt { path, offset: tail.offset, why: tail.why }),
        None if !scan.sealed => {
            Err(Error::Corrupt { path, offset: scan.end, why: "the end mark is missing" })
        }
        None => Ok(scan),
    }
}

/// Makes the directory, and its name durable in its parent.
pub(crate) fn make_dir(dir: &Path, disk: &dyn Disk) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(|e| Error::io("create", dir, e))?;
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        disk.sync_dir(parent).map_err(|e| Error::io("sync", parent, e))?;
    }
    Ok(())
}
