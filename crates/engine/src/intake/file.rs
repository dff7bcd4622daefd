//! File tailing: new lines of a growing file, with a bookmark that survives restarts, through
//! rotation by rename and by truncation.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use stanch_ingest::{TableHead, split};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};
use tokio_util::sync::CancellationToken;

use super::{Intake, Source};
use crate::Error;

/// How often a quiet file is looked at.
const POLL: Duration = Duration::from_millis(250);

/// How much is read at once; also the longest line, longer ones are cut there.
const CHUNK_BYTES_MAX: usize = 1 << 20;

/// Longest head of a table, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Which file, and as whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailOptions {
    /// The file; it may not be there yet.
    pub path: PathBuf,
    /// As whose events.
    pub source: Source,
}

/// One file being followed.
#[derive(Debug)]
pub struct Tail {
    intake: Intake,
    options: TailOptions,
}

/// Where in which file: inode and byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    inode: u64,
    offset: u64,
}

impl Tail {
    /// Follows `options.path` into `intake`.
    #[must_use]
    pub fn new(intake: Intake, options: TailOptions) -> Self {
        Self { intake, options }
    }

    /// Follows until `shutdown`; trouble with the file is told and tried again, trouble with the
    /// disk under Stanch ends it.
    ///
    /// # Errors
    /// Those of the intake that a later try does not mend.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Error> {
        let mut place = self.bookmark().await?;
        loop {
            match self.read_on(&mut place).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(Error::Poisoned) => return Err(Error::Poisoned),
                Err(error) => {
                    tracing::warn!(path = %self.options.path.display(), %error, "cannot follow the file now");
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Reads the next chunk of whole lines; false if there is none.
    async fn read_on(&self, place: &mut Option<Place>) -> Result<bool, Error> {
        let Some((mut file, inode, size)) = open(&self.options.path).await else {
            return Ok(false);
        };
        let at = match *place {
            Some(at) if at.inode == inode && at.offset <= size => at,
            _ => Place { inode, offset: 0 },
        };
        if at.offset >= size {
            *place = Some(at);
            return Ok(false);
        }
        let chunk = read_at(&mut file, at.offset).await.unwrap_or_default();
        let Some(end) = whole_lines(&chunk) else { return Ok(false) };
        let lines = chunk.get(..end).unwrap_or_default();
        let head = if at.offset == 0 { TableHead::default() } else { head_of(&mut file).await };
        self.intake.stream_after(&self.options.source, &head, lines).await?;
        let offset = at.offset.saturating_add(u64::try_from(end).unwrap_or(u64::MAX));
        let next = Place { inode, offset };
        self.keep(next).await?;
        *place = Some(next);
        Ok(true)
    }

    fn name(&self) -> String {
        format!("tail:{}", self.options.path.display())
    }

    async fn bookmark(&self) -> Result<Option<Place>, Error> {
        let name = self.name();
        let text = self.intake.core.store.read(move |view| view.own_bookmark(&name)).await?;
        Ok(text.and_then(|text| {
            let (inode, offset) = text.split_once(':')?;
            Some(Place { inode: inode.parse().ok()?, offset: offset.parse().ok()? })
        }))
    }

    async fn keep(&self, place: Place) -> Result<(), Error> {
        let name = self.name();
        let text = format!("{}:{}", place.inode, place.offset);
        Ok(self.intake.core.store.write(move |tx| tx.set_own_bookmark(&name, &text)).await?)
    }
}

async fn open(path: &Path) -> Option<(File, u64, u64)> {
    let file = File::open(path).await.ok()?;
    let metadata = file.metadata().await.ok()?;
    Some((file, metadata.ino(), metadata.len()))
}

/// The head of the table that the file is, read anew for each piece: the piece may be the first after a start.
async fn head_of(file: &mut File) -> TableHead {
    let start = read_some(file, 0, HEAD_BYTES_MAX).await.unwrap_or_default();
    let lines = start.split_inclusive(|byte| *byte == b'\n');
    let head: Vec<u8> = lines
        .take_while(|line| line.starts_with(b"#") && line.ends_with(b"\n"))
        .flatten()
        .copied()
        .collect();
    let mut split = split(&head);
    while split.next().is_some() {}
    split.head().clone()
}

async fn read_at(file: &mut File, offset: u64) -> std::io::Result<Vec<u8>> {
    read_some(file, offset, CHUNK_BYTES_MAX).await
}

async fn read_some(file: &mut File, offset: u64, most: usize) -> std::io::Result<Vec<u8>> {
    file.seek(std::io::SeekFrom::Start(offset)).await?;
    let mut chunk = Vec::with_capacity(most);
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut chunk).await?;
    Ok(chunk)
}

/// Where the last whole line ends; a line that fills the chunk is cut there.
fn whole_lines(chunk: &[u8]) -> Option<usize> {
    match chunk.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => Some(last + 1),
        None if chunk.len() >= CHUNK_BYTES_MAX => Some(chunk.len()),
        None => None,
    }
}
