//! The playbooks of this installation, checked and compiled against its catalog.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock, RwLockWriteGuard},
};

use serde_json::Value;
use stanch_expression::Type;
use stanch_model::{Diagnostic, Incident, guard::Mode, incident, manifest::Catalog};
use stanch_playbook::{Called, Graph, Playbook, check, graph, graph::CompileError};
use stanch_store::PlaybookVersion;

/// A playbook that is well formed; it may still lack a binding here.
#[derive(Clone, Debug)]
pub struct Loaded {
    playbook: Arc<Playbook>,
    graph: Result<Arc<Graph>, CompileError>,
}

impl Loaded {
    /// Reads, checks and compiles a playbook.
    ///
    /// # Errors
    /// Every finding, if at least one stops the load.
    pub fn new(
        text: &str,
        context: &check::Context<'_>,
    ) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        match check::load_in(text, context) {
            (Some(playbook), findings) => {
                let graph = graph::compile_in(&playbook, context).map(Arc::new);
                Ok((Self { playbook: Arc::new(playbook), graph }, findings))
            }
            (None, findings) => Err(findings),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.playbook.name.value
    }

    /// SHA-256 of its text.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.playbook.digest
    }

    /// As it was written.
    #[must_use]
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    /// Its graph.
    ///
    /// # Errors
    /// What it names and this installation lacks.
    pub fn graph(&self) -> Result<&Arc<Graph>, &CompileError> {
        self.graph.as_ref()
    }

    /// Whether every act goes to the practice target.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        self.graph.as_ref().is_ok_and(|graph| graph.is_practice())
    }

    /// How far it is trusted until somebody says otherwise: `auto` only where every act goes to the
    /// practice target, else at most `assist`.
    #[must_use]
    pub fn initial_mode(&self) -> Mode {
        let max_mode = self.playbook.max_mode;
        if self.is_practice() { max_mode } else { max_mode.min(Mode::Assist) }
    }

    pub(crate) fn version(&self) -> PlaybookVersion {
        PlaybookVersion {
            digest: self.digest().to_owned(),
            name: self.name().to_owned(),
            text: self.playbook.text.clone(),
        }
    }
}

/// The versions in force, by name. Another can come in force while runs of the one before go on: each
/// keeps the text that it started with.
#[derive(Debug, Default)]
pub struct Playbooks {
    loaded: RwLock<BTreeMap<String, Arc<Loaded>>>,
}

impl Playbooks {
    /// Puts one in force; a second of the same name takes the first one's place.
    pub fn insert(&self, loaded: Loaded) {
        let name = loaded.name().to_owned();
        self.change().insert(name, Arc::new(loaded));
    }

    /// Takes one out of force.
    pub fn remove(&self, name: &str) {
        self.change().remove(name);
    }

    fn change(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Arc<Loaded>>> {
        self.loaded.write().expect("invariant: nothing panics while it holds the shelf")
    }

    /// The playbook by that name.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the shelf.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Loaded>> {
        let loaded =
            self.loaded.read().expect("invariant: nothing panics while it holds the shelf");
        loaded.get(name).cloned()
    }

    /// What each takes and gives, for who calls them.
    #[must_use]
    pub fn folder(&self, catalog: &Catalog) -> check::Folder {
        let loaded: Vec<Arc<Loaded>> = self.all().collect();
        check::Folder::new(loaded.iter().map(|loaded| loaded.playbook()), catalog)
    }

    /// Those that run here, for who calls them.
    #[must_use]
    pub fn called(&self) -> Called {
        self.all().filter_map(|loaded| loaded.graph().ok().cloned()).collect()
    }

    /// All, by name, as they are now.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the shelf.
    pub fn all(&self) -> impl Iterator<Item = Arc<Loaded>> + use<> {
        let loaded =
            self.loaded.read().expect("invariant: nothing panics while it holds the shelf");
        loaded.values().cloned().collect::<Vec<_>>().into_iter()
    }
}

/// What expressions see as `incident`; the empty value of each property where there is none.
pub(crate) fn incident_context(incident: Option<&Incident>) -> Value {
    match incident {
        Some(incident) => incident.context(),
        None => Type::from_schema(&incident::context_schema()).empty(),
    }
}
