//! What a dead server left behind: its own files, read while no server runs on them.

use std::{collections::BTreeSet, path::Path};

use rusqlite::{Connection, OpenFlags};

/// What was under way when the server died.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Idempotency keys of acts whose intent is on record and whose acceptance is not.
    pub(crate) between: BTreeSet<String>,
    /// Runs of ladders that have not ended.
    pub(crate) ladders: usize,
}

/// Opens the store for reading; nothing in it is changed, the log beside it is not folded in.
pub(crate) fn open(data: &Path) -> Option<Connection> {
    let path = data.join("stanch.db");
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    // A server that died before its first commit has left no tables.
    let tables = store.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    tables.is_ok_and(|tables: i64| tables > 0).then_some(store)
}

/// Looks at the journals of all runs that have not ended.
pub(crate) fn look(data: &Path) -> Findings {
    let Some(store) = open(data) else { return Findings::default() };
    let mut findings = Findings::default();
    let sql = "SELECT run, json_extract(payload, '$.event'), json_extract(payload, '$.key')
        FROM journal WHERE run IN (SELECT id FROM run WHERE final = 0) ORDER BY run, sequence";
    let mut records = store.prepare(sql).unwrap();
    let mut rows = records.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (run, event): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let step: Option<String> = row.get(2).unwrap();
        let key = format!("{run}/{}", step.unwrap_or_default());
        match event.as_str() {
            "intended" => drop(findings.between.insert(key)),
            "accepted" | "failed" | "unresolved" => drop(findings.between.remove(&key)),
            _ => {}
        }
    }
    let sql = "SELECT count(*) FROM run WHERE final = 0 AND playbook LIKE 'drill-ladder-%'";
    findings.ladders = count(&store, sql);
    findings
}

/// The one number that a query gives.
pub(crate) fn count(store: &Connection, sql: &str) -> usize {
    let count: i64 = store.query_row(sql, [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}
