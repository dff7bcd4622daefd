//! Documents of several shapes become manifests that the checker takes.
//!
//! `UPDATE_EXPECT=1 cargo test -p stanch-connector --test openapi` writes the expected manifests anew.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;

use std::fs;

use stanch_connector::{
    manifest::{load, load_with_drafts},
    openapi::{Error, Made, Options, manifest},
};
use stanch_model::{
    Diagnostic,
    manifest::{Call, EffectClass, Manifest},
};

#[track_caller]
fn made(text: &str) -> (Made, Manifest) {
    let made = manifest(text, &Options::default()).unwrap();
    let (written, findings) = load_with_drafts(&made.text, &|_| None);
    let refused: Vec<&Diagnostic> = findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(refused.is_empty(), "{refused:#?}\n{}", made.text);
    (made, written.unwrap())
}

#[test]
fn each_shape_comes_out_as_it_should() {
    let folder = common::crate_folder().join("corpus/openapi");
    let mut files = common::files(&folder, "json");
    files.extend(common::files(&folder, "yaml"));
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !path.to_str().unwrap().ends_with(".made.yaml")) {
        let (made, _) = made(&fs::read_to_string(path).unwrap());
        let mut text = made.text;
        text.extend(made.left_out.iter().map(|left| format!("# left out: {left}\n")));
        let expect = path.with_extension("made.yaml");
        if common::updating() {
            fs::write(&expect, &text).unwrap();
        } else if fs::read_to_string(&expect).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
}

#[test]
fn every_operation_of_our_own_api_comes_out() {
    let text = fs::read_to_string(common::crate_folder().join("../../web/openapi.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations: usize = paths.map(|item| item.as_object().unwrap().len()).sum();
    let (made, written) = made(&text);
    assert!(operations > 40, "{operations}");
    // A backup is a file, which no manifest reads.
    let [left_out] = made.left_out.as_slice() else { panic!("{:?}", made.left_out) };
    assert!(left_out.starts_with("GET /api/v1/backup"), "{left_out}");
    assert_eq!(made.actions, operations - 1);
    assert_eq!(written.actions.len(), operations - 1);
    for (name, action) in &written.actions {
        let Call::Http(call) = &action.call else { panic!("{name}") };
        assert_eq!(action.draft, call.method != "GET", "{name}: what changes something is a draft");
        assert_eq!(action.effect == EffectClass::Read, call.method == "GET", "{name}");
        assert_eq!(action.discloses, call.method == "GET", "{name}");
    }
    let (usable, _) = load(&made.text);
    let usable = usable.unwrap();
    assert!(usable.actions.values().all(|action| action.effect == EffectClass::Read));
    assert_eq!(usable.actions.len(), made.actions - made.drafts);
}

#[test]
fn operations_are_chosen_by_id_and_by_place() {
    let folder = common::crate_folder().join("corpus/openapi");
    let text = fs::read_to_string(folder.join("three-zero.yaml")).unwrap();
    let choose = |operations: &[&str]| {
        let operations = operations.iter().map(|text| (*text).to_owned()).collect();
        manifest(&text, &Options { name: Some("acme".to_owned()), operations })
    };
    let made = choose(&["listHosts", "delete /hosts/{host-id}/isolation"]).unwrap();
    let written = load_with_drafts(&made.text, &|_| None).0.unwrap();
    assert_eq!(written.connector, "acme");
    let names: Vec<&String> = written.actions.keys().collect();
    assert_eq!(names, ["delete_hosts_host_id_isolation", "list_hosts"]);
    assert_eq!(load(&made.text).0.unwrap().actions.len(), 1, "a draft is not used");
    let error = choose(&["listHost"]).unwrap_err();
    assert!(
        matches!(&error, Error::NoOperation { known, .. } if known.contains("listHosts")),
        "{error}"
    );
    let empty = manifest(r#"{"openapi":"3.0.0","paths":{}}"#, &Options::default());
    assert!(matches!(empty, Err(Error::NoOperation { .. })));
}

#[test]
fn more_than_a_manifest_holds_is_said() {
    let paths: serde_json::Map<String, serde_json::Value> = (0..9_000)
        .map(|n| {
            (
                format!("/p{n}"),
                serde_json::json!({ "get": { "summary": "x".repeat(70), "responses": {} } }),
            )
        })
        .collect();
    let text = serde_json::json!({ "openapi": "3.1.0", "paths": paths }).to_string();
    let error = manifest(&text, &Options::default()).unwrap_err();
    assert!(matches!(error, Error::TooLong { operations: 9_000, .. }), "{error}");
}
