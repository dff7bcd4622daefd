//! Content: every rule and playbook has its tests beside it, every source its corpus, every sample its row.

use std::collections::BTreeSet;

use stanch_ingest::SOURCES;

use super::{files, none};
use crate::root::{read, root};

#[test]
fn rules_and_playbooks_have_their_tests_beside_them() {
    let mut alone = Vec::new();
    for folder in ["content/rules", "content/playbooks"] {
        let paths: BTreeSet<String> = files(folder).into_iter().map(|file| file.path).collect();
        let yaml = |path: &&String| path.ends_with(".yaml") || path.ends_with(".yml");
        for path in paths.iter().filter(yaml) {
            let other = match path.strip_suffix(".test.yaml") {
                Some(name) => format!("{name}.yaml"),
                None => format!("{}.test.yaml", path.trim_end_matches(".yaml")),
            };
            if !paths.contains(&other) {
                alone.push(format!("{path} without {other}"));
            }
        }
    }
    none("content that stands alone", &alone);
}

#[test]
fn sources_have_a_folder_a_row_and_a_corpus() {
    let mut wrong = Vec::new();
    let folder = "crates/ingest/src/source";
    let listed: BTreeSet<String> = SOURCES.iter().map(|s| s.name().to_owned()).collect();
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap());
    let there: BTreeSet<String> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    wrong.extend(
        listed
            .symmetric_difference(&there)
            .map(|name| format!("{name} has a folder or a row in SOURCES, not both")),
    );
    for name in &there {
        let corpus = files(&format!("{folder}/{name}/corpus"));
        let has = |end: &str| corpus.iter().any(|file| file.path.ends_with(end));
        if !has("/SOURCES.md") || !has(".expect.json") {
            wrong.push(format!(
                "{folder}/{name}/corpus lacks SOURCES.md, or samples with .expect.json"
            ));
        }
        if !corpus.iter().any(|file| file.path.contains("/malformed.")) {
            wrong.push(format!("{folder}/{name}/corpus has no malformed sample"));
        }
    }
    none("sources that are not whole", &wrong);
}

#[test]
fn every_sample_says_where_it_comes_from() {
    let told = read("content/samples/SOURCES.md").unwrap();
    let mut wrong = Vec::new();
    let folder = root().join("content/samples");
    for entry in walkdir::WalkDir::new(&folder).into_iter().map(|entry| entry.unwrap()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_file() && entry.depth() > 1 && !told.contains(&name) {
            wrong.push(entry.path().strip_prefix(&folder).unwrap().display().to_string());
        }
    }
    none("samples that content/samples/SOURCES.md does not name", &wrong);
}
