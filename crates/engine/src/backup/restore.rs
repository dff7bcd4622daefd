//! Restoring: every byte checked before the data folder is there.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use stanch_model::Time;
use tar::{Archive, EntryType};

use super::{
    format::{BackupFile, CONTENTS, CONTENTS_BYTES_MAX, Contents, VERSION, is_known},
    held::{MARKER, Restored},
};

/// Why a backup was not restored. Nothing is left of the attempt.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The place is taken.
    #[error("{} is there already and not empty: restore into a folder of its own", .0.display())]
    Taken(PathBuf),
    /// Not a backup, or one that was cut off or changed.
    #[error("this is no whole backup: {0}")]
    Broken(String),
    /// A backup in a format that this build does not read.
    #[error(
        "the backup has format {found}, and this build reads {known}: restore it with the version that took it"
    )]
    Format {
        /// In the backup.
        found: u32,
        /// In this build.
        known: u32,
    },
    /// A file operation failed.
    #[error("could not {doing}: {source}")]
    Io {
        /// What was attempted.
        doing: String,
        /// Why not.
        source: io::Error,
    },
}

/// Makes the data folder `into` of a backup. The instance that is started on it acts on nothing until
/// its containments have been compared with their targets.
///
/// # Errors
/// A folder that is there already; a backup that is not whole. Then nothing was made.
pub fn restore(backup: impl Read, into: &Path, now: Time) -> Result<Contents, RestoreError> {
    if fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(RestoreError::Taken(into.to_owned()));
    }
    let mut partial = into.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    if fs::symlink_metadata(&partial).is_ok() {
        return Err(RestoreError::Taken(partial));
    }
    io("make the folder", fs::create_dir_all(partial.join(super::format::LOG)))?;
    let restored = unpack(backup, &partial)
        .and_then(|contents| mark(&partial, &contents, now).map(|()| contents))
        .and_then(|contents| put_in_place(&partial, into).map(|()| contents));
    if restored.is_err() {
        io("take the unfinished folder away", fs::remove_dir_all(&partial))?;
    }
    restored
}

fn io<T>(doing: &str, done: io::Result<T>) -> Result<T, RestoreError> {
    done.map_err(|source| RestoreError::Io { doing: doing.to_owned(), source })
}

fn broken(why: impl Into<String>) -> RestoreError {
    RestoreError::Broken(why.into())
}

fn unpack(backup: impl Read, partial: &Path) -> Result<Contents, RestoreError> {
    let mut archive = Archive::new(backup);
    let mut found: Vec<BackupFile> = Vec::new();
    let mut contents = None;
    let unreadable = |error: io::Error| broken(error.to_string());
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        if contents.is_some() {
            return Err(broken("something follows the list of contents"));
        }
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|_utf8| broken("a name is not UTF-8"))?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(broken(format!("`{}` is no plain file", name.escape_default())));
        }
        if name == CONTENTS {
            contents = Some(read_contents(&mut entry)?);
        } else if is_known(&name) && found.iter().all(|file| file.name != name) {
            found.push(write_file(&mut entry, name, partial)?);
        } else {
            let name = name.escape_default();
            return Err(broken(format!("`{name}` does not belong in one, or is there twice")));
        }
    }
    let contents: Contents =
        contents.ok_or_else(|| broken("its list of contents is missing: it was cut off"))?;
    if contents.format != VERSION {
        return Err(RestoreError::Format { found: contents.format, known: VERSION });
    }
    if contents.files != found {
        return Err(broken("its files are not those of its list of contents"));
    }
    Ok(contents)
}

fn read_contents(entry: &mut impl Read) -> Result<Contents, RestoreError> {
    let mut text = Vec::new();
    let read = entry.take(CONTENTS_BYTES_MAX).read_to_end(&mut text);
    read.map_err(|error| broken(error.to_string()))?;
    // The format's number first, so that a later one is told by its name.
    let number = serde_json::from_slice::<serde_json::Value>(&text)
        .ok()
        .and_then(|contents| contents.get("format")?.as_u64())
        .and_then(|number| u32::try_from(number).ok());
    match number {
        Some(found) if found != VERSION => Err(RestoreError::Format { found, known: VERSION }),
        _ => serde_json::from_slice(&text)
            .map_err(|error| broken(format!("its list of contents cannot be read: {error}"))),
    }
}

fn write_file(
    entry: &mut impl Read,
    name: String,
    partial: &Path,
) -> Result<BackupFile, RestoreError> {
    let doing = format!("write {name}");
    let mut file = io(&doing, File::create_new(partial.join(&name)))?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 64 << 10]);
    loop {
        let read = entry.read(&mut buffer).map_err(|error| broken(error.to_string()))?;
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
        hash.update(chunk);
        io(&doing, file.write_all(chunk))?;
        bytes += u64::try_from(read).unwrap_or(0);
    }
    io(&doing, file.sync_all())?;
    Ok(BackupFile { name, bytes, sha256: hex::encode(hash.finalize()) })
}

/// Says to the next start that this is a restored instance.
fn mark(partial: &Path, contents: &Contents, now: Time) -> Result<(), RestoreError> {
    let restored = Restored { taken_at: contents.taken_at, restored_at: now };
    let text = serde_json::to_vec(&restored).expect("invariant: two moments are JSON");
    let mut file = io("write the mark", File::create_new(partial.join(MARKER)))?;
    io("write the mark", file.write_all(&text).and_then(|()| file.sync_all()))
}

fn put_in_place(partial: &Path, into: &Path) -> Result<(), RestoreError> {
    for folder in [&partial.join(super::format::LOG), partial] {
        io("sync the folder", File::open(folder).and_then(|folder| folder.sync_all()))?;
    }
    // An empty folder may be replaced; one with something in it may not.
    io("put the folder in place", fs::rename(partial, into))?;
    let parent = match into.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    io("sync the folder above", File::open(parent).and_then(|folder| folder.sync_all()))
}
