//! Which files a path means.

use std::{fs, path::Path};

use anyhow::Context as _;
use walkdir::WalkDir;

use crate::exit::Usage;

/// Largest file that is read whole, in bytes: no rule, playbook or manifest comes near.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The files of `paths`, sorted in each folder: files as they are named, folders down to the files for which
/// `wanted` holds. Hidden files and folders are passed over, links are not followed.
///
/// # Errors
/// A path that is not there or cannot be read.
pub(crate) fn files(
    paths: &[String],
    wanted: impl Fn(&Path) -> bool,
) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for path in paths {
        let meta = fs::metadata(path).map_err(|error| Usage(format!("{path}: {error}")))?;
        if !meta.is_dir() {
            found.push(path.clone());
            continue;
        }
        let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        let walk = WalkDir::new(path).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()))
        {
            let entry = entry.with_context(|| format!("read the folder {path}"))?;
            if entry.file_type().is_file() && wanted(entry.path()) {
                found.push(entry.path().to_string_lossy().into_owned());
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

/// Whether it is a YAML file by its name.
pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The bytes of a file.
///
/// # Errors
/// A file that cannot be read, or is too large for what it should be.
pub(crate) fn read(path: &str) -> anyhow::Result<Vec<u8>> {
    read_up_to(path, FILE_BYTES_MAX, "no rule, playbook or manifest")
}

/// The bytes of a file that has at most `max`; one with more is `otherwise`.
///
/// # Errors
/// A file that cannot be read, or has more.
pub(crate) fn read_up_to(path: &str, max: u64, otherwise: &str) -> anyhow::Result<Vec<u8>> {
    let told = |error: std::io::Error| Usage(format!("{path}: {error}"));
    let bytes = fs::metadata(path).map_err(told)?.len();
    if bytes > max {
        return Err(Usage(format!("{path}: {bytes} bytes are {otherwise}")).into());
    }
    Ok(fs::read(path).map_err(told)?)
}

/// Writes a text into a file that is there.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn write(path: &str, text: &str) -> anyhow::Result<()> {
    Ok(fs::write(path, text).map_err(|error| Usage(format!("{path}: {error}")))?)
}

/// The text of a file; bytes that are no UTF-8 are replaced.
///
/// # Errors
/// Those of [`read`].
pub(crate) fn read_text(path: &str) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&read(path)?).into_owned())
}
