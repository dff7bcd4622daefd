//! Public corpora of `../shared/corpora` beside the checkout, unpacked for a test.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stdout, reason = "a test says what it measured or skipped")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use stanch_detect::{RuleSet, load};

/// Current rules in the corpus (SigmaHQ 8eaafff).
pub(crate) const CURRENT_RULES: usize = 3780;

/// What was loaded, and the files that were not, by the codes of their errors.
pub(crate) type Loaded = (Arc<RuleSet>, BTreeMap<String, BTreeSet<String>>);

/// A corpus, unpacked for as long as the value lives.
pub(crate) fn unpacked(name: &str) -> Option<tempfile::TempDir> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let archive = corpora.join(format!("{name}.tar.xz"));
    if !archive.exists() {
        println!("skipped: {} is not there", archive.display());
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "unpacks a public corpus with the host's tar")]
    let mut tar = std::process::Command::new("tar");
    let status = tar.arg("-xJf").arg(&archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(status.success(), "tar unpacks {}", archive.display());
    Some(folder)
}

/// Files below `folder` with this extension, sorted.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ext| ext == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Paths below `folder` and texts of the rule files that are kept.
pub(crate) fn texts(folder: &Path, keep: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    files(folder, "yml")
        .into_iter()
        .map(|path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned())
        .filter(|path| keep(path))
        .map(|path| (path.clone(), fs::read_to_string(folder.join(&path)).unwrap()))
        .collect()
}

/// The current rules.
pub(crate) fn current_rules() -> Option<Loaded> {
    let folder = unpacked("sigma-rules")?;
    let current = |path: &str| !path.starts_with("deprecated") && !path.starts_with("unsupported");
    let texts = texts(folder.path(), current);
    assert_eq!(texts.len(), CURRENT_RULES);
    let (rules, findings) = load(&texts);
    let mut by_code: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in findings {
        if found.diagnostic.is_error() {
            by_code.entry(found.diagnostic.code).or_default().insert(found.path);
        }
    }
    Some((Arc::new(rules), by_code))
}
