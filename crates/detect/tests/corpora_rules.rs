//! Gates over public rules: the whole current SigmaHQ rule set loads, and what cannot run is refused.
//!
//! Read from `../shared/corpora` beside the checkout; where that is absent, the tests say so and are
//! skipped.

use std::collections::BTreeMap;

use stanch_detect::load;

mod corpus;

use corpus::{CURRENT_RULES, current_rules, texts, unpacked};

/// Rules among them with `|expand` placeholders. Nobody gives Stanch their values, so they would not run as
/// written and are refused.
const PLACEHOLDER_RULES: usize = 25;

#[test]
fn every_current_public_rule_is_loaded_or_refused_for_its_placeholder() {
    let Some((rules, refused)) = current_rules() else { return };
    println!("{} of {CURRENT_RULES} loaded; refused: {refused:#?}", rules.rules().len());
    let codes: Vec<_> = refused.keys().map(String::as_str).collect();
    assert_eq!(codes, ["SG0034"]);
    assert_eq!(refused["SG0034"].len(), PLACEHOLDER_RULES);
    assert_eq!(rules.rules().len() + PLACEHOLDER_RULES, CURRENT_RULES);
}

#[test]
fn unsupported_public_rules_are_refused_with_a_code() {
    let Some(folder) = unpacked("sigma-rules") else { return };
    let texts = texts(folder.path(), |path| path.starts_with("unsupported"));
    let (rules, findings) = load(&texts);
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for found in findings.iter().filter(|found| found.diagnostic.is_error()) {
        *codes.entry(&found.diagnostic.code).or_default() += 1;
        assert!(found.diagnostic.span.line > 0, "{found:?} has a place");
    }
    println!("{} files, {} loaded, {codes:?}", texts.len(), rules.rules().len());
    assert!(!codes.contains_key("SG0099"), "a code of our own for each");
    assert!(codes["SG0021"] > 40, "aggregations are refused, not left out");
}

#[test]
fn the_specifications_own_examples_load() {
    let Some(folder) = unpacked("sigma-spec") else { return };
    let examples = texts(folder.path(), |path| path.contains("tests/schema"));
    assert_eq!(examples.len(), 12);
    for example in examples {
        let (_, findings) = load(std::slice::from_ref(&example));
        // They refer to rules that are not among them; nothing else may be wrong.
        let other: Vec<_> = findings
            .iter()
            .filter(|f| f.diagnostic.is_error() && f.diagnostic.code != "SG0043")
            .collect();
        assert!(other.is_empty(), "{other:#?}");
    }
}
