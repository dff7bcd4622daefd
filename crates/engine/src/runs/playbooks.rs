//! The playbooks of this installation, checked and compiled against its catalog.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use stanch_model::{Diagnostic, Incident, guard::Mode, manifest::Catalog};
use stanch_playbook::{Graph, Playbook, check, graph, graph::CompileError, parse};
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
    pub fn new(text: &str, catalog: &Catalog) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (playbook, mut findings) = parse::parse(text);
        if let Some(playbook) = &playbook {
            findings.extend(check::check(playbook, catalog));
        }
        match playbook {
            Some(playbook) if !findings.iter().any(Diagnostic::is_error) => {
                let graph = graph::compile(&playbook, catalog).map(Arc::new);
                Ok((Self { playbook: Arc::new(playbook), graph }, findings))
            }
            _ => Err(findings),
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

    /// How far it is trusted until somebody says otherwise: `auto` only where every act goes to the
    /// practice target, else at most `assist`.
    #[must_use]
    pub fn initial_mode(&self) -> Mode {
        let practice = self.graph.as_ref().is_ok_and(|graph| {
            let acts = graph.actions();
            acts.values()
                .filter(|call| call.manifest.effect != stanch_model::manifest::EffectClass::Read)
                .all(|call| call.practice)
        });
        if practice { self.playbook.max_mode } else { self.playbook.max_mode.min(Mode::Assist) }
    }

    pub(crate) fn version(&self) -> PlaybookVersion {
        PlaybookVersion {
            digest: self.digest().to_owned(),
            name: self.name().to_owned(),
            text: self.playbook.text.clone(),
        }
    }
}

/// All playbooks, by name.
#[derive(Clone, Debug, Default)]
pub struct Playbooks {
    loaded: BTreeMap<String, Loaded>,
}

impl Playbooks {
    /// Takes one in; a second of the same name takes the first one's place.
    pub fn insert(&mut self, loaded: Loaded) {
        self.loaded.insert(loaded.name().to_owned(), loaded);
    }

    /// The playbook by that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Loaded> {
        self.loaded.get(name)
    }

    /// All, by name.
    pub fn all(&self) -> impl Iterator<Item = &Loaded> {
        self.loaded.values()
    }
}

/// What expressions see as `incident`.
pub(crate) fn incident_context(incident: Option<&Incident>) -> Value {
    match incident {
        Some(incident) => json!({
            "id": incident.id, "title": incident.title, "severity": incident.severity.number(),
        }),
        None => json!({ "id": "", "title": "", "severity": 0 }),
    }
}
