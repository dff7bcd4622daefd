//! Versions of playbooks: which text of each is in force, and how another takes its place.
//!
//! A text comes from one of three places. What the program brings, or a folder that is read at the start, is in
//! force at once. What people write by API or command line is a draft until somebody else has reviewed it.
//! What stands in a folder that is followed is in force as soon as it checks; whoever may write to that folder
//! decides, and the commit is kept.
//!
//! What two people published is not replaced by a file: a newer text of the program becomes a draft beside it.
//! A version that takes another's place is trusted no further than that was, and never further than `assist`.
//! Nothing is ever thrown away, and a run goes on with the text that it started with.

mod compare;
mod follow;
mod keep;
mod publish;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use stanch_model::{Diagnostic, manifest::Catalog};
use stanch_playbook::{Called, check};
use tokio::sync::{Mutex, MutexGuard};

use self::follow::Following;
use super::{Loaded, Playbooks};
use crate::core::Core;

pub use self::follow::{FOLLOW_PERIOD, FollowError};
pub(crate) use self::{
    compare::differences,
    keep::new_version,
    publish::{publish, published},
};

/// The versions of this installation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Versions {
    pub(super) core: Core,
    pub(super) catalog: Arc<Catalog>,
    pub(super) playbooks: Arc<Playbooks>,
    following: Option<Arc<Following>>,
    /// One change at a time, from the look at what is in force to the shelf.
    turn: Arc<Mutex<()>>,
}

impl Versions {
    /// The versions over what was loaded; `follow` is the folder that is followed.
    #[must_use]
    pub fn new(
        core: Core,
        catalog: Arc<Catalog>,
        playbooks: Arc<Playbooks>,
        follow: Option<PathBuf>,
    ) -> Self {
        let following = follow.map(|folder| Arc::new(Following::new(folder)));
        Self { core, catalog, playbooks, following, turn: Arc::default() }
    }

    /// Waits for its turn to change what is in force.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Reads, checks and compiles a text for this installation.
    ///
    /// # Errors
    /// Every finding, if at least one stops the load.
    pub fn load(&self, text: &str) -> Result<(Loaded, Vec<Diagnostic>), Vec<Diagnostic>> {
        let folder = self.playbooks.folder(&self.catalog);
        let context = check::Context::new(&self.catalog).with_playbooks(&folder);
        Loaded::new(text, &context)
    }

    /// The version of that playbook that is in force.
    pub(crate) fn shelved(&self, playbook: &str) -> Option<Arc<Loaded>> {
        self.playbooks.get(playbook)
    }

    /// The versions that others may call.
    pub(crate) fn called(&self) -> Called {
        self.playbooks.called()
    }

    /// Puts a version on the shelf: what starts from now on starts with it.
    pub(crate) fn shelve(&self, loaded: Loaded) {
        let name = loaded.name().to_owned();
        self.playbooks.insert(loaded);
        self.core.live.tell("playbook", name);
    }

    /// Whether that playbook comes from the folder that is followed.
    #[must_use]
    pub fn is_followed(&self, playbook: &str) -> bool {
        self.following.as_ref().is_some_and(|following| following.has(playbook))
    }

    /// The names that come from the folder that is followed.
    #[must_use]
    pub fn followed(&self) -> BTreeSet<String> {
        self.following.as_ref().map(|following| following.names()).unwrap_or_default()
    }
}
