//! What the tests share: files, catalogs, planned actions.
#![expect(dead_code, reason = "each test binary uses its share")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use stanch_connector::{Hands, Secrets, manifest::load};
use stanch_model::{
    Observable,
    manifest::{Catalog, Instance, Manifest},
    plan::{PlannedAction, StepKey},
};

pub(crate) fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn content_folder() -> PathBuf {
    crate_folder().join("../../content/connectors")
}

/// Files of `folder` with the extension, by name.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no .{extension}", folder.display());
    files
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not configuration")]
fn switch(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) fn updating() -> bool {
    switch("UPDATE_EXPECT").is_some()
}

/// What a test says where a counterpart is not installed; in CI that is a failure.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn skip(why: &str) {
    assert!(switch("CI").is_none_or(|ci| ci != "true"), "missing in CI: {why}");
    println!("SKIPPED: {why}");
}

pub(crate) fn manifest(text: &str) -> Manifest {
    let (manifest, diagnostics) = load(text);
    manifest.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

/// Hands for one connector and one instance called `here`.
pub(crate) fn hands(manifest: &Manifest, instance: Value) -> Hands {
    Hands::new(Arc::new(catalog(manifest, instance)), Secrets::new(secret))
}

pub(crate) fn catalog(manifest: &Manifest, mut instance: Value) -> Catalog {
    instance["name"] = json!("here");
    instance["connector"] = json!(manifest.connector);
    let instance: Instance = serde_json::from_value(instance).unwrap();
    Catalog {
        manifests: [(manifest.connector.clone(), manifest.clone())].into(),
        instances: [("here".to_owned(), instance)].into(),
        bindings: [].into(),
    }
}

pub(crate) const SECRET: &str = "s3cret-of-the-tests";

pub(crate) fn secret(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| SECRET.to_owned())
}

/// The act that a plan would hold.
pub(crate) fn planned(manifest: &Manifest, name: &str, input: Value) -> PlannedAction {
    let action = &manifest.actions[name];
    let target = action.target.as_ref().map(|spec| {
        let written = input[&spec.input].as_str().unwrap_or_default();
        Observable::new(spec.kind, written)
            .unwrap_or_else(|| panic!("`{written}` is no {}", spec.kind))
    });
    PlannedAction {
        key: StepKey("step".to_owned()),
        name: format!("{}.{name}", manifest.connector),
        title: action.title.clone(),
        instance: "here".to_owned(),
        connector: manifest.connector.clone(),
        action: name.to_owned(),
        practice: manifest.practice,
        manifest_digest: manifest.digest(),
        effect: action.effect,
        target,
        input,
        undo: action.undo.as_ref().map(|undo| undo.title.clone()),
        expires: Some(Duration::from_secs(3_600)),
    }
}
