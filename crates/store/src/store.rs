//! The store's handle.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Address, Error, Lease, Tx, View,
    sql::{Connection, Place},
    writer::{Job, Shared, Waiting, Writer},
};

/// How many changes may wait for the writer before callers have to.
const QUEUE_MAX: usize = 1_024;

/// How many queries run at the same time.
const READERS: usize = 4;

/// The store. Cheap to clone; the last clone's end ends the writer.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Box<dyn Job>>,
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    readers: Vec<Mutex<Connection>>,
    next_reader: AtomicUsize,
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("place", &self.inner.place).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the embedded store in `folder`, making it if it is not there, and starts the writer.
    ///
    /// # Errors
    /// I/O and SQLite errors; a folder written by a newer build; a file system on which SQLite does
    /// not accept WAL with `synchronous=FULL`.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Io { doing: format!("make {}", folder.display()), source })?;
        Self::start(Place::Sqlite(folder.join("stanch.db")))
    }

    /// Opens a store in PostgreSQL, makes its schema current, and starts the writer. `log` names the
    /// intake log of this process: offsets and places in files are kept for each log of their own.
    ///
    /// Any number of processes can open it. Who of them acts is settled with a lease
    /// ([`Tx::acquire_lease`], [`Self::fence`]).
    ///
    /// # Errors
    /// The network's and PostgreSQL's; a server that does not write as durably as promised; a schema
    /// of a newer build.
    pub async fn connect(address: Address, log: &str) -> Result<Self, Error> {
        let place = Place::Postgres(Box::new(address), log.to_owned());
        let opened = tokio::task::spawn_blocking(move || Self::start(place)).await;
        opened.unwrap_or_else(|died| Err(Error::Lost(died.to_string())))
    }

    fn start(place: Place) -> Result<Self, Error> {
        let connection = place.writer()?;
        let readers = (0..READERS).map(|_| place.reader().map(Mutex::new));
        let readers = readers.collect::<Result<Vec<_>, _>>()?;
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let shared = Arc::new(Shared::default());
        let writer = Writer::new(connection, Arc::clone(&shared));
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run(queue))
            .map_err(|source| Error::Io { doing: "start the writer".to_owned(), source })?;
        let inner = Inner {
            place,
            readers,
            next_reader: AtomicUsize::new(0),
            shared,
            writer: Mutex::new(Some(writer)),
        };
        Ok(Self { jobs, inner: Arc::new(inner) })
    }

    /// Runs `change` in the writer and returns once it is on disk. What `change` returns as an error
    /// is rolled back and nothing else with it.
    ///
    /// # Errors
    /// Those of `change`; [`Error::Poisoned`], [`Error::StaleLease`] and [`Error::Full`], after which
    /// nothing of it is there. If the connection to PostgreSQL is lost in the middle of a commit, the
    /// change may be there: it was not acknowledged, and the next start finds out.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.inner.shared.alive()?;
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(Waiting::new(change, sender));
        self.jobs.send(job).await.map_err(|_gone| self.inner.shared.ended())?;
        receiver.await.unwrap_or_else(|_gone| Err(self.inner.shared.ended()))
    }

    /// Runs a query on one of the reading connections. All that it asks is of one moment.
    ///
    /// # Errors
    /// Those of `query`.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&View<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || inner.read(query));
        done.await.unwrap_or(Err(Error::Poisoned))
    }

    /// Where the books are.
    pub(crate) fn place(&self) -> &Place {
        &self.inner.place
    }

    /// From now on a change is committed only while `lease` is held: the first that finds it taken
    /// over is refused, and with it everything after it, as after an I/O error.
    pub fn fence(&self, lease: Lease) {
        *self.inner.shared.fence.lock().unwrap_or_else(PoisonError::into_inner) = Some(lease);
    }

    /// Turns true with the first I/O error or the loss of the lease; who watches it ends the process.
    #[must_use]
    pub fn poison(&self) -> watch::Receiver<bool> {
        self.inner.shared.poison.subscribe()
    }

    /// Why changes are refused since [`Self::poison`] turned true.
    #[must_use]
    pub fn ended(&self) -> Error {
        self.inner.shared.ended()
    }
}

impl Inner {
    fn read<T>(&self, query: impl FnOnce(&View<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let number = self.next_reader.fetch_add(1, Ordering::Relaxed) % READERS;
        let slot = self.readers.get(number).expect("invariant: number is below READERS");
        // A query that panicked left a transaction, which `roll_back` ends like any other.
        let mut connection = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.is_lost() {
            *connection = self.place.reader()?;
        }
        connection.roll_back();
        connection.begin()?;
        let found = query(&View::new(&connection));
        connection.roll_back();
        found
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
