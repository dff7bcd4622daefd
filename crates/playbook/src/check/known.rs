//! What is known at a place of a playbook: what has run, what is set, what is surely there.

use std::collections::{BTreeMap, BTreeSet};

use stanch_expression::{Presence, Type};

/// What is known where a step begins.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// Steps that have run on some way that leads here, and whether they surely have, and did not fail.
    pub(super) steps: BTreeMap<String, bool>,
    /// Variables that are set on every way that leads here.
    pub(super) vars: BTreeMap<String, Type>,
    /// Variables that are set on some way that leads here.
    pub(super) maybe: BTreeSet<String>,
    /// Variables that turns or branches set side by side.
    pub(super) beside: BTreeSet<String>,
    /// Names of this place: elements of loops, `error`.
    pub(super) names: BTreeMap<String, Type>,
    /// What conditions on the way here have asked for.
    pub(super) present: Presence,
}

impl Known {
    /// A step has run; what was known of an earlier outcome of it is no more.
    pub(super) fn ran(&mut self, id: &str, surely: bool) {
        self.present.forget(&["steps", id]);
        self.steps.insert(id.to_owned(), surely);
    }

    /// A variable has another value.
    pub(super) fn set(&mut self, name: &str, of: Type) {
        self.present.forget(&["vars", name]);
        self.beside.remove(name);
        self.vars.insert(name.to_owned(), of);
        self.maybe.insert(name.to_owned());
    }

    /// After two ways of which one was taken.
    pub(super) fn either(self, other: Self) -> Self {
        let mut vars = BTreeMap::new();
        for (name, of) in self.vars {
            if let Some(theirs) = other.vars.get(&name) {
                vars.insert(name, of.joined(theirs.clone()));
            }
        }
        let mut steps = BTreeMap::new();
        for id in self.steps.keys().chain(other.steps.keys()) {
            let surely = |known: &BTreeMap<String, bool>| known.get(id) == Some(&true);
            steps.insert(id.clone(), surely(&self.steps) && surely(&other.steps));
        }
        Self {
            steps,
            vars,
            maybe: self.maybe.into_iter().chain(other.maybe).collect(),
            beside: self.beside.into_iter().chain(other.beside).collect(),
            present: self.present.common(&other.present),
            names: self.names,
        }
    }

    /// After one of several ways, of those that do not end the run.
    pub(super) fn any_of(ways: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        ways.into_iter().flatten().reduce(Self::either)
    }

    /// After several ways that were all taken.
    pub(super) fn add(&mut self, other: Self) {
        for (id, surely) in other.steps {
            self.ran(&id, surely);
        }
        self.maybe.extend(other.maybe);
        for (name, of) in other.vars {
            if self.vars.get(&name).is_some_and(|mine| *mine != of) {
                self.present.forget(&["vars", &name]);
            }
            let mine = self.vars.remove(&name);
            self.vars.insert(name, mine.map_or_else(|| of.clone(), |mine| mine.joined(of.clone())));
        }
    }

    /// Steps may have been cut off, or left out.
    pub(super) fn doubt(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            self.ran(&id, false);
        }
    }

    /// Variables may have been set, to values of these types.
    pub(super) fn maybe_set(&mut self, sets: &[(String, Type)]) {
        for (name, of) in sets {
            self.maybe.insert(name.clone());
            if let Some(mine) = self.vars.remove(name) {
                self.present.forget(&["vars", name]);
                self.vars.insert(name.clone(), mine.joined(of.clone()));
            }
        }
    }
}
