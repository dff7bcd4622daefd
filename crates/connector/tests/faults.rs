//! Planted faults: each file in `corpus/faults` is refused with code, place and fix, as its `.txt` says.
//!
//! `UPDATE_EXPECT=1 cargo test -p stanch-connector --test faults` writes the texts anew.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use stanch_connector::{
    contract,
    manifest::{CODES, load},
};
use stanch_model::Diagnostic;

/// The findings of one file against the text beside it.
#[derive(Default)]
struct Book {
    seen: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Book {
    fn note(&mut self, path: &Path, diagnostics: &[Diagnostic]) {
        let mut text = String::new();
        for diagnostic in diagnostics {
            self.seen.insert(diagnostic.code.clone());
            writeln!(text, "{diagnostic}\n  help: {}", diagnostic.help).unwrap();
        }
        let expect = path.with_extension("txt");
        if common::updating() {
            fs::write(&expect, &text).unwrap();
        } else if fs::read_to_string(&expect).unwrap_or_default() != text {
            self.wrong.push(format!("{}:\n{text}", path.display()));
        }
    }
}

#[test]
fn planted_faults_are_refused_with_code_place_and_fix() {
    let mut book = Book::default();
    for path in common::files(&common::crate_folder().join("corpus/faults"), "yaml") {
        let (manifest, diagnostics) = load(&fs::read_to_string(&path).unwrap());
        assert!(!diagnostics.is_empty(), "{}: nothing was found", path.display());
        let refused = diagnostics.iter().any(Diagnostic::is_error);
        assert_eq!(manifest.is_none(), refused, "{}", path.display());
        book.note(&path, &diagnostics);
    }
    recordings(&mut book);
    assert!(book.wrong.is_empty(), "not as expected:\n{}", book.wrong.join("\n"));
    let all: BTreeSet<String> = CODES.iter().map(|code| code.code.to_owned()).collect();
    assert_eq!(book.seen, all, "each code has a planted fault");
}

/// Recordings that are not what the manifest beside them says.
fn recordings(book: &mut Book) {
    let folder = common::crate_folder().join("corpus/recordings");
    let manifest_path = folder.join("connector.yaml");
    let text = fs::read_to_string(&manifest_path).unwrap();
    let manifest = common::manifest(&text);
    let mut good = Vec::new();
    for path in common::files(&folder, "yaml") {
        if path == manifest_path {
            continue;
        }
        let (recording, mut diagnostics) = contract::read(&fs::read_to_string(&path).unwrap());
        assert_eq!(recording.is_none(), !diagnostics.is_empty(), "{}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if let Some(recording) = recording {
            diagnostics = contract::replay(&manifest, &recording);
            if name == "good" {
                good.push(recording);
            }
        }
        assert_eq!(diagnostics.is_empty(), name == "good", "{}: {diagnostics:#?}", path.display());
        book.note(&path, &diagnostics);
    }
    assert_eq!(contract::coverage(&text, &manifest, &good), [], "everything is recorded");
    book.note(&manifest_path, &contract::coverage(&text, &manifest, &[]));
    let part = |text: &str| text.split("  - part: verify").next().unwrap().to_owned();
    let half = contract::read(&part(&fs::read_to_string(folder.join("good.yaml")).unwrap())).0;
    book.note(&folder.join("half"), &contract::coverage(&text, &manifest, &[half.unwrap()]));
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
