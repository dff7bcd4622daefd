//! Our own rules: each loads without a word, has a test file beside it, and does what that says.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use stanch_detect::{is_test_file, load, ruletest};
use stanch_ingest::Receipt;
use stanch_model::{Event, Severity, Time, event::Trust};

/// Received a minute after the newest event of the tests.
const RECEIVED_AT: &str = "2026-11-24T12:00:00Z";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/rules")
}

/// (path below the folder, text) of every file, sorted.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for product in fs::read_dir(folder()).unwrap() {
        let product = product.unwrap().path();
        if !product.is_dir() {
            continue;
        }
        for file in fs::read_dir(&product).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned();
            assert!(name.ends_with(".yaml"), "{name}");
            found.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    found.sort();
    found
}

fn parse(format: &str, record: &str) -> Result<Event, String> {
    let receipt = Receipt {
        id: Default::default(),
        tenant: Default::default(),
        source: "test".to_owned(),
        trust: Trust::Medium,
        received_at: RECEIVED_AT.parse::<Time>().unwrap(),
    };
    stanch_ingest::parse(Some(format), record, receipt).map_err(|err| err.to_string())
}

#[test]
fn every_rule_of_ours_does_what_its_test_file_says() {
    let files = files();
    let (tests, rules): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| is_test_file(path));
    assert!(rules.len() >= 12, "{} rule files", rules.len());
    assert_eq!(tests.len(), rules.len(), "a test file beside each rule file");
    let mut failures = Vec::new();
    let mut cases = 0;
    for (path, rule) in rules {
        let beside = path.replace(".yaml", ".test.yaml");
        let (_, test) = tests.iter().find(|(path, _)| *path == beside).expect("a test beside it");
        let results = ruletest::run(rule, test, &parse);
        if results.len() < 2 {
            failures.push(format!("{beside}: at least what must match and what must not"));
        }
        cases += results.len();
        let failed = results.into_iter().filter(|result| !result.passed);
        failures
            .extend(failed.map(|r| format!("{beside}:{} {}: {}", r.span.line, r.name, r.message)));
    }
    assert!(cases >= 24, "{cases} cases");
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn our_rules_load_together_without_a_word_and_say_what_they_are() {
    let (rules, findings) = load(&files());
    assert_eq!(findings, []);
    let techniques: BTreeSet<&str> =
        rules.rules().iter().flat_map(|rule| &rule.techniques).map(String::as_str).collect();
    for needed in ["T1486", "T1490", "T1003.001", "T1059.001", "T1547.001", "T1105", "T1053.005"] {
        assert!(techniques.contains(needed), "{needed} is covered");
    }
    for rule in rules.rules() {
        let uuid: Vec<&str> = rule.id.split('-').collect();
        assert!(
            uuid.len() == 5 && uuid[2].starts_with('4'),
            "{}: {} is a UUID v4",
            rule.path,
            rule.id
        );
        assert!(!rule.techniques.is_empty(), "{}: {} names its technique", rule.path, rule.title);
        assert_eq!(
            rule.is_standalone,
            rule.level > Severity::Info,
            "{}: {}",
            rule.path,
            rule.title
        );
    }
}

#[test]
fn our_rules_have_what_the_house_asks_of_a_rule() {
    let keys = [
        "title:",
        "id:",
        "description:",
        "status:",
        "author:",
        "date:",
        "tags:",
        "falsepositives:",
        "level:",
    ];
    for (path, text) in files().iter().filter(|(path, _)| !is_test_file(path)) {
        for document in text.split("\n---\n") {
            for key in keys {
                assert!(document.lines().any(|line| line.starts_with(key)), "{path}: {key}");
            }
        }
    }
}
