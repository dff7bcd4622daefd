//! Planted faults: each file in `corpus/faults` is refused with code, place and fix, as its `.txt` says.
//!
//! `UPDATE_EXPECT=1 cargo test -p stanch-connector --test faults` writes the texts anew.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;

use std::{collections::BTreeSet, fmt::Write as _, fs};

use stanch_connector::manifest::{CODES, load};

#[test]
fn planted_faults_are_refused_with_code_place_and_fix() {
    let folder = common::crate_folder().join("corpus/faults");
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in common::files(&folder, "yaml") {
        let (manifest, diagnostics) = load(&fs::read_to_string(&path).unwrap());
        let mut text = String::new();
        for diagnostic in &diagnostics {
            seen.insert(diagnostic.code.clone());
            writeln!(text, "{diagnostic}\n  help: {}", diagnostic.help).unwrap();
        }
        assert!(!diagnostics.is_empty(), "{}: nothing was found", path.display());
        let refused = diagnostics.iter().any(stanch_model::Diagnostic::is_error);
        assert_eq!(manifest.is_none(), refused, "{}", path.display());
        let expect = path.with_extension("txt");
        if common::updating() {
            fs::write(&expect, &text).unwrap();
        } else if fs::read_to_string(&expect).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
    let all: BTreeSet<String> = CODES.iter().map(|code| code.code.to_owned()).collect();
    assert_eq!(seen, all, "each code has a planted fault");
}

#[test]
fn hostile_yaml_is_refused_and_ends() {
    for text in [
        "[".repeat(10_000),
        "{a: ".repeat(10_000),
        "- ".repeat(10_000),
        "a: ".repeat(10_000),
        "?".repeat(10_000),
        "x".repeat(300_000),
        "a: *b".to_owned(),
        "a: !!binary x".to_owned(),
        "--- 1\n--- 2\n".to_owned(),
        String::new(),
        "\u{0}".to_owned(),
    ] {
        let (manifest, diagnostics) = load(&text);
        assert!(manifest.is_none() && !diagnostics.is_empty());
    }
}
