//! `audit verify --data`: the books of a folder, without a server.

use std::path::Path;

use serde_json::json;
use stanch_model::{TenantId, Time, audit::AuditRecord};
use stanch_store::Store;

use crate::{folder, run};

/// Writes entries and leaves everything in the one database file.
fn write_books(data: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = Store::open(data).unwrap();
    for n in 0..3 {
        let record = AuditRecord {
            tenant: TenantId::default(),
            at: Time::from_micros(n),
            actor: "somebody_true".to_owned(),
            verb: "approval.approve",
            subject: "s".to_owned(),
            detail: json!({ "n": n }),
        };
        runtime.block_on(store.write(move |tx| tx.audit_append(record))).unwrap();
    }
}

#[test]
fn a_chain_holds_until_somebody_rewrites_it() {
    let folder = folder(&[]);
    write_books(folder.path());
    let data = folder.path().to_str().unwrap();
    let ran = run(&["audit", "verify", "--data", data, "--json"]);
    let answer = ran.json();
    assert_eq!((ran.code, &answer["ok"], &answer["entries"]), (0, &true.into(), &3.into()));
    let database = folder.path().join("stanch.db");
    let bytes = std::fs::read(&database).unwrap();
    let text = bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    assert!(text.contains("somebody_true"), "the entries are in the file");
    let forged = text.replace("somebody_true", "somebody_else");
    let forged: Vec<u8> = forged.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    std::fs::write(&database, forged).unwrap();
    let ran = run(&["audit", "verify", "--data", data]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("entry 1 was changed"), "{}", ran.out);
}

#[test]
fn a_folder_without_books_proves_nothing() {
    let folder = folder(&[]);
    let ran = run(&["audit", "verify", "--data", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing is made");
}
