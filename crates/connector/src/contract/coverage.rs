//! What of a manifest was never held against its target.

use serde_json::Value;
use stanch_model::{
    Diagnostic,
    manifest::{ActionManifest, Manifest},
};

use super::{Part, Recording, replay::part};
use crate::manifest::{
    Findings, codes,
    source::{Path, Source},
};

/// What the recordings leave open, with places in `text`, the manifest's own. Each example wants a
/// recording; each check has to be seen to say yes, and the probe also no.
#[must_use]
pub fn coverage(text: &str, manifest: &Manifest, recordings: &[Recording]) -> Vec<Diagnostic> {
    let source = match Source::read(text) {
        Ok(source) => source,
        Err(diagnostic) => return vec![diagnostic],
    };
    let mut findings = Findings { source: &source, list: Vec::new() };
    let actions = Path::default().key("actions");
    for (name, action) in &manifest.actions {
        let of: Vec<&Recording> = recordings.iter().filter(|r| r.action == *name).collect();
        let at = actions.key(name);
        examples(action, &of, &at, &mut findings);
        if !of.is_empty() {
            parts(action, &of, &at, &mut findings);
        }
    }
    findings.list
}

fn examples(action: &ActionManifest, of: &[&Recording], at: &Path, findings: &mut Findings<'_>) {
    for (index, example) in action.examples.iter().enumerate() {
        if !of.iter().any(|recording| recording.example == example.title) {
            findings.error(
                codes::NOT_RECORDED,
                &at.key("examples").item(index).key("title"),
                "example has no recording",
                "record it: `stanch connector test NAME --live INSTANCE --record examples/`",
            );
        }
    }
}

fn parts(action: &ActionManifest, of: &[&Recording], at: &Path, findings: &mut Findings<'_>) {
    let seen = |wanted: Part, done: Option<bool>| {
        let mut all = of.iter().flat_map(|recording| &recording.exchanges);
        all.any(|exchange| exchange.part == wanted && (done.is_none() || exchange.done == done))
    };
    for wanted in Part::ALL {
        if part(action, wanted).is_none() {
            continue;
        }
        let answers: &[Option<bool>] = match wanted {
            Part::Probe => &[Some(true), Some(false)],
            Part::Verify | Part::UndoVerify => &[Some(true)],
            Part::Call | Part::Undo => &[None],
        };
        for done in answers.iter().filter(|done| !seen(wanted, **done)) {
            let word = wanted.word();
            let answer = match done {
                Some(true) => " that says yes",
                Some(false) => " that says no",
                None => "",
            };
            findings.error_at_key(
                codes::NOT_RECORDED,
                &place(wanted, at),
                format!("no {word}{answer} was recorded"),
                "record it: `stanch connector test NAME --live INSTANCE --act --record examples/`",
            );
        }
    }
    for recording in of.iter().filter(|recording| recording.exchanges.is_empty()) {
        let example = Value::from(recording.example.as_str());
        let message = format!("the recording of {example} holds no exchange");
        findings.error_at_key(codes::NOT_RECORDED, at, message, "record one");
    }
}

fn place(part: Part, at: &Path) -> Path {
    match part {
        Part::Call => at.key("call"),
        Part::Probe => at.key("probe"),
        Part::Verify => at.key("verify"),
        Part::Undo => at.key("undo"),
        Part::UndoVerify => at.key("undo").key("verify"),
    }
}
