//! Removing a folder in which somebody hostile has written, once they are all dead.
//!
//! Never follows a link, never goes deeper than one level: folders are moved up before they are emptied, so
//! that neither a path, nor the stack, nor the number of open files can be made to run out.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// Removes `path` and everything in it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let mut waiting = vec![path.to_owned()];
    let mut moved: u64 = 0;
    while let Some(folder) = waiting.last().cloned() {
        let inner = empty(&folder)?;
        if inner.is_empty() {
            fs::remove_dir(&folder)?;
            waiting.pop();
            continue;
        }
        for child in inner {
            open_up(&child)?;
            let place = if folder == path { child.clone() } else { free_place(path, &mut moved) };
            if place != child {
                fs::rename(&child, &place)?;
            }
            waiting.push(place);
        }
    }
    Ok(())
}

/// A name in `path` that nobody has taken.
fn free_place(path: &Path, moved: &mut u64) -> PathBuf {
    loop {
        let place = path.join(format!(".removing-{moved}"));
        *moved = moved.saturating_add(1);
        if fs::symlink_metadata(&place).is_err() {
            return place;
        }
    }
}

/// Removes the files of a folder, and gives back the folders in it.
fn empty(folder: &Path) -> io::Result<Vec<PathBuf>> {
    open_up(folder)?;
    let mut inner = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            inner.push(entry.path());
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(inner)
}

/// A folder can be made so that its own owner cannot list it.
fn open_up(folder: &Path) -> io::Result<()> {
    let permissions = fs::symlink_metadata(folder)?.permissions();
    if permissions.mode() & 0o700 == 0o700 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_lead_nowhere_and_depth_does_not_matter() {
        let scratch = tempfile::tempdir().unwrap();
        let (outside, inside) = (scratch.path().join("outside"), scratch.path().join("inside"));
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "kept").unwrap();
        fs::create_dir(&inside).unwrap();
        symlink(&outside, inside.join("link")).unwrap();
        symlink("loop", inside.join("loop")).unwrap();
        fs::create_dir(inside.join(".removing-0")).unwrap();
        fs::write(inside.join(".removing-0/a"), "").unwrap();
        fs::create_dir(inside.join("locked")).unwrap();
        fs::write(inside.join("locked/a"), "").unwrap();
        fs::set_permissions(inside.join("locked"), fs::Permissions::from_mode(0o0)).unwrap();
        // Deeper than a path can be long: built from the inside out.
        let deep = inside.join("deep");
        fs::create_dir(&deep).unwrap();
        for _ in 0..3_000 {
            let outer = inside.join("outer");
            fs::create_dir(&outer).unwrap();
            fs::rename(&deep, outer.join("d")).unwrap();
            fs::rename(&outer, &deep).unwrap();
        }
        remove(&inside).unwrap();
        assert!(!inside.exists());
        assert_eq!(fs::read(outside.join("kept")).unwrap(), b"kept");
    }
}
