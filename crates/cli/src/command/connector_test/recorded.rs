//! Against the recordings: what is sent now, and what the recorded answers are read as.

use serde::Serialize;
use stanch_connector::contract;
use stanch_model::Diagnostic;

use super::{Args, Subject};
use crate::{
    command::check::{Finding, print},
    exit::Exit,
    kind::Kind,
    output::{self, Output},
};

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    recordings: Vec<Held>,
    findings: Vec<Finding>,
}

/// A recording and whether the manifest holds.
#[derive(Serialize)]
struct Held {
    path: String,
    action: String,
    example: String,
    ok: bool,
}

pub(super) fn run(subject: &Subject, args: &Args, out: &mut Output) -> anyhow::Result<Exit> {
    let (mut held, mut findings, mut readable) = (Vec::new(), Vec::new(), Vec::new());
    for (path, text) in &subject.recordings {
        let (recording, found) = contract::read(text);
        let found = match recording {
            Some(recording) if !args.wants(&recording.action) => continue,
            Some(recording) => {
                let found = contract::replay(&subject.manifest, &recording);
                let (action, example) = (recording.action.clone(), recording.example.clone());
                held.push(Held { path: path.clone(), action, example, ok: found.is_empty() });
                readable.push(recording);
                found
            }
            None => found,
        };
        findings.extend(found.into_iter().map(|found| finding(path, Kind::Recording, found)));
    }
    if args.action.is_empty() {
        let (path, text) = &subject.text;
        let open = contract::coverage(text, &subject.manifest, &readable);
        findings.extend(open.into_iter().map(|found| finding(path, Kind::Manifest, found)));
    }
    let ok = findings.is_empty();
    if args.format.json {
        out.json(&Report { recordings: held, findings })?;
    } else {
        show(subject, &held, &findings, out)?;
    }
    Ok(if ok { Exit::Done } else { Exit::No })
}

fn finding(path: &str, kind: Kind, diagnostic: Diagnostic) -> Finding {
    Finding { path: path.to_owned(), kind, diagnostic }
}

fn show(
    subject: &Subject,
    held: &[Held],
    findings: &[Finding],
    out: &mut Output,
) -> anyhow::Result<()> {
    for Held { action, example, ok, .. } in held {
        let word = if *ok { "ok  " } else { "FAIL" };
        out.line(&format!("{word} {action}: {example}"))?;
    }
    let texts = || subject.recordings.iter().chain([&subject.text]);
    for finding in findings {
        let text = texts().find(|(path, _)| *path == finding.path);
        let text = text.map_or("", |(_, text)| text.as_str());
        print(&finding.path, &finding.diagnostic, text, out)?;
    }
    let good = held.iter().filter(|held| held.ok).count();
    output::note(&format!(
        "{}: {good} of {} recordings hold, {} findings",
        subject.manifest.connector,
        held.len(),
        findings.len()
    ));
    Ok(())
}
