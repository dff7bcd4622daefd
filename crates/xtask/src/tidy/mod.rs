//! Tidiness: what a reader of the repository may rely on, as tests.

mod arrows;
mod configuration;
mod content;
mod documents;
mod purity;
mod sources;
mod words;

use walkdir::WalkDir;

use crate::root::root;

/// Folders that are not in the repository, or not written by us.
const SKIPPED: &[&str] = &[".git", "target", "node_modules", "dist", "shots"];

/// A text file of the repository.
#[derive(Debug)]
struct File {
    /// From the top folder, with `/`.
    path: String,
    text: String,
}

/// Every text file below `folder`, by path.
fn files(folder: &str) -> Vec<File> {
    let top = root();
    let walk = WalkDir::new(top.join(folder)).sort_by_file_name().into_iter();
    let skipped = |name: &str, depth: usize| {
        SKIPPED.contains(&name) || (folder.is_empty() && depth == 1 && name == "data")
    };
    walk.filter_entry(|entry| !skipped(&entry.file_name().to_string_lossy(), entry.depth()))
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(&top).unwrap().to_string_lossy().into_owned();
            let text = String::from_utf8(std::fs::read(entry.path()).unwrap()).ok()?;
            Some(File { path, text })
        })
        .collect()
}

/// Every Rust file of the crates.
fn rust() -> Vec<File> {
    let mut files = files("crates");
    files.retain(|file| file.path.ends_with(".rs"));
    files
}

/// Whether it holds nothing but tests.
fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs" | "corpus.rs"))
}

/// Fails with all that was found, one a line.
#[track_caller]
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn the_walk_sees_the_repository() {
    let all = files("");
    for path in ["Cargo.toml", "crates/model/src/lib.rs", "content/rules/README.md"] {
        assert!(all.iter().any(|file| file.path == path), "{path}");
    }
    assert!(!all.iter().any(|file| file.path.contains("node_modules/")));
}
