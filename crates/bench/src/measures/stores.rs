//! The journal on both databases, each against the same database without a store over it.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, sync::Arc};

use anyhow::Context as _;
use stanch_rig::Postgres;
use stanch_store::Store;
use tokio_postgres::NoTls;

use super::durable::{RECORD_BYTES, WRITERS, appends, journal};
use crate::{
    raw::RawLog,
    rounds::{Compared, in_turns},
    setup::Setup,
    table::{Outcome, Row},
};

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let folder = setup.folder()?;
    let mut outcome = Outcome::default();
    let _entered = setup.runtime.enter();
    let store = Store::open(&folder.path().join("store"))?;
    let bare = sqlite(&folder.path().join("bare.db"))?;
    outcome.rows.push(compare(setup, "SQLite", &store, bare)?);
    match postgres_here(setup)? {
        Ok(server) => {
            let connected = Store::connect(server.schema().parse()?, "bench");
            let store = setup.runtime.block_on(connected)?;
            let bare = postgres(&server)?;
            outcome.rows.push(compare(setup, "PostgreSQL", &store, bare)?);
        }
        Err(why) => outcome.skipped.push(format!("journal on PostgreSQL: {why}")),
    }
    Ok(outcome)
}

fn compare(setup: &Setup, database: &str, store: &Store, bare: RawLog) -> anyhow::Result<Row> {
    let bare = Arc::new(bare);
    let mut ours = |round: usize| journal(setup, store, round);
    let mut limit = |_: usize| {
        let bare = Arc::clone(&bare);
        let (count, taken) = appends(setup, move |_, _| {
            let bare = Arc::clone(&bare);
            async move { bare.append(vec![b'x'; RECORD_BYTES]).await }
        })?;
        Ok(count / taken)
    };
    let samples = in_turns(setup.pairs, &mut [&mut ours, &mut limit])?;
    let list = |side: usize| samples.get(side).map(Vec::as_slice).unwrap_or_default();
    Ok(Row {
        name: format!("journal on {database}"),
        unit: "appends/s",
        found: Compared::rounds(list(0), list(1)),
        note: format!(
            "{WRITERS} writers, {RECORD_BYTES} bytes each, through the store: a savepoint each, sequence \
             checked, checksummed; limit: one thread that inserts what as many writers queued into one \
             table without any of that and commits once, in the same database on the same disk"
        ),
    })
}

/// One table in SQLite, set up to be as durable as the store.
fn sqlite(path: &Path) -> anyhow::Result<RawLog> {
    let connection = rusqlite::Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection
        .execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, payload BLOB) STRICT", [])?;
    Ok(RawLog::over(move |group| {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut insert = connection.prepare_cached("INSERT INTO bare (payload) VALUES (?1)")?;
        for payload in group {
            insert.execute([payload])?;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }))
}

/// One table in PostgreSQL; a group is one statement.
fn postgres(server: &Postgres) -> anyhow::Result<RawLog> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config: tokio_postgres::Config = server.schema().parse()?;
    // A runtime is not driven from within another: the session begins in a thread of its own.
    let begin = move || -> anyhow::Result<_> {
        let (client, insert) = runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await?;
            drop(tokio::spawn(connection));
            let table = "CREATE TABLE bare (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
                         payload BYTEA)";
            client.batch_execute(table).await?;
            let insert = "INSERT INTO bare (payload) SELECT unnest($1::bytea[])";
            let insert = client.prepare(insert).await?;
            Ok::<_, tokio_postgres::Error>((client, insert))
        })?;
        Ok((runtime, client, insert))
    };
    let begun = std::thread::spawn(begin).join().ok().context("the bare session died")?;
    let (runtime, client, insert) = begun?;
    Ok(RawLog::over(move |group| {
        let payloads: Vec<&[u8]> = group.iter().map(Vec::as_slice).collect();
        // Outside of a transaction a statement commits itself.
        runtime.block_on(client.execute(&insert, &[&payloads]))?;
        Ok(())
    }))
}

/// A server on the disk that is measured, or why there is none.
fn postgres_here(setup: &Setup) -> anyhow::Result<Result<Postgres, String>> {
    let Some(server) = Postgres::start("bench: stores") else {
        return Ok(Err("it is not installed; `make setup` brings it".to_owned()));
    };
    let disk = |path: &Path| fs::metadata(path).map(|found| found.dev());
    if disk(server.folder())? == disk(&setup.work)? {
        Ok(Ok(server))
    } else {
        let folder = server.folder().display();
        Ok(Err(format!("its folder {folder} is on another disk; set TMPDIR to one on the same")))
    }
}
