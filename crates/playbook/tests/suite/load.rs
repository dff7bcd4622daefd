//! What the suites share: the connectors that we ship, playbooks and their cases.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use marked_yaml::{LoaderOptions, Node as Yaml, parse_yaml_with_options};
use serde_json::{Value, json};
use stanch_model::manifest::{Catalog, Manifest, Transport};
use stanch_playbook::{
    Called, Graph, Playbook, check, graph,
    graph::{Node, NodeKind},
    parse,
    testing::{self, Case},
};

/// A playbook with everything that belongs to it.
pub(crate) struct Loaded {
    pub(crate) file: PathBuf,
    pub(crate) playbook: Playbook,
    pub(crate) graph: Arc<Graph>,
    /// The playbooks of its folder, which it may call.
    pub(crate) called: Called,
    pub(crate) cases: Vec<Case>,
    /// Everything that the graph, and those that it calls, evaluate.
    pub(crate) expressions: String,
}

/// The node that a step came of, also one of a called playbook.
pub(crate) fn node_of<'g>(graph: &'g Graph, called: &'g Called, key: &str) -> Option<&'g Node> {
    if let Some(node) = graph.node_of(key) {
        return Some(node);
    }
    key.match_indices('/').find_map(|(at, _)| {
        let (head, rest) = key.split_at_checked(at)?;
        let rest = rest.strip_prefix('/')?;
        let NodeKind::Call { call, .. } = &graph.node_of(head)?.kind else { return None };
        node_of(called.get(&call.playbook)?, called, rest)
    })
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
fn json_of(node: &Yaml) -> Value {
    match node {
        Yaml::Mapping(map) => {
            map.iter().map(|(key, value)| (key.as_str().to_owned(), json_of(value))).collect()
        }
        Yaml::Sequence(list) => list.iter().map(json_of).collect(),
        Yaml::Scalar(scalar) if scalar.may_coerce() => {
            serde_json::from_str(scalar.as_str()).unwrap_or_else(|_| json!(scalar.as_str()))
        }
        Yaml::Scalar(scalar) => json!(scalar.as_str()),
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

/// Reads a playbook and the cases beside it; nothing of both is refused.
fn load(file: &Path, context: &check::Context<'_>) -> Loaded {
    let text = fs::read_to_string(file).unwrap();
    let (playbook, findings) = check::load_in(&text, context);
    let playbook = playbook.unwrap_or_else(|| panic!("{}: {findings:#?}", file.display()));
    let graph = Arc::new(graph::compile_in(&playbook, context).unwrap());
    let tests = file.with_extension("test.yaml");
    let text = fs::read_to_string(&tests).unwrap_or_else(|e| panic!("{}: {e}", tests.display()));
    let (cases, findings) = testing::parse(&text);
    assert!(findings.is_empty(), "{}: {findings:#?}", tests.display());
    assert!(!cases.is_empty(), "{} has no case", tests.display());
    let (called, expressions) = (Called::default(), format!("{:?}", graph.nodes));
    Loaded { file: file.to_owned(), playbook, graph, called, cases, expressions }
}

/// All playbooks of a folder, which may call one another.
fn playbooks(folder: &Path) -> Vec<Loaded> {
    let catalog = catalog();
    let is_playbook = |name: &str| name.ends_with(".yaml") && !name.ends_with(".test.yaml");
    let files = files(folder, is_playbook);
    let read = |file: &PathBuf| parse::parse(&fs::read_to_string(file).unwrap()).0.unwrap();
    let read: Vec<Playbook> = files.iter().map(read).collect();
    let folder = check::Folder::new(&read, &catalog);
    let context = check::Context::new(&catalog).with_playbooks(&folder);
    let mut all: Vec<Loaded> = files.iter().map(|file| load(file, &context)).collect();
    let called: Called = all.iter().map(|loaded| Arc::clone(&loaded.graph)).collect();
    for loaded in &mut all {
        loaded.called = called.clone();
        let inside = loaded.graph.calls().filter_map(|name| called.get(name));
        let inside: String = inside.map(|graph| format!("{:?}", graph.nodes)).collect();
        loaded.expressions.push_str(&inside);
    }
    all
}

/// The playbooks that we ship.
pub(crate) fn shipped() -> Vec<Loaded> {
    playbooks(&root().join("content/playbooks"))
}

/// Playbooks that are here for their shape: every kind of step, in every place.
pub(crate) fn corpus() -> Vec<Loaded> {
    playbooks(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/runs"))
}
