//! The table of codes says the truth: each example has its finding and nothing else, and no code is
//! in use that is not in the table.

use std::fs;

use super::catalog::catalog;
use crate::check::{
    codes::{CODES, of},
    load,
};

#[test]
fn every_example_has_its_finding_alone() {
    let catalog = catalog();
    for (number, code) in (1..).zip(CODES) {
        assert_eq!(code.code, format!("PB{number:04}"), "codes are numbered in order");
        let (_, findings) = load(code.example, &catalog);
        let found: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(found, [code.code], "{} {findings:#?}", code.title);
    }
}

#[test]
fn every_expected_code_is_in_the_table_and_every_code_is_expected_somewhere() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/faults");
    let mut seen = std::collections::BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ext| ext == "expect") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                let code = line.split(' ').nth(1).filter(|word| word.starts_with("PB"));
                if let Some(code) = code.filter(|_| !line.starts_with(' ')) {
                    assert!(of(code).is_some(), "{code} in {}", path.display());
                    seen.insert(code.to_owned());
                }
            }
        }
    }
    let missing: Vec<&str> = CODES.iter().map(|c| c.code).filter(|c| !seen.contains(*c)).collect();
    assert!(missing.is_empty(), "no fault in the corpus for {missing:?}");
}
