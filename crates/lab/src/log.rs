//! An append-only file of JSON lines that is on disk before anybody is told.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

/// The file, open for appending. After the first error nothing more may be appended: what is on
/// disk is no longer known.
pub(crate) struct Log {
    file: File,
}

impl Log {
    /// Opens or creates `directory/name` and returns what it holds. A last line without its line
    /// feed was never answered for, and is cut off.
    pub(crate) fn open<T: DeserializeOwned>(
        directory: &Path,
        name: &str,
    ) -> io::Result<(Self, Vec<T>)> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join(name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        if whole < bytes.len() {
            file.set_len(u64::try_from(whole).map_err(io::Error::other)?)?;
        }
        file.sync_all()?;
        File::open(directory)?.sync_all()?;
        let lines = bytes.get(..whole).unwrap_or_default();
        Ok((Self { file }, read(lines, &path)?))
    }

    /// A log that no record can be appended to.
    #[cfg(test)]
    pub(crate) fn broken(file: File) -> Self {
        Self { file }
    }

    /// Appends one record and waits until it is on disk.
    pub(crate) fn append(&mut self, record: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

fn read<T: DeserializeOwned>(lines: &[u8], path: &Path) -> io::Result<Vec<T>> {
    lines
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|error| {
                let text = format!(
                    "{}:{}: no record of the lab ({error}); move the file away to start empty",
                    path.display(),
                    index + 1
                );
                io::Error::new(io::ErrorKind::InvalidData, text)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_line_is_cut_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ndjson");
        std::fs::write(&path, "1\n2\n3").unwrap();
        let (mut log, read) = Log::open::<u32>(folder.path(), "x.ndjson").unwrap();
        assert_eq!(read, [1, 2]);
        log.append(&4).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n2\n4\n");

        std::fs::write(&path, "1\noops\n3\n").unwrap();
        let error = Log::open::<u32>(folder.path(), "x.ndjson").err().unwrap().to_string();
        assert!(error.contains("x.ndjson:2: no record of the lab"), "{error}");
    }
}
