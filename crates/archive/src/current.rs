//! The segment that grows: made, written, synced.

use std::{io, path::Path};

use crate::{
    Error,
    disk::{Disk, SegmentFile, is_full},
    frame::{HEADER_BYTES, Place},
    segment,
};

/// The segment that grows.
pub(crate) struct Current {
    pub(crate) place: Place,
    pub(crate) file: Box<dyn SegmentFile>,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    /// Whether a mark or nothing is at its end.
    pub(crate) marked: bool,
}

/// Why a group was not written.
pub(crate) enum Failure {
    Full,
    Poison(String),
}

impl Current {
    /// Writes `bytes` at the end. If the disk is full, what was written is taken back.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Err(error) = self.file.append(bytes) {
            if !is_full(&error) {
                return Err(self.poison("write to", &error));
            }
            let taken_back = self.file.truncate(self.bytes);
            taken_back.map_err(|error| self.poison("take back the end of", &error))?;
            return Err(Failure::Full);
        }
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// After a failed sync nobody knows what is on disk, whatever the error says.
    pub(crate) fn sync(&mut self) -> Result<(), Failure> {
        let synced = self.file.sync();
        synced.map_err(|error| self.poison("sync", &error))
    }

    fn poison(&self, attempt: &str, error: &io::Error) -> Failure {
        Failure::Poison(format!("{attempt} segment {}: {error}", self.place.segment))
    }
}

/// Makes a segment: header synced, then its name.
///
/// An earlier attempt that failed half-way is overwritten.
pub(crate) fn create(dir: &Path, disk: &dyn Disk, number: u64) -> Result<Current, Error> {
    let path = segment::path(dir, number);
    let place = segment::new_place(number);
    let mut file = disk.open(&path, true).map_err(|e| Error::io("create", &path, e))?;
    file.truncate(0).map_err(|e| Error::io("empty", &path, e))?;
    file.append(&place.header()).map_err(|e| Error::io("write", &path, e))?;
    file.sync().map_err(|e| Error::io("sync", &path, e))?;
    disk.sync_dir(dir).map_err(|e| Error::io("sync", dir, e))?;
    Ok(Current { place, file, bytes: HEADER_BYTES as u64, records: 0, marked: true })
}
