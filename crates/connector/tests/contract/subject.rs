//! The connectors, as they stand in content/connectors.

use std::fs;

use stanch_connector::contract::{self, Recording};
use stanch_model::manifest::Manifest;

use crate::common;

/// A connector with its texts.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) manifest: Manifest,
    pub(crate) recordings: Vec<Recording>,
}

/// All of them, by name.
pub(crate) fn all() -> Vec<Subject> {
    let mut folders: Vec<_> = fs::read_dir(common::content_folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    let subjects: Vec<Subject> = folders
        .iter()
        .map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(folder.join("connector.yaml")).unwrap();
            let manifest = common::manifest(&text);
            let examples = folder.join("examples");
            let paths =
                if examples.is_dir() { common::files(&examples, "yaml") } else { Vec::new() };
            let recordings = paths.iter().map(|path| {
                let (recording, findings) = contract::read(&fs::read_to_string(path).unwrap());
                recording.unwrap_or_else(|| panic!("{}: {findings:#?}", path.display()))
            });
            Subject { name, text, manifest, recordings: recordings.collect() }
        })
        .collect();
    for known in ["blocklist", "incident", "intel", "lab", "nftables", "roundup"] {
        assert!(subjects.iter().any(|subject| subject.name == known), "{known} is missing");
    }
    subjects
}
