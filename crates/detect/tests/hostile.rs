//! Whatever the text, loading ends, panics never, and a file is either loaded or refused with a place.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

use proptest::prelude::*;
use stanch_detect::load;

/// Rules to break: the planted faults and our own.
fn seeds() -> Vec<String> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["corpus/faults", "../../content/rules/windows", "../../content/rules/linux"];
    let mut paths: Vec<_> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(home.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().is_some_and(|p| p.ends_with(".yaml") && !p.contains(".test.")))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[track_caller]
fn check(text: &str) {
    let (rules, findings) = load(&[("one.yaml".to_owned(), text.to_owned())]);
    let errors: Vec<_> = findings.iter().filter(|f| f.diagnostic.is_error()).collect();
    if errors.is_empty() {
        let ids: BTreeSet<_> = rules.rules().iter().map(|rule| &rule.id).collect();
        assert_eq!(ids.len(), rules.rules().len(), "ids are unique");
    } else {
        assert!(rules.rules().is_empty(), "a refused file is refused whole");
    }
    for found in findings {
        let span = found.diagnostic.span;
        assert!(span.line > 0 && span.column > 0, "{}", found.diagnostic);
        assert!(!found.diagnostic.message.contains(char::is_control), "{}", found.diagnostic);
    }
}

#[test]
fn odd_yaml_is_refused_or_read() {
    let deep = format!("title: {}", "{a: ".repeat(5000));
    let odd = [
        "",
        "---",
        "--- ---",
        "...",
        "\u{feff}",
        "\0",
        "a",
        "- a",
        "*a",
        "&a b",
        "a: *a",
        "a: &b c",
        "? {a: b}\n: c",
        "? [a]\n: c",
        "!!str a: b",
        "%YAML 1.2\n---\na: b",
        "%TAG ! x\n--- a",
        "a: |\n\tb",
        "a: 'b",
        "a: \"\\x\"",
        "detection: []",
        "detection: ~",
        "correlation: a",
        "filter: [a]",
        "logsource: a",
        "title: [a]\nlogsource: {}\ndetection: {condition: {a: b}}",
        "detection: {condition: [[a]]}",
        "correlation: {rules: {a: b}, type: [a], timespan: {}}",
        "correlation: {type: temporal, rules: [a], timespan: 99999999999999999999d, condition: a or}",
        "action: 5",
        &deep,
    ];
    for text in odd {
        check(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn broken_rules_are_refused_or_read(
        seed in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, "[-a-z|*%:{}\\[\\]'\"&# \n]{0,3}"), 1..5),
    ) {
        let mut text: Vec<char> = seed.get(&seeds()).chars().collect();
        for (at, length, put) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, put.chars());
        }
        check(&text.into_iter().collect::<String>());
    }
}
