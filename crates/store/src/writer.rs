//! The one writer thread: changes in groups, one commit a group.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{Error, Lease, Tx, View, sql::Connection};

/// How many changes share one commit at the most.
const GROUP_MAX: usize = 256;

/// How a change ran, before anything is committed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    /// Keep it.
    Well,
    /// It refused; take back what it did.
    Refused,
    /// There was no room for it; commit nothing.
    Full,
    /// The storage failed under it; commit nothing.
    Broken,
}

/// A change that waits to be made.
pub(crate) trait Job: Send {
    /// Makes it, within a transaction.
    fn run(&mut self, tx: &Tx<'_>) -> Ran;

    /// Tells who waits for it what became of it.
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

/// A change, and who waits for it.
pub(crate) struct Waiting<C, T> {
    change: Option<C>,
    result: Option<Result<T, Error>>,
    caller: oneshot::Sender<Result<T, Error>>,
}

impl<C, T> Waiting<C, T> {
    pub(crate) fn new(change: C, caller: oneshot::Sender<Result<T, Error>>) -> Self {
        Self { change: Some(change), result: None, caller }
    }
}

impl<C, T> Job for Waiting<C, T>
where
    C: FnOnce(&Tx<'_>) -> Result<T, Error> + Send,
    T: Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> Ran {
        let Some(change) = self.change.take() else { return Ran::Refused };
        let result = change(tx);
        let ran = match &result {
            Ok(_) => Ran::Well,
            Err(error) if error.is_io() => Ran::Broken,
            Err(Error::Full) => Ran::Full,
            Err(_) => Ran::Refused,
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let answer = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(Error::Poisoned),
        };
        // The caller may have gone away; what is committed stays committed.
        drop(self.caller.send(answer));
    }
}

/// What the writer and the handles know together.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Turns true when nothing is acknowledged any more.
    pub(crate) poison: watch::Sender<bool>,
    /// The lease under which changes are committed.
    pub(crate) fence: Mutex<Option<Lease>>,
    /// The lease that was lost, and who has it.
    lost: OnceLock<(Lease, String)>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { poison: watch::Sender::new(false), fence: Mutex::default(), lost: OnceLock::new() }
    }
}

impl Shared {
    /// Refuses when nothing is acknowledged any more.
    pub(crate) fn alive(&self) -> Result<(), Error> {
        if *self.poison.borrow() { Err(self.ended()) } else { Ok(()) }
    }

    /// Why nothing is acknowledged any more.
    pub(crate) fn ended(&self) -> Error {
        match self.lost.get() {
            Some((lease, holder)) => Error::StaleLease {
                name: lease.name.clone(),
                holder: holder.clone(),
                epoch: lease.epoch,
            },
            None => Error::Poisoned,
        }
    }

    fn held(&self) -> Option<Lease> {
        self.fence.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The thread that makes changes.
pub(crate) struct Writer {
    connection: Connection,
    shared: Arc<Shared>,
}

/// A change of a group, and what it has of its own to be told.
type Made = (Box<dyn Job>, Option<Error>);

impl Writer {
    pub(crate) fn new(connection: Connection, shared: Arc<Shared>) -> Self {
        Self { connection, shared }
    }

    /// Makes changes until nobody can send one, or until one fails in a way that ends it.
    pub(crate) fn run(self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(first) = queue.blocking_recv() {
            let mut group: Vec<Made> = vec![(first, None)];
            while group.len() < GROUP_MAX
                && let Ok(job) = queue.try_recv()
            {
                group.push((job, None));
            }
            let failed = self.commit_group(&mut group).err();
            if let Some(error) = &failed
                && (error.is_io() || matches!(error, Error::StaleLease { .. }))
            {
                self.end(error);
            }
            for (job, own) in group {
                job.answer(match (&failed, own) {
                    (Some(error), _) => Err(self.answer(error)),
                    (None, Some(own)) => Err(own),
                    (None, None) => Ok(()),
                });
            }
            if self.shared.alive().is_err() {
                return;
            }
        }
    }

    fn commit_group(&self, group: &mut [Made]) -> Result<(), Error> {
        let done = self.run_group(group);
        if done.is_err() {
            self.connection.roll_back();
        }
        done
    }

    fn run_group(&self, group: &mut [Made]) -> Result<(), Error> {
        self.connection.begin()?;
        if let Some(lease) = self.shared.held() {
            View::new(&self.connection).demand_lease(&lease)?;
        }
        for (job, own) in group {
            self.connection.begin_change();
            match job.run(&Tx::new(&self.connection)) {
                Ran::Well => match self.connection.keep_change() {
                    Err(error @ Error::Conflict(_)) => *own = Some(error),
                    kept => kept?,
                },
                Ran::Refused => self.connection.refuse_change()?,
                Ran::Full => return Err(Error::Full),
                Ran::Broken => return Err(Error::Poisoned),
            }
        }
        self.connection.commit()
    }

    fn end(&self, error: &Error) {
        tracing::error!(?error, "store poisoned: nothing is acknowledged any more");
        if let Error::StaleLease { holder, .. } = error
            && let Some(lease) = self.shared.held()
        {
            // It is set once: the writer ends after this.
            self.shared.lost.set((lease, holder.clone())).ok();
        }
        self.shared.poison.send_replace(true);
    }

    /// What those are told whose changes were in a group that failed.
    fn answer(&self, error: &Error) -> Error {
        match error {
            Error::Full => Error::Full,
            error if self.shared.alive().is_ok() => {
                Error::Conflict(format!("the commit failed: {error}"))
            }
            _ => self.shared.ended(),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Whoever watches must learn that nobody answers any more.
        if std::thread::panicking() {
            self.shared.poison.send_replace(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Sqlite;

    type Answer = oneshot::Receiver<Result<(), Error>>;

    fn change(key: &'static str, bytes: usize) -> (Box<dyn Job>, Answer) {
        let (caller, answer) = oneshot::channel();
        let change = move |tx: &Tx<'_>| tx.set_bookmark(key, &"x".repeat(bytes));
        (Box::new(Waiting::new(change, caller)), answer)
    }

    /// One change of a group does not fit: none of it is there, all are told so, and later ones go on.
    #[test]
    fn a_full_disk_takes_the_group_and_ends_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stanch.db");
        let connection = Sqlite::writer(&path).unwrap();
        connection.limit_pages(200);
        let shared = Arc::new(Shared::default());
        let writer = Writer::new(Connection::Sqlite(connection), Arc::clone(&shared));
        let (small, large, never) = (change("a", 10), change("b", 2_000_000), change("c", 10));
        let later = change("d", 10);
        let (jobs, queue) = mpsc::channel(8);
        for job in [small.0, large.0, never.0] {
            jobs.try_send(job).ok().unwrap();
        }
        let thread = std::thread::spawn(move || writer.run(queue));
        for answer in [small.1, large.1, never.1] {
            assert!(matches!(answer.blocking_recv(), Ok(Err(Error::Full))));
        }
        jobs.try_send(later.0).ok().unwrap();
        assert!(matches!(later.1.blocking_recv(), Ok(Ok(()))));
        drop(jobs);
        thread.join().unwrap();
        assert!(shared.alive().is_ok());
        let reader = Connection::Sqlite(Sqlite::reader(&path).unwrap());
        let kept =
            ["a", "b", "c", "d"].map(|key| View::new(&reader).bookmark(key).unwrap().is_some());
        assert_eq!(kept, [false, false, false, true]);
    }

    #[test]
    fn who_watches_learns_that_a_change_ended_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Sqlite::writer(&folder.path().join("stanch.db")).unwrap();
        let shared = Arc::new(Shared::default());
        let writer = Writer::new(Connection::Sqlite(connection), Arc::clone(&shared));
        let (caller, answer) = oneshot::channel::<Result<(), Error>>();
        let (jobs, queue) = mpsc::channel::<Box<dyn Job>>(8);
        let panics = Waiting::new(|_: &Tx<'_>| panic!("a defect"), caller);
        jobs.try_send(Box::new(panics)).ok().unwrap();
        assert!(std::thread::spawn(move || writer.run(queue)).join().is_err());
        assert!(answer.blocking_recv().is_err());
        assert!(matches!(shared.alive(), Err(Error::Poisoned)));
    }
}
