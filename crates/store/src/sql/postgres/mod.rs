//! PostgreSQL: one session, driven to its end by the thread that holds it.

mod address;
mod cell;
mod session;
mod tls;

use std::{
    cell::{Cell as Slot, RefCell},
    collections::HashMap,
};

use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Statement,
    types::{ToSql, Type},
};

pub use self::address::Address;
pub(super) use self::cell::cell;
use self::cell::{Bound, parameter_type};
use super::{Cell, Next, Row, dialect};
use crate::Error;

/// How many prepared statements a session keeps. There are fewer; some are put together from parts.
const STATEMENTS_MAX: usize = 512;

/// Where a change stands, seen from the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Change {
    /// There is none: the statements stand in the transaction itself.
    #[default]
    None,
    /// The server does not know of it yet.
    Unsent,
    /// It has a savepoint.
    Saved,
    /// A statement of it failed: until it is taken back, the server takes nothing more.
    Failed,
}

/// A session. Its requests are sent together where nobody waits for the first one's answer: a
/// savepoint costs no round trip of its own.
pub(crate) struct Postgres {
    runtime: Option<Runtime>,
    client: Client,
    statements: RefCell<HashMap<String, Statement>>,
    /// What goes out with the next statement.
    unsent: RefCell<String>,
    change: Slot<Change>,
    /// Whether the server is within a transaction.
    open: Slot<bool>,
    begin: String,
    log: String,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("change", &self.change).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Whether the session has ended: looks at what the network brought meanwhile.
    pub(crate) fn is_lost(&self) -> bool {
        self.block_on(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
        self.client.is_closed()
    }

    /// The intake log whose places this process keeps.
    pub(crate) fn log(&self) -> &str {
        &self.log
    }

    pub(crate) fn execute(&self, sql: &str, params: &[Cell<'_>]) -> Result<usize, Error> {
        let changed = self.with(sql, params, async |client, statement, params| {
            client.execute(statement, params).await
        })?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(crate) fn query(
        &self,
        sql: &str,
        params: &[Cell<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<Next, Error>,
    ) -> Result<(), Error> {
        let rows = self.with(sql, params, async |client, statement, params| {
            client.query(statement, params).await
        })?;
        for row in &rows {
            if each(&Row::Postgres(row))? == Next::Enough {
                break;
            }
        }
        Ok(())
    }

    /// Begins a transaction: with the first statement, not before.
    pub(crate) fn begin(&self) {
        self.change.set(Change::None);
        self.unsent.borrow_mut().clone_from(&self.begin);
    }

    pub(crate) fn commit(&self) -> Result<(), Error> {
        self.unsent.borrow_mut().push_str("COMMIT;");
        self.send()?;
        self.open.set(false);
        Ok(())
    }

    pub(crate) fn roll_back(&self) {
        self.unsent.borrow_mut().clear();
        if self.open.replace(false)
            && !self.is_lost()
            && let Err(error) = self.batch("ROLLBACK")
        {
            tracing::warn!(error = ?error, "PostgreSQL could not roll back");
        }
    }

    pub(crate) fn begin_change(&self) {
        self.change.set(Change::Unsent);
    }

    /// Keeps a change; an error if the server has refused a statement of it.
    pub(crate) fn keep_change(&self) -> Result<(), Error> {
        match self.change.take() {
            Change::None | Change::Unsent => Ok(()),
            Change::Saved => {
                self.unsent.borrow_mut().push_str("RELEASE SAVEPOINT change;");
                Ok(())
            }
            Change::Failed => {
                self.take_back()?;
                Err(Error::Conflict("a statement of the change failed, and it went on".to_owned()))
            }
        }
    }

    pub(crate) fn refuse_change(&self) -> Result<(), Error> {
        match self.change.take() {
            Change::None | Change::Unsent => Ok(()),
            Change::Saved | Change::Failed => self.take_back(),
        }
    }

    fn take_back(&self) -> Result<(), Error> {
        self.unsent
            .borrow_mut()
            .push_str("ROLLBACK TO SAVEPOINT change; RELEASE SAVEPOINT change;");
        self.send()
    }

    /// Sends what waits, and then the statement, without waiting in between.
    fn with<T>(
        &self,
        sql: &str,
        params: &[Cell<'_>],
        run: impl AsyncFnOnce(
            &Client,
            &Statement,
            &[&(dyn ToSql + Sync)],
        ) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        if self.change.get() == Change::Unsent {
            self.unsent.borrow_mut().push_str("SAVEPOINT change;");
            self.change.set(Change::Saved);
        }
        let done = self.statement(sql, params).and_then(|statement| {
            let bound: Vec<Bound<'_>> = params.iter().copied().map(Bound).collect();
            let params: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|bound| bound as _).collect();
            let unsent = self.going_out();
            let run = run(&self.client, &statement, &params);
            let done = self.block_on(async {
                if unsent.is_empty() {
                    return run.await;
                }
                let (sent, done) = tokio::join!(biased; self.client.batch_execute(&unsent), run);
                sent.and(done)
            });
            done.map_err(Error::from)
        });
        if done.is_err() && self.change.get() == Change::Saved {
            self.change.set(Change::Failed);
        }
        done
    }

    fn statement(&self, sql: &str, params: &[Cell<'_>]) -> Result<Statement, Error> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        // A text that the server refuses must not take more with it than its own change.
        self.send()?;
        let text = dialect::statement(sql);
        let types: Vec<Type> = params.iter().copied().map(parameter_type).collect();
        let statement = self.block_on(self.client.prepare_typed(&text, &types))?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= STATEMENTS_MAX {
            statements.clear();
        }
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Sends what waits, and waits for the answer.
    fn send(&self) -> Result<(), Error> {
        let unsent = self.going_out();
        if unsent.is_empty() { Ok(()) } else { self.batch(&unsent) }
    }

    /// What waits; it is sent next.
    fn going_out(&self) -> String {
        let unsent = self.unsent.take();
        if unsent.starts_with("BEGIN") {
            self.open.set(true);
        }
        unsent
    }

    fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.block_on(self.client.batch_execute(sql))?)
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.as_ref().expect("invariant: there until dropped").block_on(future)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Nothing is waited for, so that an asynchronous caller may be the last to let go.
            runtime.shutdown_background();
        }
    }
}
