//! What steps may name where no installation is asked: the manifests that the binary brings along and those
//! among the files.
//!
//! Whether something is bound is a matter of an installation, not of a file: here every capability is
//! bound to the first connector that offers it.

use std::path::Path;

use stanch_connector::manifest;
use stanch_model::{
    Diagnostic,
    manifest::{Catalog, Instance},
};

use crate::{content, walk};

/// The catalog of the embedded manifests and of `files` (path and text), which take the place of embedded
/// ones of their name; and what is wrong with each of `files`.
pub(crate) fn with<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> (Catalog, Vec<Vec<Diagnostic>>) {
    let mut catalog = Catalog::default();
    for (path, text) in content::manifests() {
        let manifest = manifest::load_with(&text, &|name| content::beside(&path, name)).0;
        catalog.manifests.extend(manifest.map(|m| (m.connector.clone(), m)));
    }
    let mut findings = Vec::new();
    for (path, text) in files {
        let (manifest, found) = manifest::load_with(text, &|name| beside(path, name));
        catalog.manifests.extend(manifest.map(|m| (m.connector.clone(), m)));
        findings.push(found);
    }
    bind(&mut catalog);
    (catalog, findings)
}

/// What is in the file of that name in the folder of `path`. Why it cannot be read does not matter: the
/// manifest is refused, and the finding names the file.
fn beside(path: &str, name: &str) -> Option<String> {
    let path = Path::new(path).with_file_name(name);
    walk::read_text(&path.display().to_string()).ok()
}

/// One instance of each manifest, and each capability bound to the first that offers it.
fn bind(catalog: &mut Catalog) {
    for (name, manifest) in &catalog.manifests {
        let instance =
            Instance { name: name.clone(), connector: name.clone(), ..Instance::default() };
        catalog.instances.insert(name.clone(), instance);
        for capability in manifest.actions.values().filter_map(|action| action.capability.clone()) {
            catalog.bindings.entry(capability).or_insert_with(|| name.clone());
        }
    }
}
