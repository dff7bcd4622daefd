//! Planted faults: every file in `corpus/faults` is refused (or warned of) with place, code and fix.
//!
//! `UPDATE_EXPECT=1` rewrites the expectations; a person reads the difference.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fmt::Write as _, fs, path::Path};

use stanch_detect::{FileFinding, codes, load};

const NEIGHBOUR: &str = r"
title: A sound neighbour
id: 0b6c1a52-7c55-4d53-8a5e-1f0c1a2b3c4d
name: some_rule
logsource: { product: linux }
detection:
    selection: { event: 'x' }
    condition: selection
level: low
";

fn describe(findings: &[FileFinding]) -> String {
    let mut text = String::new();
    for FileFinding { diagnostic, .. } in findings {
        let level = if diagnostic.is_error() { "error" } else { "warning" };
        writeln!(text, "{diagnostic} [{level}]\n    fix: {}", diagnostic.help).unwrap();
    }
    text
}

#[test]
fn every_planted_fault_is_found_at_its_place_and_stops_nobody_else() {
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, not configuration")]
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/faults");
    let mut paths: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "yaml"));
    paths.sort();
    assert!(paths.len() >= 6, "the corpus is there");
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = [
            (name.clone(), fs::read_to_string(&path).unwrap()),
            ("neighbour.yaml".to_owned(), NEIGHBOUR.to_owned()),
        ];
        let (rules, findings) = load(&files);
        let refused = findings.iter().any(|found| found.diagnostic.is_error());
        let loaded: Vec<_> = rules.rules().iter().map(|rule| rule.path.as_str()).collect();
        let expect: &[&str] =
            if refused { &["neighbour.yaml"] } else { &["misspelt-keys.yaml", "neighbour.yaml"] };
        assert_eq!(loaded, expect, "{name}");
        for found in &findings {
            let code = found.diagnostic.code.as_str();
            assert!(codes::ALL.iter().any(|known| known.id == code), "{code} is in the table");
        }
        let found = describe(&findings);
        let expected = path.with_extension("expected");
        if update {
            fs::write(&expected, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert!(!found.is_empty(), "{name}: nothing was found");
        assert_eq!(found, expected, "{name}");
    }
}
