//! Taking a backup while everything goes on.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use stanch_model::{Time, people::Actor};
use tar::{Builder, Header};

use super::format::{BOOKS, BackupFile, CONFIG, CONTENTS, Contents, LOG, VERSION, segments};
use crate::{Engine, Error, core::audit};

/// What the copy of the books is called while a backup is written.
const COPY: &str = "backup-";

/// How much is read and written at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Takes away the copies of backups that a killed process left in the data folder.
pub(crate) fn sweep(data: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(COPY) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Engine {
    /// Writes a backup into `sink`; intake, runs and people go on meanwhile.
    ///
    /// The books are copied first and the intake log after them, so the log holds everything that the
    /// books have an opinion on; what came later is looked at when the backup is restored.
    ///
    /// # Errors
    /// A store that cannot be copied; files that cannot be read; a sink that takes no more.
    pub async fn backup(
        &self,
        actor: &Actor,
        sink: impl Write + Send + 'static,
    ) -> Result<Contents, Error> {
        let taken_at = self.core.clock.now();
        let who = actor.clone();
        let noted = self.core.store.write(move |tx| {
            let detail = serde_json::json!({ "taken_at": taken_at });
            audit(tx, &who.tenant, taken_at, (&who.name, "instance.backup", "instance"), detail)
        });
        noted.await?;
        let engine = self.clone();
        let written = tokio::task::spawn_blocking(move || engine.write_backup(taken_at, sink));
        written.await.map_err(|error| Error::Content(format!("the backup died: {error}")))?
    }

    fn write_backup(&self, taken_at: Time, sink: impl Write) -> Result<Contents, Error> {
        let failed = |doing: &str, error: std::io::Error| {
            Error::Content(format!("backup: could not {doing}: {error}"))
        };
        let books = tempfile::Builder::new()
            .prefix(COPY)
            .tempfile_in(&*self.data)
            .map_err(|error| failed("make a file for the copy of the books", error))?;
        self.core.store.snapshot(books.path())?;
        let mut tar = Tar { builder: Builder::new(sink), files: Vec::new(), taken_at };
        tar.file(BOOKS, books.path()).map_err(|error| failed("write the books", error))?;
        drop(books);
        let log = self.data.join(LOG);
        let names = segments(&log).map_err(|error| failed("list the intake log", error))?;
        for name in names {
            let written = tar.file(&format!("{LOG}/{name}"), &log.join(&name));
            written.map_err(|error| failed("write the intake log", error))?;
        }
        let config = self.data.join(CONFIG);
        if config.exists() {
            let written = tar.file(CONFIG, &config);
            written.map_err(|error| failed("write the configuration", error))?;
        }
        tar.end().map_err(|error| failed("write the list of contents", error))
    }
}

struct Tar<W: Write> {
    builder: Builder<W>,
    files: Vec<BackupFile>,
    taken_at: Time,
}

impl<W: Write> Tar<W> {
    /// Appends a file as long as it is now: a segment may grow meanwhile.
    fn file(&mut self, name: &str, path: &Path) -> std::io::Result<()> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut read = Hashing { inner: file.take(bytes), hash: Sha256::new() };
        let mut header = self.header(bytes);
        let chunked = std::io::BufReader::with_capacity(CHUNK_BYTES, &mut read);
        self.builder.append_data(&mut header, name, chunked)?;
        let sha256 = hex::encode(read.hash.finalize());
        self.files.push(BackupFile { name: name.to_owned(), bytes, sha256 });
        Ok(())
    }

    fn header(&self, bytes: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.taken_at.micros() / 1_000_000).unwrap_or(0));
        header
    }

    fn end(mut self) -> std::io::Result<Contents> {
        let contents = Contents {
            format: VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: self.taken_at,
            files: std::mem::take(&mut self.files),
        };
        let text = serde_json::to_vec_pretty(&contents)?;
        let mut header = self.header(u64::try_from(text.len()).unwrap_or(u64::MAX));
        self.builder.append_data(&mut header, CONTENTS, text.as_slice())?;
        self.builder.into_inner()?.flush()?;
        Ok(contents)
    }
}

struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(bytes) = buffer.get(..read) {
            self.hash.update(bytes);
        }
        Ok(read)
    }
}
