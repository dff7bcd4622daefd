//! What the binary brings along: `content/`, embedded; and folders given beside it.

use std::{fs, path::Path};

use anyhow::Context as _;
use rust_embed::RustEmbed;
use stanch_engine::content::Content;
use walkdir::WalkDir;

#[derive(RustEmbed)]
#[folder = "../../content"]
struct Files;

/// A text and the path that messages name.
pub(crate) type Text = (String, String);

fn embedded(folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<Text> {
    let mut found: Vec<Text> = Files::iter()
        .filter(|path| path.starts_with(folder) && wanted(path))
        .filter_map(|path| {
            let file = Files::get(&path)?;
            Some((format!("content/{path}"), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    found.sort();
    found
}

fn is_content(path: &str) -> bool {
    (path.ends_with(".yaml") || path.ends_with(".yml"))
        && !path.ends_with(".test.yaml")
        && !path.ends_with(".test.yml")
}

/// The embedded connector manifests.
pub(crate) fn manifests() -> Vec<Text> {
    embedded("connectors/", |path| path.ends_with("/connector.yaml"))
}

/// The embedded Sigma rules.
pub(crate) fn rules() -> Vec<Text> {
    embedded("rules/", is_content)
}

/// The embedded playbooks.
pub(crate) fn playbooks() -> Vec<Text> {
    embedded("playbooks/", is_content)
}

/// The embedded samples: (format, file name, bytes).
pub(crate) fn samples() -> Vec<(String, String, Vec<u8>)> {
    let mut found: Vec<_> = Files::iter()
        .filter(|path| path.ends_with(".ndjson") || path.ends_with(".log"))
        .filter_map(|path| {
            let mut parts = path.strip_prefix("samples/")?.splitn(2, '/');
            let (format, name) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            Some((format, name, Files::get(&path)?.data.into_owned()))
        })
        .collect();
    found.sort();
    found
}

/// Everything that is embedded.
pub(crate) fn all() -> Content {
    Content { manifests: manifests(), rules: rules(), playbooks: playbooks(), lists: Vec::new() }
}

/// Adds what stands in `folder/{connectors,rules,playbooks}`; a playbook or manifest of the same
/// name takes the embedded one's place.
pub(crate) fn add_folder(content: &mut Content, folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(folder.is_dir(), "content folder {} is not there", folder.display());
    content
        .manifests
        .extend(read(&folder.join("connectors"), |path| path.ends_with("connector.yaml"))?);
    content.rules.extend(read(&folder.join("rules"), is_content)?);
    content.playbooks.extend(read(&folder.join("playbooks"), is_content)?);
    Ok(())
}

/// Reads the files below `folder` that are wanted, by path.
pub(crate) fn read(folder: &Path, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Vec<Text>> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        let path = entry.path().display().to_string();
        if entry.file_type().is_file() && wanted(&path) {
            let text =
                fs::read_to_string(entry.path()).with_context(|| format!("reading {path}"))?;
            found.push((path, text));
        }
    }
    Ok(found)
}
