//! Loading: files to documents, documents to compiled rules, rules to a set.
//!
//! A file is loaded whole or not at all: a correlation without the rule it counts would be another
//! correlation. `file` reads one file, `link` joins what all of them refer to, `build` makes the set.

mod build;
mod file;
mod link;

use serde::Serialize;
use stanch_model::Diagnostic;

use crate::RuleSet;

/// A finding and the file it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileFinding {
    /// The path as it was handed in.
    pub path: String,
    /// What is wrong, and where.
    pub diagnostic: Diagnostic,
}

/// Whether a path is a test file of rules (`NAME.test.yaml`), which is no rule itself.
#[must_use]
pub fn is_test_file(path: &str) -> bool {
    path.ends_with(".test.yaml") || path.ends_with(".test.yml")
}

/// Loads rule files, given as (path, text). Test files among them are passed over.
///
/// A file with an error is refused whole and the others are loaded; a file with warnings is loaded. Findings
/// come in the order of the files, then of the lines. A file may hold several documents; references of
/// correlations and filters reach across files.
#[must_use]
pub fn load(files: &[(String, String)]) -> (RuleSet, Vec<FileFinding>) {
    let rules = files.iter().filter(|(path, _)| !is_test_file(path));
    let mut read: Vec<file::File> = rules.map(|(path, text)| file::read(path, text)).collect();
    link::link(&mut read);
    let mut findings = Vec::new();
    for file in &mut read {
        file.findings.sort_by(|a, b| (a.span, &a.code).cmp(&(b.span, &b.code)));
        let path = &file.path;
        let own = file
            .findings
            .iter()
            .map(|diagnostic| FileFinding { path: path.clone(), diagnostic: diagnostic.clone() });
        findings.extend(own);
    }
    read.retain(|file| !file.is_refused());
    (build::build(read), findings)
}
