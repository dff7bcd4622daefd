//! Reference pages that are made of the code, and committed: `cargo run -p stanch-xtask -- reference`.

mod codes;
mod connectors;
mod exit_codes;
mod language;
mod markdown;
mod playbook_codes;
mod sources;

use anyhow::Context as _;

use crate::root::root;

/// The command that brings every page up to date.
pub(crate) const COMMAND: &str = "cargo run -p stanch-xtask -- reference";

/// A generated file: where it stands, and what makes it.
type Page = (&'static str, fn() -> anyhow::Result<String>);

/// All of them.
const PAGES: &[Page] = &[
    ("docs/reference/codes.md", codes::page),
    ("docs/reference/connectors.md", connectors::page),
    ("docs/reference/exit-codes.md", exit_codes::page),
    ("docs/reference/language.md", language::page),
    ("docs/reference/sources.md", sources::page),
    ("web/openapi.json", || Ok(stanch_server::openapi_json())),
];

/// What makes the pages of a folder: where each stands, and its text.
type Folder = fn() -> anyhow::Result<Vec<(String, String)>>;

/// Folders of pages that are made together.
const FOLDERS: &[Folder] = &[playbook_codes::pages];

/// Every page: where it stands, and its text.
fn all() -> anyhow::Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    for (path, page) in PAGES {
        pages.push(((*path).to_owned(), page()?));
    }
    for folder in FOLDERS {
        pages.extend(folder()?);
    }
    Ok(pages)
}

/// Writes every page, and returns where.
///
/// # Errors
/// Content that cannot be read, a page that cannot be written.
pub(crate) fn write_all() -> anyhow::Result<Vec<String>> {
    let mut written = Vec::new();
    for (path, text) in all()? {
        let file = root().join(&path);
        let folder = file.parent().context("a page stands in a folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        std::fs::write(&file, text).with_context(|| format!("writing {path}"))?;
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{COMMAND, all};
    use crate::root::read;

    #[test]
    fn generated_pages_are_current() {
        let stale = all()
            .unwrap()
            .into_iter()
            .filter(|(path, text)| read(path).ok().as_ref() != Some(text));
        let stale: Vec<String> = stale.map(|(path, _)| path).collect();
        assert!(stale.is_empty(), "{} is not what the code says; run: {COMMAND}", stale.join(", "));
    }
    /// What generators of clients trip over: an id that two operations share, a parameter that is said to
    /// stand in the path and does not, or the other way round.
    #[test]
    fn the_openapi_document_can_be_read_by_machines() {
        let document: Value = serde_json::from_str(&stanch_server::openapi_json()).unwrap();
        let mut ids = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{method} {path}: {id} is another's id");
                let mut named: Vec<String> = Vec::new();
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
                    let place = parameter["in"].as_str().unwrap();
                    assert_eq!(place == "path", path.contains(&name), "{method} {path}: {name}");
                    named.extend((place == "path").then_some(name));
                }
                let holes = path.split('/').filter(|part| part.starts_with('{'));
                assert_eq!(holes.collect::<Vec<_>>(), named, "{method} {path}");
            }
        }
        assert!(ids.len() > 30, "{ids:?}");
    }
}
