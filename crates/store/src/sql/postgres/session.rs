//! Opening a session: settings that are read back, migrations under a lock.

use std::{
    cell::{Cell as Slot, RefCell},
    collections::HashMap,
};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, config::SslMode};

use super::{Address, Change, Postgres, tls};
use crate::{
    Error,
    sql::{dialect, migrate},
};

/// What only reads sees one moment through all its queries.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;";

/// How long a transaction of a process that was stopped in the middle keeps others out.
const IDLE: &str = "10s";

/// How long a transaction waits for another process's.
const WAIT: &str = "30s";

/// The lock under which the schema is changed; no table is there to name it by.
const SCHEMA_LOCK: i64 = 0x5374_616e_6368;

impl Postgres {
    /// Opens the writer's session and makes the schema current. `log` is the intake log whose places
    /// this process keeps.
    ///
    /// # Errors
    /// The network's and the server's; a server that is less durable than promised; a schema of a
    /// newer build.
    pub(crate) fn writer(address: &Address, log: &str) -> Result<Self, Error> {
        let mut session = Self::open(address, log)?;
        session.demand("transaction_read_only", None, &["off"])?;
        session.demand("fsync", None, &["on"])?;
        // Waiting for a standby to apply is more than is promised, and stays.
        session.demand("synchronous_commit", Some("on"), &["on", "remote_apply"])?;
        session.demand("idle_in_transaction_session_timeout", Some(IDLE), &[IDLE])?;
        session.demand("lock_timeout", Some(WAIT), &[WAIT])?;
        session.migrate()?;
        let lock = session.number("SELECT 'lease'::regclass::oid::bigint")?;
        // One process's changes at a time, as SQLite has it. Who may write at all is the lease's matter.
        session.begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({lock});"
        );
        Ok(session)
    }

    /// Opens a session that only reads.
    ///
    /// # Errors
    /// The network's and the server's.
    pub(crate) fn reader(address: &Address, log: &str) -> Result<Self, Error> {
        let session = Self::open(address, log)?;
        session.demand("default_transaction_read_only", Some("on"), &["on"])?;
        Ok(session)
    }

    fn open(address: &Address, log: &str) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| Error::Io { doing: "start a runtime".to_owned(), source })?;
        let client = connect(&runtime, address).map_err(|error| Error::Unreachable {
            address: address.to_string(),
            source: Box::new(error),
        })?;
        let session = Self {
            runtime: Some(runtime),
            client,
            statements: RefCell::new(HashMap::new()),
            unsent: RefCell::new(String::new()),
            change: Slot::new(Change::None),
            open: Slot::new(false),
            begin: READ.to_owned(),
            log: log.to_owned(),
        };
        session.demand("server_encoding", None, &["UTF8"])?;
        session.demand("standard_conforming_strings", Some("on"), &["on"])?;
        Ok(session)
    }

    /// Sets a setting unless it is as it must be, and reads it back.
    fn demand(
        &self,
        setting: &'static str,
        to: Option<&'static str>,
        accepted: &[&'static str],
    ) -> Result<(), Error> {
        let mut found = self.shown(setting)?;
        if let Some(to) = to
            && !accepted.contains(&found.as_str())
        {
            self.batch(&format!("SET {setting} = '{to}'"))?;
            found = self.shown(setting)?;
        }
        let wanted = accepted.first().copied().unwrap_or_default();
        if accepted.contains(&found.as_str()) {
            Ok(())
        } else {
            Err(Error::Setting { setting, wanted, found })
        }
    }

    fn shown(&self, setting: &str) -> Result<String, Error> {
        let row = self.block_on(self.client.query_one(&format!("SHOW {setting}"), &[]))?;
        Ok(row.try_get(0)?)
    }

    fn number(&self, sql: &str) -> Result<i64, Error> {
        let row = self.block_on(self.client.query_one(sql, &[]))?;
        Ok(row.try_get(0)?)
    }

    /// All steps that are missing, in one transaction: PostgreSQL takes changes of the schema back too.
    fn migrate(&self) -> Result<(), Error> {
        self.batch(&format!(
            "BEGIN; SELECT pg_advisory_xact_lock({SCHEMA_LOCK});
             CREATE TABLE IF NOT EXISTS migration (number BIGINT PRIMARY KEY);"
        ))?;
        let found = self.number("SELECT coalesce(max(number), 0) FROM migration")?;
        for (number, sql) in migrate::missing(found)? {
            let sql = dialect::schema(sql);
            self.batch(&format!("{sql}\n; INSERT INTO migration (number) VALUES ({number})"))?;
        }
        self.batch("COMMIT")
    }
}

fn connect(runtime: &Runtime, address: &Address) -> Result<Client, Error> {
    let config = address.config();
    runtime.block_on(async {
        if config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = config.connect(NoTls).await?;
            // It ends with the client, and says through it why it ended before.
            drop(runtime.spawn(connection));
            return Ok(client);
        }
        let (client, connection) = config.connect(tls::connector(address.authorities())?).await?;
        drop(runtime.spawn(connection));
        Ok(client)
    })
}
