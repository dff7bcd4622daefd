//! One empty store of a test's own, on either database.

use stanch_rig::Postgres;
use stanch_store::{Address, Store};

/// The intake log that a store is opened for, unless a test says otherwise.
const LOG: &str = "log-1";

pub(crate) enum Base {
    Sqlite(tempfile::TempDir),
    Postgres { server: &'static Postgres, address: String, schema: String },
}

impl Base {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// None where PostgreSQL is not installed.
    pub(crate) fn postgres(test: &str) -> Option<Self> {
        let server = Postgres::shared(test)?;
        let address = server.schema();
        let schema = address.rsplit("%3D").next().unwrap().to_owned();
        Some(Self::Postgres { server, address, schema })
    }

    /// Opens the store, the first time or again.
    pub(crate) async fn open(&self) -> Store {
        self.open_for(LOG).await
    }

    /// Opens the store for an intake log; with SQLite there is only one.
    pub(crate) async fn open_for(&self, log: &str) -> Store {
        match self {
            Self::Sqlite(folder) => Store::open(folder.path()).unwrap(),
            Self::Postgres { address, .. } => {
                let address: Address = address.parse().unwrap();
                Store::connect(address, log).await.unwrap()
            }
        }
    }

    /// Changes the database behind the store's back.
    pub(crate) fn tamper(&self, sql: &str) {
        match self {
            Self::Sqlite(folder) => {
                let file = rusqlite::Connection::open(folder.path().join("stanch.db")).unwrap();
                assert!(file.execute(sql, []).unwrap() > 0, "{sql}: no row");
            }
            Self::Postgres { server, schema, .. } => {
                let changed = server.sql(&format!(
                    "SET search_path = {schema}; WITH changed AS ({sql} RETURNING 1) SELECT count(*) FROM changed"
                ));
                assert_ne!(changed, "0", "{sql}: no row");
            }
        }
    }
}
