//! Gate over public events: the regression events of SigmaHQ are found, and routing loses none.
//!
//! Read from `../shared/corpora` beside the checkout; where that is absent, the test says so and is
//! skipped.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, sync::Arc};

use serde_json::Value;
use stanch_detect::Detector;
use stanch_ingest::Receipt;
use stanch_model::{Event, Time, event::Trust};

mod corpus;

use corpus::{current_rules, files, unpacked};

/// Regression cases; all of them are found.
const CASES: usize = 202;

/// Other rules that match the same events: 128 when this was written, most of them rightly.
const OTHERS_MAX: usize = 140;

fn event(record: &str) -> Event {
    let receipt = Receipt {
        id: Default::default(),
        tenant: Default::default(),
        source: "corpus".to_owned(),
        trust: Trust::Medium,
        received_at: "2026-11-24T10:00:00Z".parse::<Time>().unwrap(),
    };
    stanch_ingest::parse(Some("windows"), record, receipt).unwrap()
}

#[test]
fn public_regression_events_are_found_and_routing_changes_nothing() {
    let Some((rules, _)) = current_rules() else { return };
    let Some(folder) = unpacked("sigma-regression") else { return };
    let known: BTreeSet<&str> = rules.rules().iter().map(|rule| rule.id.as_str()).collect();
    let (mut cases, mut found, mut others, mut events) = (0, 0, 0, 0);
    let mut missed = Vec::new();
    for path in files(folder.path(), "json") {
        let wanted = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(known.contains(wanted.as_str()), "{wanted} is loaded");
        let text = fs::read_to_string(&path).unwrap();
        let mut detector = Detector::new(Arc::clone(&rules));
        let mut is_found = false;
        for record in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
            let event = event(&record.unwrap().to_string());
            let ids: Vec<String> =
                detector.process(&event).into_iter().map(|d| d.rule.id).collect();
            assert_eq!(ids, rules.evaluate_plain(&event), "routed is plain: {}", path.display());
            is_found |= ids.contains(&wanted);
            others += ids.iter().filter(|id| **id != wanted).count();
            events += 1;
        }
        cases += 1;
        found += usize::from(is_found);
        if !is_found {
            missed.push(path.strip_prefix(folder.path()).unwrap().display().to_string());
        }
    }
    println!(
        "recall {found}/{cases}, {others} other hits over {events} events; missed: {missed:#?}"
    );
    assert_eq!(cases, CASES);
    assert_eq!(found, cases, "recall fell");
    assert!(others <= OTHERS_MAX, "{others} other hits: is the log source of events too wide?");
}
