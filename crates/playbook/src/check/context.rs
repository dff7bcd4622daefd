//! What a check knows of its surroundings.

use std::collections::BTreeSet;

use stanch_model::manifest::Catalog;

use super::folder::Folder;
use crate::ast::Interpreter;

/// What a check knows of its surroundings. Where it knows nothing, it complains about nothing.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// What steps can name.
    pub catalog: &'a Catalog,
    /// The playbooks that `call` can name.
    pub playbooks: Option<&'a Folder>,
    /// The groups of people here.
    pub groups: Option<BTreeSet<String>>,
    /// The names of the secrets here.
    pub secrets: Option<BTreeSet<String>>,
    /// What scripts can be run with here.
    pub interpreters: Option<BTreeSet<Interpreter>>,
}

impl<'a> Context<'a> {
    /// Knows the catalog and nothing else.
    #[must_use]
    pub const fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, playbooks: None, groups: None, secrets: None, interpreters: None }
    }

    /// Knows also the playbooks that can be called.
    #[must_use]
    pub const fn with_playbooks(mut self, playbooks: &'a Folder) -> Self {
        self.playbooks = Some(playbooks);
        self
    }

    /// Knows also the groups of people.
    #[must_use]
    pub fn with_groups(mut self, groups: impl IntoIterator<Item = String>) -> Self {
        self.groups = Some(groups.into_iter().collect());
        self
    }

    /// Knows also the names of the secrets.
    #[must_use]
    pub fn with_secrets(mut self, secrets: impl IntoIterator<Item = String>) -> Self {
        self.secrets = Some(secrets.into_iter().collect());
        self
    }

    /// Knows also what runs scripts.
    #[must_use]
    pub fn with_interpreters(mut self, all: impl IntoIterator<Item = Interpreter>) -> Self {
        self.interpreters = Some(all.into_iter().collect());
        self
    }
}
