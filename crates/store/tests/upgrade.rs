//! A data folder of an earlier build is read, and grows what it lacks.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use stanch_model::{Alert, TenantId};
use stanch_store::{Error, Store};

/// The schema as it was before rows were numbered: one table that was paged by `rowid`, its index, and a
/// column that a later step added.
const BEFORE: &str = "
    CREATE TABLE alert (
        tenant       TEXT NOT NULL,
        id           TEXT NOT NULL,
        dedup_key    TEXT NOT NULL,
        incident     TEXT,
        detected_at  INTEGER NOT NULL,
        last_seen_at INTEGER NOT NULL,
        document     TEXT NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT;
    CREATE INDEX alert_by_dedup ON alert (tenant, dedup_key, last_seen_at);
    ALTER TABLE alert ADD COLUMN added TEXT;
";

fn alert(number: u32) -> String {
    format!(
        r#"{{"id":"alr_{number:032x}","tenant":"default","rule":{{"id":"r","title":"t","kind":"sigma"}},
        "severity":"high","techniques":[],"observables":[],"common":{{}},"fields":{{}},"source":"s",
        "trust":"high","events":[],"dedup_key":"k","count":1,"first_seen_at":"2026-01-01T00:00:00Z",
        "last_seen_at":"2026-01-01T00:00:00Z","detected_at":"2026-01-01T00:00:00Z","incident":null,
        "self_caused":false}}"#
    )
}

/// The other tables as they were: this build's, and seven of them without numbers.
fn older(schema: &str) -> String {
    let numbered = ["alert", "incident", "run", "approval", "question", "containment", "journal"];
    let tables = schema.split("CREATE TABLE ").map(|table| {
        if !numbered.iter().any(|name| table.starts_with(&format!("{name} ("))) {
            return table.to_owned();
        }
        let lines: Vec<&str> =
            table.lines().filter(|line| !line.starts_with("    number ")).collect();
        let table = lines.join("\n").replace("    UNIQUE (", "    PRIMARY KEY (") + "\n";
        if table.starts_with("journal ") {
            table.replace(") STRICT;", ") STRICT, WITHOUT ROWID;")
        } else {
            table.replace("PRIMARY KEY (run, step)", "UNIQUE (run, step)")
        }
    });
    let schema = tables.collect::<Vec<_>>().join("CREATE TABLE ");
    let (before, rest) = schema.split_once("CREATE TABLE alert (").unwrap();
    let (_, after) = rest.split_once("CREATE INDEX alert_by_incident").unwrap();
    format!("{before}{BEFORE}CREATE INDEX alert_by_incident{after}")
}

#[tokio::test]
async fn rows_of_a_folder_from_before_they_were_numbered_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = rusqlite::Connection::open(folder.path().join("stanch.db")).unwrap();
    file.execute_batch(&older(include_str!("../migrations/0001.sql"))).unwrap();
    for number in [3, 1, 2] {
        file.execute(
            "INSERT INTO alert (tenant, id, dedup_key, detected_at, last_seen_at, document, added)
             VALUES ('default', ?1, 'k', 1, 1, ?2, 'kept')",
            [format!("alr_{number:032x}"), alert(number)],
        )
        .unwrap();
    }
    for (run, sequence) in [("run_b", 0), ("run_a", 0), ("run_a", 1)] {
        file.execute(
            "INSERT INTO journal (run, sequence, at, v, payload, checksum) VALUES (?1, ?2, ?2, 1, '{}', 'c')",
            (run, sequence),
        )
        .unwrap();
    }
    file.pragma_update(None, "user_version", 1).unwrap();

    let store = Store::open(folder.path()).unwrap();
    let tenant = TenantId::default();
    let (alerts, next) = store.read(move |view| view.alerts(&tenant, None, 2)).await.unwrap();
    let numbers =
        |alerts: &[Alert]| alerts.iter().map(|a| a.id.uuid().as_u128()).collect::<Vec<_>>();
    assert_eq!(numbers(&alerts), [2, 1]);
    let tenant = TenantId::default();
    let (alerts, _) = store.read(move |view| view.alerts(&tenant, next, 2)).await.unwrap();
    assert_eq!(numbers(&alerts), [3]);

    let ask = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(ask("SELECT count(*) FROM alert WHERE added = 'kept'"), 3);
    assert_eq!(
        ask(
            "SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'alert' AND sql LIKE 'CREATE INDEX%'"
        ),
        3
    );
    assert_eq!(ask("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%unnumbered%'"), 0);
    let twice = file.execute(
        "INSERT INTO alert SELECT NULL, tenant, id, 'k', NULL, 1, 1, '', '' FROM alert",
        [],
    );
    assert!(twice.is_err(), "an id is still unique");
    assert_eq!(ask("SELECT count(*) FROM journal WHERE run = 'run_a' AND number > 0"), 2);
    let twice = file
        .execute("INSERT INTO journal SELECT NULL, run, sequence, 1, 1, '', '' FROM journal", []);
    assert!(twice.is_err(), "a record's place is still unique");
    assert_eq!(
        ask("SELECT count(*) FROM sqlite_schema WHERE name = 'journal' AND sql LIKE '%ROWID%'"),
        0
    );
}

#[tokio::test]
async fn a_folder_of_a_newer_build_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let file = rusqlite::Connection::open(folder.path().join("stanch.db")).unwrap();
    file.pragma_update(None, "user_version", 4000).unwrap();
    let refused = Store::open(folder.path());
    assert!(matches!(refused, Err(Error::Version { found: 4000, .. })), "{refused:?}");
    let found: i64 = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(found, 4000);
}
