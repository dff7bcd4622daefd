//! One look at the folder: every playbook text in it, and the commit that is checked out.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use stanch_model::canonical;

use super::git;

/// Most files that are looked at.
const FILES_MAX: usize = 1_000;

/// Longest file, in bytes: what the language takes at the most.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// How deep folders may stand in one another.
const DEPTH_MAX: usize = 8;

/// Why a folder is not followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// Git is writing to it.
    #[error("git is writing to the folder")]
    Busy,
    /// It is not there, or may not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It holds too much to be a folder of playbooks.
    #[error("{path} holds more than {FILES_MAX} playbooks, or folders more than {DEPTH_MAX} deep")]
    TooMuch {
        /// The folder.
        path: PathBuf,
    },
}

/// What a look saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The commit that is checked out; none if this is no checkout.
    pub(super) commit: Option<String>,
    /// Path below the folder, and what is there.
    pub(super) files: BTreeMap<String, File>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Its text, or why it has none.
    pub(super) text: Result<String, String>,
}

impl File {
    pub(super) fn digest(&self) -> String {
        let (Ok(text) | Err(text)) = &self.text;
        canonical::sha256_bytes(text.as_bytes())
    }
}

/// Looks at the folder.
///
/// # Errors
/// A folder that cannot be read whole; git at work in it.
pub(super) fn look(folder: &Path) -> Result<Seen, FollowError> {
    if git::is_busy(folder) {
        return Err(FollowError::Busy);
    }
    let mut files = BTreeMap::new();
    collect(folder, folder, 0, &mut files)?;
    Ok(Seen { commit: git::commit(folder), files })
}

fn collect(
    root: &Path,
    folder: &Path,
    depth: usize,
    files: &mut BTreeMap<String, File>,
) -> Result<(), FollowError> {
    if depth > DEPTH_MAX {
        return Err(FollowError::TooMuch { path: root.to_owned() });
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| FollowError::Read { path, source }
    };
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(at(&path))?;
        if kind.is_dir() {
            collect(root, &path, depth + 1, files)?;
        } else if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
            if files.len() >= FILES_MAX {
                return Err(FollowError::TooMuch { path: root.to_owned() });
            }
            let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.insert(below, File { text: read(&path, kind.is_file()).map_err(at(&path))? });
        }
    }
    Ok(())
}

/// A link could lead out of the folder, and a pipe never ends: only plain files are read.
fn read(path: &Path, is_plain: bool) -> io::Result<Result<String, String>> {
    if !is_plain {
        return Ok(Err("it is no plain file".to_owned()));
    }
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Ok(Err("it is longer than 256 KiB".to_owned()));
    }
    let bytes = fs::read(path)?;
    Ok(String::from_utf8(bytes).map_err(|error| format!("it is no UTF-8 text: {error}")))
}
