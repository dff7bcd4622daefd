//! The corpus: each file in `corpus/faults` gives exactly what stands beside it in `.expect`; each in
//! `corpus/valid` gives nothing. `UPDATE_EXPECT=1` writes what is given.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use stanch_model::Diagnostic;

use super::catalog::catalog;
use crate::check::load;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .collect();
    files.sort();
    files
}

/// What of the text a finding covers.
fn covered<'t>(text: &'t str, finding: &Diagnostic) -> String {
    let line: &'t str = text.lines().nth(finding.span.line as usize - 1).unwrap_or_default();
    let end = if finding.span.end_line == finding.span.line {
        finding.span.end_column as usize - 1
    } else {
        line.chars().count()
    };
    let start = finding.span.column as usize - 1;
    line.chars().skip(start).take(end.saturating_sub(start)).collect()
}

fn shown(text: &str, findings: &[Diagnostic]) -> String {
    let mut shown = String::new();
    for finding in findings {
        let level = if finding.is_error() { "" } else { " (warning)" };
        writeln!(shown, "{finding}{level}").unwrap();
        writeln!(shown, "  at: {}", covered(text, finding)).unwrap();
        writeln!(shown, "  help: {}", finding.help).unwrap();
    }
    shown
}

#[test]
fn planted_faults_are_found_where_they_are() {
    let catalog = catalog();
    #[expect(clippy::disallowed_methods, reason = "a test asks whether to write what it expects")]
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let files = files("faults");
    assert!(files.len() >= 20, "{} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (_, findings) = load(&text, &catalog);
        let shown = shown(&text, &findings);
        assert!(!findings.is_empty(), "{} has no finding", file.display());
        let expect = file.with_extension("expect");
        if update {
            fs::write(&expect, &shown).unwrap();
        } else if fs::read_to_string(&expect).unwrap_or_default() != shown {
            wrong.push(format!("{}:\n{shown}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE_EXPECT=1 accepts):\n{}", wrong.join("\n"));
}

#[test]
fn valid_playbooks_have_no_findings() {
    let catalog = catalog();
    for file in files("valid") {
        let text = fs::read_to_string(&file).unwrap();
        let (playbook, findings) = load(&text, &catalog);
        assert_eq!(shown(&text, &findings), "", "{}", file.display());
        let playbook = playbook.unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert_eq!(playbook.name.value, name);
    }
}
