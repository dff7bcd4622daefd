//! Temporary folders: one for each run, in one for each process, removed whatever happens.
//!
//! A process holds a lock on its own folder. Whoever starts later and gets the lock knows that the process
//! is dead, and removes what it left.

use std::{
    fs::{self, DirBuilder, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::remove::remove;
use crate::File;

/// How the folder of a process begins.
const PREFIX: &str = "stanch-sandbox-";

/// The locked file.
const LOCK: &str = "lock";

/// The folder of this process.
#[derive(Debug)]
pub(super) struct Folders {
    path: PathBuf,
    /// Locked as long as this process lives.
    _lock: fs::File,
    next: AtomicU64,
}

/// The folder of one run.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folders {
    pub(super) fn open(scratch: &Path) -> io::Result<Self> {
        sweep(scratch);
        // Programs run as other users, which must be able to pass, but not to look around.
        let mode = fs::Permissions::from_mode(0o711);
        let made = tempfile::Builder::new().prefix(PREFIX).permissions(mode).tempdir_in(scratch)?;
        // Under its name only once it is locked: others take one that they can lock for abandoned.
        let (new, name) = (made.path().join("new"), made.path().join(LOCK));
        let lock = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        lock.lock()?;
        fs::rename(new, name)?;
        Ok(Self { path: made.keep(), _lock: lock, next: AtomicU64::new(0) })
    }

    /// A folder with `tmp/` and the file, all of them `owner`'s if that is another user.
    pub(super) fn make(&self, file: Option<&File>, owner: Option<u32>) -> io::Result<Folder> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let folder = Folder { path: self.path.join(format!("run-{number}")) };
        DirBuilder::new().mode(0o700).create(&folder.path)?;
        let mut made = vec![folder.path.clone(), folder.tmp()];
        DirBuilder::new().mode(0o700).create(folder.tmp())?;
        if let Some(file) = file {
            let path = folder.file(&file.name)?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o400).open(&path)?.write_all(&file.bytes)?;
            made.push(path);
        }
        if owner.is_some() {
            // The folder itself last: until then nobody else can be in it.
            for path in made.iter().rev() {
                std::os::unix::fs::chown(path, owner, owner)?;
            }
        }
        Ok(folder)
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        removed(&self.path);
    }
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the program starts, and what it can write to.
    pub(super) fn tmp(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// Where its file is.
    pub(super) fn file(&self, name: &str) -> io::Result<PathBuf> {
        let is_plain =
            !name.is_empty() && !name.contains('/') && !matches!(name, "." | ".." | "tmp");
        if is_plain {
            Ok(self.path.join(name))
        } else {
            Err(io::Error::other(format!("`{}` is no plain file name", name.escape_debug())))
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        removed(&self.path);
    }
}

fn removed(path: &Path) {
    if let Err(error) = remove(path) {
        tracing::error!(path = %path.display(), %error, "a temporary folder could not be removed");
    }
}

/// Removes what dead processes of this user left.
fn sweep(scratch: &Path) {
    let Ok(entries) = fs::read_dir(scratch) else { return };
    let user = rustix::process::geteuid().as_raw();
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == user);
        if is_ours && is_abandoned(&entry.path()) {
            tracing::info!(path = %entry.path().display(), "removing what a dead process left");
            removed(&entry.path());
        }
    }
}

/// A folder whose lock can be had. One without the file is just being made, or just being removed.
fn is_abandoned(path: &Path) -> bool {
    let Ok(lock) = fs::OpenOptions::new().write(true).open(path.join(LOCK)) else { return false };
    match lock.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(error)) => {
            tracing::warn!(path = %path.display(), %error, "a folder's lock cannot be read");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_is_removed_and_nothing_else() {
        let scratch = tempfile::tempdir().unwrap();
        let alive = Folders::open(scratch.path()).unwrap();
        let kept = alive.make(None, None).unwrap();
        let dead = scratch.path().join(format!("{PREFIX}dead"));
        fs::create_dir_all(dead.join("run-0/tmp/deep")).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let young = scratch.path().join(format!("{PREFIX}young"));
        fs::create_dir(&young).unwrap();
        let other = scratch.path().join("other");
        fs::create_dir(&other).unwrap();
        let second = Folders::open(scratch.path()).unwrap();
        assert!(!dead.exists());
        assert!(kept.tmp().exists() && young.exists() && other.exists());
        drop((kept, alive, second));
        let left: Vec<_> =
            fs::read_dir(scratch.path()).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn a_file_is_one_beside_tmp() {
        let scratch = tempfile::tempdir().unwrap();
        let folders = Folders::open(scratch.path()).unwrap();
        for name in ["", ".", "..", "tmp", "a/b", "../x"] {
            let file = File { name: name.to_owned(), bytes: Vec::new() };
            assert!(folders.make(Some(&file), None).is_err(), "{name}");
        }
        let file = File { name: "script.py".to_owned(), bytes: b"1".to_vec() };
        let folder = folders.make(Some(&file), None).unwrap();
        assert_eq!(fs::read(folder.tmp().join("../script.py")).unwrap(), b"1");
    }
}
