//! What every command does with its output.

use std::{io::Read as _, process::Stdio};

use serde_json::json;

use crate::{stanch, stub::Stub};

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let content = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
    let mut command = stanch(&["rule", "test", content]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
    assert!(!err.contains("panicked") && !err.contains("Broken pipe"), "{err}");
}

#[test]
fn hostile_texts_are_shown_in_tables_and_escaped_in_json() {
    let letter = json!({ "id": 1, "source": "s", "line": 1, "at": "2026-03-04T05:06:07Z",
        "reason": "no", "raw": "a\u{1b}[2J\u{9b}\u{202e}\nb" });
    let list = json!({ "items": [letter], "next": null });
    let stub = Stub::new(&[("GET /api/v1/dead-letters", 200, &list.to_string())]);
    let table = stub.run(&["dead-letter", "list"]);
    assert!(table.out.ends_with("a\\u{1b}[2J\\u{9b}\\u{202e}\\nb\n"), "{:?}", table.out);
    assert_eq!(table.out.lines().count(), 2);
    let document = stub.run(&["dead-letter", "list", "--json"]);
    assert_eq!(document.json()["items"][0]["raw"], list["items"][0]["raw"]);
    assert!(!document.out.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{:?}", document.out);
}

#[test]
fn an_empty_list_is_its_head() {
    let stub = Stub::new(&[("GET /api/v1/sources", 200, r#"{"items":[],"next":null}"#)]);
    let ran = stub.run(&["source", "list"]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}", ran.out);
    assert_eq!(stub.run(&["source", "list", "--json"]).json()["items"], json!([]));
}
