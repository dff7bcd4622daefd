//! What steps may name where no installation is asked: the manifests that the binary brings along and those
//! among the files.
//!
//! Whether something is bound is a matter of an installation, not of a file: here every capability is
//! bound to the first connector that offers it.

use std::collections::BTreeMap;

use stanch_connector::manifest;
use stanch_model::{
    Diagnostic,
    manifest::{Catalog, Instance},
};

use crate::content;

/// The catalog of the embedded manifests and of `texts`, which take the place of embedded ones of their
/// name; and what is wrong with each of `texts`.
pub(crate) fn with<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> (Catalog, Vec<Vec<Diagnostic>>) {
    let mut catalog = Catalog::default();
    for (_, text) in content::manifests() {
        let manifest = manifest::load(&text).0;
        catalog.manifests.extend(manifest.map(|m| (m.connector.clone(), m)));
    }
    let mut findings = Vec::new();
    for text in texts {
        let (manifest, found) = manifest::load(text);
        catalog.manifests.extend(manifest.map(|m| (m.connector.clone(), m)));
        findings.push(found);
    }
    bind(&mut catalog);
    (catalog, findings)
}

/// One instance of each manifest, and each capability bound to the first that offers it.
fn bind(catalog: &mut Catalog) {
    for (name, manifest) in &catalog.manifests {
        let instance = Instance {
            name: name.clone(),
            connector: name.clone(),
            base_url: String::new(),
            allow_private: false,
            credential: None,
            host_key: None,
            config: BTreeMap::new(),
        };
        catalog.instances.insert(name.clone(), instance);
        for capability in manifest.actions.values().filter_map(|action| action.capability.clone()) {
            catalog.bindings.entry(capability).or_insert_with(|| name.clone());
        }
    }
}
