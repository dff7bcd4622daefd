//! The journal's format: a golden file of every event, as version 1 writes it.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use stanch_model::run::{JOURNAL_VERSION, JournalEntry};

use crate::run::RunEvent;

/// Every event by its word. A new variant is missing in [`number`], which does not compile then; give
/// it a number there, a word here, and a record in a golden file of its version.
pub(super) const WORDS: [&str; 22] = [
    "started",
    "planned",
    "simulated",
    "read",
    "decided",
    "asked",
    "answered",
    "intended",
    "accepted",
    "verified",
    "unverified",
    "failed",
    "unsure",
    "probed",
    "unresolved",
    "resolved",
    "timer_set",
    "timer_fired",
    "question_asked",
    "question_answered",
    "cancelled",
    "ended",
];

const fn number(event: &RunEvent) -> usize {
    match event {
        RunEvent::Started { .. } => 0,
        RunEvent::Planned { .. } => 1,
        RunEvent::Simulated { .. } => 2,
        RunEvent::Read { .. } => 3,
        RunEvent::Decided { .. } => 4,
        RunEvent::Asked { .. } => 5,
        RunEvent::Answered { .. } => 6,
        RunEvent::Intended { .. } => 7,
        RunEvent::Accepted { .. } => 8,
        RunEvent::Verified { .. } => 9,
        RunEvent::Unverified { .. } => 10,
        RunEvent::Failed { .. } => 11,
        RunEvent::Unsure { .. } => 12,
        RunEvent::Probed { .. } => 13,
        RunEvent::Unresolved { .. } => 14,
        RunEvent::Resolved { .. } => 15,
        RunEvent::TimerSet { .. } => 16,
        RunEvent::TimerFired { .. } => 17,
        RunEvent::QuestionAsked { .. } => 18,
        RunEvent::QuestionAnswered { .. } => 19,
        RunEvent::Cancelled { .. } => 20,
        RunEvent::Ended { .. } => 21,
    }
}

fn golden() -> Vec<JournalEntry> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/journal-v1.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn version_1_reads_and_writes_as_it_did() {
    assert_eq!(JOURNAL_VERSION, 1, "a new version needs a golden file and an upcaster of its own");
    let mut seen = BTreeSet::new();
    for (sequence, entry) in (0..).zip(golden()) {
        assert_eq!((entry.sequence, entry.v), (sequence, 1));
        let event: RunEvent = serde_json::from_value(entry.payload.clone())
            .unwrap_or_else(|error| panic!("record {sequence}: {error}"));
        assert_eq!(serde_json::to_value(&event).unwrap(), entry.payload, "record {sequence}");
        assert_eq!(WORDS[number(&event)], event.word());
        assert_eq!(entry.payload["event"], Value::from(event.word()));
        seen.insert(event.word());
    }
    assert_eq!(seen, WORDS.into_iter().collect());
}

/// Words that hold others inside: each decision, each state of an approval, and a run, is there.
#[test]
fn the_golden_file_holds_every_word_inside() {
    let text = serde_json::to_string(&golden()).unwrap();
    for word in [
        r#""verdict":"allow""#,
        r#""verdict":"ask""#,
        r#""verdict":"refuse""#,
        r#""state":"approved""#,
        r#""state":"denied""#,
        r#""state":"expired""#,
        r#""state":"void""#,
        r#""state":"succeeded""#,
        r#""state":"failed""#,
        r#""state":"refused""#,
        r#""state":"cancelled""#,
        r#""effect":"read""#,
        r#""effect":"reversible""#,
        r#""effect":"irreversible""#,
        r#""expires":null"#,
        r#""target":null"#,
    ] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn an_event_of_a_later_build_is_not_skipped() {
    let refused = [
        r#"{"event":"forgotten","key":"a"}"#,
        r#"{"event":"intended"}"#,
        r#"{"event":"probed","key":"a","present":"yes"}"#,
    ];
    for text in refused {
        assert!(serde_json::from_str::<RunEvent>(text).is_err(), "{text}");
    }
}
