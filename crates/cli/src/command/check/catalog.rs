//! What steps may name: the manifests that the binary brings along and those among the files.
//!
//! Whether something is bound is a matter of an installation, not of a file: here every capability is
//! bound to the first connector that offers it.

use stanch_connector::manifest;
use stanch_model::manifest::{Catalog, Instance};

use super::{File, Finding, kind::Kind};
use crate::content;

/// The catalog, and what is wrong with the manifests among `files`.
pub(super) fn build(files: &[File]) -> (Catalog, Vec<Finding>) {
    let mut catalog = Catalog::default();
    for (_, text) in content::manifests() {
        let manifest = manifest::load(&text).0;
        catalog.manifests.extend(manifest.map(|m| (m.connector.clone(), m)));
    }
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.kind == Kind::Manifest && file.garbled.is_none()) {
        let (manifest, found) = manifest::load(&file.text);
        catalog.manifests.extend(manifest.map(|m| (m.connector.clone(), m)));
        findings.extend(found.into_iter().map(|diagnostic| file.finding(diagnostic)));
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
            config: std::collections::BTreeMap::new(),
        };
        catalog.instances.insert(name.clone(), instance);
        for capability in manifest.actions.values().filter_map(|action| action.capability.clone()) {
            catalog.bindings.entry(capability).or_insert_with(|| name.clone());
        }
    }
}
