//! Segment files: their names, their list, their headers.

use std::{
    fs::{self, File},
    hash::{BuildHasher, RandomState},
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    Error,
    frame::{HEADER_BYTES, Place},
};

pub(crate) fn path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("{segment:020}.log"))
}

/// The segments in `dir`, in order. Files with other names are left alone.
pub(crate) fn list(dir: &Path) -> Result<Vec<u64>, Error> {
    let read = |source| Error::io("list", dir, source);
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir).map_err(read)? {
        let name = entry.map_err(read)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log"));
        if let Some(number) = number.filter(|digits| digits.len() == 20) {
            segments.extend(number.parse::<u64>().ok().filter(|n| *n > 0));
        }
    }
    segments.sort_unstable();
    for pair in segments.windows(2) {
        if let [one, next] = pair
            && one + 1 != *next
        {
            return Err(Error::Missing { path: path(dir, one + 1) });
        }
    }
    Ok(segments)
}

/// A fresh place with a sync word that no sender can guess.
pub(crate) fn new_place(segment: u64) -> Place {
    let [a, b, c, d, ..] = RandomState::new().hash_one(segment).to_le_bytes();
    Place { segment, sync: [a, b, c, d] }
}

/// Opens a finished or growing segment for reading and checks its header.
pub(crate) fn open(dir: &Path, segment: u64) -> Result<(File, Place), Error> {
    let path = path(dir, segment);
    let mut file = File::open(&path).map_err(|source| Error::io("open", &path, source))?;
    let mut header = Vec::with_capacity(HEADER_BYTES);
    let limit = HEADER_BYTES as u64;
    (&mut file)
        .take(limit)
        .read_to_end(&mut header)
        .map_err(|source| Error::io("read", &path, source))?;
    let place =
        Place::read(segment, &header).map_err(|why| Error::Corrupt { path, offset: 0, why })?;
    Ok((file, place))
}

/// The whole of a segment file.
pub(crate) fn read(dir: &Path, segment: u64) -> Result<Vec<u8>, Error> {
    let path = path(dir, segment);
    fs::read(&path).map_err(|source| Error::io("read", &path, source))
}
