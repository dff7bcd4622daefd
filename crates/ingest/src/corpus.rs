//! The corpus test: every source's samples against the events written down beside them.
//!
//! `source/<name>/corpus/` holds samples and, for each, `<sample>.expect.json` with one entry a
//! record: the event, or the error. `UPDATE_EXPECT=1 cargo test -p stanch-ingest` rewrites them;
//! read the difference before you commit it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use stanch_model::{Event, EventId, TenantId, event::Trust};

use crate::{Receipt, SOURCES, Source, parse, recognise, split};

/// Suffix of expected output.
const EXPECT: &str = ".expect.json";

/// Samples every source has to bring: records that are read, and one that is refused.
const GOOD_MIN: usize = 4;

pub(crate) fn receipt() -> Receipt {
    Receipt {
        id: EventId { segment: 1, sequence: 0 },
        tenant: TenantId::default(),
        source: "corpus".to_owned(),
        trust: Trust::High,
        received_at: "2026-11-24T12:00:00Z".parse().unwrap(),
    }
}

fn folder(source: &dyn Source) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source").join(source.name()).join("corpus")
}

fn samples(source: &dyn Source) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(source)).unwrap().map(|entry| entry.unwrap().path());
    let is_sample = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        !name.ends_with(EXPECT) && name != "SOURCES.md"
    };
    let mut samples: Vec<_> = entries.filter(is_sample).collect();
    samples.sort();
    samples
}

/// What a reader of the expected file sees of an event: all but the receipt and the raw text,
/// which are the same as what went in.
fn shown(event: &Event) -> Value {
    let mut shown = serde_json::to_value(event).unwrap();
    let object = shown.as_object_mut().unwrap();
    for name in ["id", "tenant", "source", "trust", "received_at", "raw"] {
        object.shift_remove(name).unwrap();
    }
    shown
}

fn outcome(source: &dyn Source, number: u32, text: &str) -> Value {
    match parse(Some(source.name()), text, receipt()) {
        Ok(event) => {
            assert_eq!(event.raw, text);
            json!({ "line": number, "event": shown(&event) })
        }
        Err(error) => json!({ "line": number, "error": error.to_string() }),
    }
}

fn outcomes(source: &dyn Source, sample: &Path) -> Vec<Value> {
    split(&fs::read(sample).unwrap())
        .map(|line| match line.text {
            Ok(text) => outcome(source, line.number, &text),
            Err(bad) => json!({ "line": line.number, "error": bad.to_string() }),
        })
        .collect()
}

#[test]
fn samples_give_the_events_beside_them() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut differing = Vec::new();
    for source in SOURCES {
        for sample in samples(*source) {
            let found = serde_json::to_string_pretty(&outcomes(*source, &sample)).unwrap() + "\n";
            let expected = PathBuf::from(format!("{}{EXPECT}", sample.display()));
            if update {
                fs::write(&expected, &found).unwrap();
            } else if fs::read_to_string(&expected).unwrap_or_default() != found {
                differing.push(expected);
            }
        }
    }
    assert!(differing.is_empty(), "UPDATE_EXPECT=1 rewrites, then read the diff: {differing:#?}");
}

#[test]
fn every_source_brings_good_and_bad_samples_and_says_whence() {
    for source in SOURCES {
        let all: Vec<_> =
            samples(*source).iter().flat_map(|sample| outcomes(*source, sample)).collect();
        let good = all.iter().filter(|outcome| outcome.get("event").is_some()).count();
        assert!(good >= GOOD_MIN, "{} has {good} good samples", source.name());
        assert!(good < all.len(), "{} has no malformed sample", source.name());
        let origin = fs::read_to_string(folder(*source).join("SOURCES.md")).unwrap();
        assert!(origin.contains("written for this project after"), "{}", source.name());
        assert!(source.spec().starts_with("https://"), "{}", source.name());
    }
}

/// Samples named `foreign*` hold what a source reads when told to and does not claim.
#[test]
fn good_samples_are_recognised_as_what_they_are() {
    for source in SOURCES {
        for sample in samples(*source) {
            if sample.file_name().unwrap().to_string_lossy().starts_with("foreign") {
                continue;
            }
            let body = fs::read(&sample).unwrap();
            let texts = split(&body).filter_map(|line| line.text.ok());
            for text in texts {
                if parse(Some(source.name()), &text, receipt()).is_ok() {
                    let name = recognise(&text).map(Source::name);
                    assert_eq!(name, Some(source.name()), "{}: {text}", sample.display());
                }
            }
        }
    }
}
