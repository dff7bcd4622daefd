//! What the suites share: the connectors that we ship, playbooks and their cases.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use marked_yaml::{LoaderOptions, Node, parse_yaml_with_options};
use serde_json::{Value, json};
use stanch_model::manifest::{Catalog, Manifest, Transport};
use stanch_playbook::{
    Graph, Playbook, check, graph,
    testing::{self, Case},
};

/// A playbook with everything that belongs to it.
pub(crate) struct Loaded {
    pub(crate) file: PathBuf,
    pub(crate) playbook: Playbook,
    pub(crate) graph: Arc<Graph>,
    pub(crate) cases: Vec<Case>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, keep: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| keep(path.file_name().unwrap().to_str().unwrap()));
    files.sort();
    files
}

/// YAML as JSON; the connector crate, which reads manifests in earnest, is a sibling.
fn json_of(node: &Node) -> Value {
    match node {
        Node::Mapping(map) => {
            map.iter().map(|(key, value)| (key.as_str().to_owned(), json_of(value))).collect()
        }
        Node::Sequence(list) => list.iter().map(json_of).collect(),
        Node::Scalar(scalar) if scalar.may_coerce() => {
            serde_json::from_str(scalar.as_str()).unwrap_or_else(|_| json!(scalar.as_str()))
        }
        Node::Scalar(scalar) => json!(scalar.as_str()),
    }
}

fn manifest(path: &Path) -> Manifest {
    let text = fs::read_to_string(path).unwrap();
    let options = LoaderOptions::default().toplevel_mapping().prevent_coercion(true);
    let node = parse_yaml_with_options(0, text, options).unwrap();
    serde_json::from_value(json_of(&node)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The connectors that we ship, and one of the corpus; capabilities are bound to the practice lab.
pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/connectors/outbox");
    for folder in files(&root().join("content/connectors"), |_| true).into_iter().chain([own]) {
        let manifest = manifest(&folder.join("connector.yaml"));
        let bound = manifest.practice || manifest.connector == "outbox";
        if manifest.transport != Transport::Builtin {
            let name = manifest.connector.clone();
            let instance = json!({ "name": name, "connector": name });
            catalog.instances.insert(name, serde_json::from_value(instance).unwrap());
        }
        for action in manifest.actions.values().filter(|_| bound) {
            if let Some(capability) = &action.capability {
                catalog.bindings.insert(capability.clone(), manifest.connector.clone());
            }
        }
        catalog.manifests.insert(manifest.connector.clone(), manifest);
    }
    catalog
}

/// Reads a playbook and the cases beside it; both are without findings.
pub(crate) fn load(file: &Path, catalog: &Catalog) -> Loaded {
    let text = fs::read_to_string(file).unwrap();
    let (playbook, findings) = check::load(&text, catalog);
    assert!(findings.is_empty(), "{}: {findings:#?}", file.display());
    let playbook = playbook.unwrap();
    let graph = Arc::new(graph::compile(&playbook, catalog).unwrap());
    let tests = file.with_extension("test.yaml");
    let text = fs::read_to_string(&tests).unwrap_or_else(|e| panic!("{}: {e}", tests.display()));
    let (cases, findings) = testing::parse(&text);
    assert!(findings.is_empty(), "{}: {findings:#?}", tests.display());
    assert!(!cases.is_empty(), "{} has no case", tests.display());
    Loaded { file: file.to_owned(), playbook, graph, cases }
}

fn playbooks(folder: &Path) -> Vec<Loaded> {
    let catalog = catalog();
    let is_playbook = |name: &str| name.ends_with(".yaml") && !name.ends_with(".test.yaml");
    files(folder, is_playbook).iter().map(|file| load(file, &catalog)).collect()
}

/// The playbooks that we ship.
pub(crate) fn shipped() -> Vec<Loaded> {
    playbooks(&root().join("content/playbooks"))
}

/// Playbooks that are here for their shape: every kind of step, in every place.
pub(crate) fn corpus() -> Vec<Loaded> {
    playbooks(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/runs"))
}
