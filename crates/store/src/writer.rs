//! The store's handle, and the one writer thread behind it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Error,
    sql::{Connection, Sqlite},
    tx::Tx,
    view::View,
};

/// How many changes may wait for the writer before callers have to.
const QUEUE_MAX: usize = 1_024;

/// How many changes share one commit at the most.
const GROUP_MAX: usize = 256;

/// How many queries run at the same time.
const READERS: usize = 4;

type Reply = Box<dyn FnOnce(Result<(), Error>) + Send>;
type Job = Box<dyn FnOnce(&Tx<'_>) -> (Ran, Reply) + Send>;

/// How a change ran, before anything is committed.
#[derive(PartialEq, Eq)]
enum Ran {
    /// Keep it.
    Well,
    /// It refused; take back what it did.
    Refused,
    /// There was no room for it; commit nothing.
    Full,
    /// The storage failed under it; commit nothing.
    Broken,
}

/// The embedded store. Cheap to clone; the last clone's end ends the writer.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    inner: Arc<Inner>,
}

struct Inner {
    readers: Vec<Mutex<Connection>>,
    next_reader: std::sync::atomic::AtomicUsize,
    poisoned: Arc<AtomicBool>,
    poison: watch::Receiver<bool>,
    path: PathBuf,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in `folder`, making it if it is not there, and starts the writer.
    ///
    /// # Errors
    /// I/O and SQLite errors; a folder written by a newer build; a file system on which SQLite does
    /// not accept WAL with `synchronous=FULL`.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Io { doing: format!("make {}", folder.display()), source })?;
        let path = folder.join("stanch.db");
        let connection = Connection::Sqlite(Sqlite::writer(&path)?);
        let reader = || Ok::<_, Error>(Mutex::new(Connection::Sqlite(Sqlite::reader(&path)?)));
        let readers = (0..READERS).map(|_| reader());
        let readers = readers.collect::<Result<Vec<_>, _>>()?;
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let (poison_sender, poison) = watch::channel(false);
        let poisoned = Arc::new(AtomicBool::new(false));
        let flag = poisoned.clone();
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_all(&connection, queue, &flag, &poison_sender))
            .map_err(|source| Error::Io { doing: "start the writer".to_owned(), source })?;
        Ok(Self {
            jobs,
            inner: Arc::new(Inner {
                readers,
                next_reader: std::sync::atomic::AtomicUsize::new(0),
                poisoned,
                poison,
                path,
                writer: Mutex::new(Some(writer)),
            }),
        })
    }

    /// Runs `change` in the writer and returns once it is on disk. What `change` returns as an error
    /// is rolled back and nothing else with it.
    ///
    /// # Errors
    /// Those of `change`; [`Error::Poisoned`] and [`Error::Full`], after which nothing of it is there.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        if self.inner.poisoned.load(Ordering::Acquire) {
            return Err(Error::Poisoned);
        }
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = change(tx);
            let ran = match &result {
                Ok(_) => Ran::Well,
                Err(error) if error.is_io() => Ran::Broken,
                Err(Error::Full) => Ran::Full,
                Err(_) => Ran::Refused,
            };
            let reply: Reply = Box::new(move |committed| {
                // The caller may have gone away; what is committed stays committed.
                drop(sender.send(match committed {
                    Ok(()) => result,
                    Err(error) => Err(error),
                }));
            });
            (ran, reply)
        });
        self.jobs.send(job).await.map_err(|_gone| Error::Poisoned)?;
        receiver.await.unwrap_or(Err(Error::Poisoned))
    }

    /// Runs a query on one of the reading connections.
    ///
    /// # Errors
    /// Those of `query`.
    ///
    /// # Panics
    /// If `query` panicked before on the same connection.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&View<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || {
            let number = inner.next_reader.fetch_add(1, Ordering::Relaxed) % READERS;
            let slot = inner.readers.get(number).expect("invariant: number is below READERS");
            let connection = slot.lock().expect("invariant: queries do not panic");
            connection.begin_reading()?;
            let found = query(&View::new(&connection));
            connection.roll_back();
            found
        });
        done.await.unwrap_or(Err(Error::Poisoned))
    }

    /// The database's file.
    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Turns true with the first I/O error; who watches it ends the process.
    #[must_use]
    pub fn poison(&self) -> watch::Receiver<bool> {
        self.inner.poison.clone()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // `Store::jobs` is gone by now, so the writer ends after what it holds.
        let writer = self.writer.lock().ok().and_then(|mut writer| writer.take());
        if let Some(writer) = writer
            && writer.thread().id() != std::thread::current().id()
        {
            drop(writer.join());
        }
    }
}

fn write_all(
    connection: &Connection,
    mut queue: mpsc::Receiver<Job>,
    poisoned: &AtomicBool,
    poison: &watch::Sender<bool>,
) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX
            && let Ok(job) = queue.try_recv()
        {
            group.push(job);
        }
        let mut replies = Vec::with_capacity(group.len());
        let committed = commit_group(connection, group, &mut replies);
        let failed = committed.err();
        if failed.as_ref().is_some_and(Error::is_io) {
            tracing::error!(error = ?failed, "store poisoned: nothing is acknowledged any more");
            poisoned.store(true, Ordering::Release);
            poison.send_replace(true);
        }
        for reply in replies {
            reply(match &failed {
                None => Ok(()),
                Some(Error::Full) => Err(Error::Full),
                Some(Error::Sqlite(error)) if !poisoned.load(Ordering::Acquire) => {
                    Err(Error::Conflict(format!("commit failed: {error}")))
                }
                Some(_) => Err(Error::Poisoned),
            });
        }
        if poisoned.load(Ordering::Acquire) {
            return;
        }
    }
}

fn commit_group(
    connection: &Connection,
    group: Vec<Job>,
    replies: &mut Vec<Reply>,
) -> Result<(), Error> {
    let done = run_group(connection, group, replies);
    if done.is_err() {
        connection.roll_back();
    }
    done
}

fn run_group(
    connection: &Connection,
    group: Vec<Job>,
    replies: &mut Vec<Reply>,
) -> Result<(), Error> {
    connection.begin()?;
    for job in group {
        connection.begin_change()?;
        let (ran, reply) = job(&Tx::new(connection));
        replies.push(reply);
        match ran {
            Ran::Well => connection.keep_change()?,
            Ran::Refused => connection.refuse_change()?,
            Ran::Full => return Err(Error::Full),
            Ran::Broken => return Err(Error::Poisoned),
        }
    }
    connection.commit()
}
