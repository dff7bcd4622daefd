//! What is in a backup.

use std::path::Path;

use serde::{Deserialize, Serialize};
use stanch_model::Time;

/// Version of the format that this build writes, and the only one it reads.
pub(super) const VERSION: u32 = 1;

/// The list, the last entry of the tar.
pub(super) const CONTENTS: &str = "contents.json";

/// The books.
pub(super) const BOOKS: &str = "stanch.db";

/// The configuration.
pub(super) const CONFIG: &str = "stanch.yaml";

/// The folder of the intake log.
pub(super) const LOG: &str = "intake";

/// Longest list, in bytes.
pub(super) const CONTENTS_BYTES_MAX: u64 = 16 << 20;

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Version of the format.
    pub format: u32,
    /// The build that took it.
    pub version: String,
    /// When it was begun: later changes may be in it, earlier ones are.
    pub taken_at: Time,
    /// The files, in the order of the tar.
    pub files: Vec<BackupFile>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    /// Its name below the data folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// Whether a backup may hold a file of that name: nothing else is ever written to disk.
pub(super) fn is_known(name: &str) -> bool {
    if matches!(name, BOOKS | CONFIG) {
        return true;
    }
    name.strip_prefix(LOG).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_segment)
}

/// Whether a file of the intake log's folder is one of its segments.
pub(super) fn is_segment(name: &str) -> bool {
    let number = name.strip_suffix(".log");
    number.is_some_and(|number| number.len() == 20 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The names of the log's segments in `folder`, in order.
pub(super) fn segments(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        names.extend(name.to_str().filter(|name| is_segment(name)).map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_data_folder_holds_has_a_name_here() {
        for name in ["stanch.db", "stanch.yaml", "intake/00000000000000000001.log"] {
            assert!(is_known(name), "{name}");
        }
        for name in [
            "",
            "contents.json",
            "../stanch.db",
            "/etc/passwd",
            "intake/../../x.log",
            "intake/1.log",
            "intake/0000000000000000000a.log",
            "intake//00000000000000000001.log",
            "./stanch.db",
            "control.sock",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }
}
