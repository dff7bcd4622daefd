//! The least that a durable append can cost: one thread that writes what queued, commits once, answers all.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use anyhow::Context as _;
use tokio::sync::{mpsc, oneshot};

use crate::output;

/// How many appends share one sync at the most, as in the store.
const GROUP_MAX: usize = 256;

/// Bytes, and who waits for them.
type Request = (Vec<u8>, oneshot::Sender<()>);

/// What many append to and one thread commits in groups: a file that is synced, or a bare table. No frames,
/// no checksums, no retries.
#[derive(Debug)]
pub(crate) struct RawLog {
    queue: mpsc::Sender<Request>,
    syncs: Arc<AtomicU64>,
}

impl RawLog {
    /// A new file.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let mut file = new_file(path)?;
        Ok(Self::over(move |group| {
            file.write_all(&group.concat())?;
            Ok(file.sync_data()?)
        }))
    }

    /// Whatever `commit` commits to. It runs in a thread that ends with the last handle.
    pub(crate) fn over(
        mut commit: impl FnMut(&[Vec<u8>]) -> anyhow::Result<()> + Send + 'static,
    ) -> Self {
        let (queue, mut requests) = mpsc::channel::<Request>(1_024);
        let syncs = Arc::new(AtomicU64::new(0));
        let count = syncs.clone();
        std::thread::spawn(move || {
            while let Some(first) = requests.blocking_recv() {
                let (mut group, mut replies) = (vec![first.0], vec![first.1]);
                while group.len() < GROUP_MAX
                    && let Ok((bytes, reply)) = requests.try_recv()
                {
                    group.push(bytes);
                    replies.push(reply);
                }
                if let Err(error) = commit(&group) {
                    // Whoever waits sees that nobody answers.
                    output::say(&format!("a raw commit failed: {error:#}"));
                    return;
                }
                count.fetch_add(1, Ordering::Relaxed);
                for reply in replies {
                    // Whoever asked may have gone.
                    reply.send(()).ok();
                }
            }
        });
        Self { queue, syncs }
    }

    /// Returns when the bytes are on disk.
    pub(crate) async fn append(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let (reply, answer) = oneshot::channel();
        self.queue.send((bytes, reply)).await.ok().context("the raw log failed")?;
        answer.await.context("the raw log failed")
    }

    /// How often it was synced.
    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}

fn new_file(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().append(true).create_new(true).open(path);
    file.with_context(|| format!("making {}", path.display()))
}

/// A file that one thread appends to, with a sync of its own for each record.
#[derive(Debug)]
pub(crate) struct SyncFile {
    file: File,
    record: Vec<u8>,
}

impl SyncFile {
    /// Makes the file, for records of `bytes` bytes.
    pub(crate) fn create(path: &Path, bytes: usize) -> anyhow::Result<Self> {
        Ok(Self { file: new_file(path)?, record: vec![b'x'; bytes] })
    }

    /// How long one append with its fdatasync takes, in seconds.
    pub(crate) fn append(&mut self) -> anyhow::Result<f64> {
        let started = Instant::now();
        let written = self.file.write_all(&self.record).and_then(|()| self.file.sync_data());
        written.context("appending to a raw file")?;
        Ok(started.elapsed().as_secs_f64())
    }
}
