//! The playbooks that a playbook can call: those that stand beside it, and those that the binary brings along.

use std::{collections::BTreeSet, path::Path};

use stanch_model::manifest::Catalog;
use stanch_playbook::{Playbook, check::Folder, parse::parse};

use crate::{content, kind::Kind, walk};

/// The playbooks around files. What cannot be read there is no playbook; who checks it hears why.
pub(crate) fn around<'p>(paths: impl Iterator<Item = &'p str>, catalog: &Catalog) -> Folder {
    let mut texts: Vec<String> = Vec::new();
    let mut folders = BTreeSet::new();
    for path in paths {
        let parent = Path::new(path).parent().unwrap_or(Path::new(""));
        let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        folders.insert(folder.display().to_string());
        texts.extend(walk::read_text(path).ok());
    }
    for folder in folders {
        let files = walk::files(&[folder], walk::is_yaml).unwrap_or_default();
        for file in files {
            let text = walk::read_text(&file).unwrap_or_default();
            if Kind::of(&file, &text) == Kind::Playbook {
                texts.push(text);
            }
        }
    }
    texts.extend(content::playbooks().into_iter().map(|(_, text)| text));
    let playbooks: Vec<Playbook> = texts.iter().filter_map(|text| parse(text).0).collect();
    Folder::new(&playbooks, catalog)
}
