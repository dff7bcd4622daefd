//! A folder of playbooks that is followed: what is in it and checks is in force.
//!
//! The folder is looked at every few seconds. What it holds is taken when two looks in a row saw the same, and not
//! while git writes to it, so that a checkout that is half done is not half in force. A file that does not check
//! changes nothing: the version before stays, and the audit says so. A file that is gone retires its playbook.

mod git;
mod scan;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde_json::json;
use stanch_model::{
    Diagnostic, TenantId,
    version::{Origin, Version, VersionState},
};
use tokio_util::sync::CancellationToken;

use self::scan::Seen;
use super::{
    Versions,
    keep::{ENGINE, is_by_folder},
    new_version, publish, published,
};
use crate::{Error, content::FileFinding, core::audit, runs::Loaded};

pub use self::scan::FollowError;

/// How often the folder is looked at.
pub const FOLLOW_PERIOD: Duration = Duration::from_secs(2);

/// How many findings of a file stand in the audit.
const FINDINGS_MAX: usize = 10;

/// A folder that is followed.
#[derive(Debug)]
pub(super) struct Following {
    folder: PathBuf,
    state: Mutex<State>,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct State {
    /// What the last look saw, if it was not taken.
    pending: Option<Seen>,
    /// What was taken last.
    taken: Option<Seen>,
    /// Which playbook each file holds.
    names: BTreeMap<String, String>,
    /// What was complained about already: the same is not said every few seconds.
    told: BTreeSet<String>,
}

impl Following {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("invariant: nothing panics while it holds the state")
    }

    pub(super) fn has(&self, playbook: &str) -> bool {
        self.state().names.values().any(|name| name == playbook)
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        self.state().names.values().cloned().collect()
    }
}

/// A file of the folder and the playbook in it.
struct Found {
    path: String,
    loaded: Loaded,
}

/// A file that is not taken.
struct Refused {
    path: String,
    digest: String,
    why: Why,
}

/// Why a file is not taken.
enum Why {
    /// It is no playbook that could run.
    Findings(Vec<Diagnostic>),
    /// It is no text, or not the only one of its name.
    Other(String),
}

impl Versions {
    /// Reads the folder for the first time.
    ///
    /// # Errors
    /// A folder that cannot be read; those of the store.
    pub(super) async fn read_folder(&self) -> Result<Vec<FileFinding>, Error> {
        let Some(following) = self.following.clone() else { return Ok(Vec::new()) };
        let seen = look_at(&following).await?;
        let seen = seen.map_err(|error| Error::Content(error.to_string()))?;
        let refused = self.take(&following, seen).await?;
        let mut findings = Vec::new();
        for refused in refused {
            let path = format!("{}/{}", following.folder.display(), refused.path);
            let Why::Findings(found) = refused.why else { continue };
            let named = |diagnostic| FileFinding { path: path.clone(), diagnostic };
            findings.extend(found.into_iter().map(named));
        }
        Ok(findings)
    }

    /// Looks at the folder until `shutdown`, if one is followed.
    ///
    /// # Errors
    /// Storage that failed.
    pub async fn follow(self, shutdown: CancellationToken) -> Result<(), Error> {
        if self.following.is_none() {
            shutdown.cancelled().await;
            return Ok(());
        }
        let mut tick = tokio::time::interval(FOLLOW_PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                _ = tick.tick() => {}
            }
            match self.look().await {
                Ok(_) => {}
                Err(Error::Poisoned) => return Err(Error::Poisoned),
                Err(error) => tracing::error!(%error, "the playbook folder could not be followed"),
            }
        }
    }

    /// Looks at the folder once; true if something else is in force after it.
    ///
    /// # Errors
    /// Those of the store. A folder that cannot be read changes nothing and is told to the audit.
    pub async fn look(&self) -> Result<bool, Error> {
        let Some(following) = self.following.clone() else { return Ok(false) };
        let seen = match look_at(&following).await? {
            Ok(seen) => seen,
            // Git is writing: the next look sees what it wrote.
            Err(FollowError::Busy) => return Ok(false),
            Err(error) => return self.complain(&following, &error.to_string()).await,
        };
        {
            let mut state = following.state();
            if state.taken.as_ref() == Some(&seen) {
                state.pending = None;
                return Ok(false);
            }
            if state.pending.as_ref() != Some(&seen) {
                state.pending = Some(seen);
                return Ok(false);
            }
        }
        self.take(&following, seen).await?;
        Ok(true)
    }

    async fn complain(&self, following: &Following, why: &str) -> Result<bool, Error> {
        if !following.state().told.insert(why.to_owned()) {
            return Ok(false);
        }
        tracing::error!(folder = %following.folder.display(), why, "the playbook folder is not followed");
        let now = self.core.clock.now();
        let (folder, why) = (following.folder.display().to_string(), why.to_owned());
        let written = self.core.store.write(move |tx| {
            let detail = json!({ "folder": folder, "why": why });
            let what = ("engine", "playbook.not_followed", folder.as_str());
            audit(tx, &TenantId::default(), now, what, detail)
        });
        written.await?;
        Ok(false)
    }

    /// Puts what was seen in force, file by file.
    async fn take(&self, following: &Following, seen: Seen) -> Result<Vec<Refused>, Error> {
        let turn = self.turn().await;
        let (found, refused) = self.sort(&seen);
        for found in &found {
            self.put_in_force(found, seen.commit.clone()).await?;
        }
        for refused in &refused {
            self.tell_refused(following, refused, seen.commit.as_deref()).await?;
        }
        let kept = self.keep_or_retire(&found, &refused, seen.commit.as_deref()).await?;
        let mut state = following.state();
        state.names = found.iter().map(|f| (f.path.clone(), f.loaded.name().to_owned())).collect();
        state.names.extend(kept);
        (state.pending, state.taken) = (None, Some(seen));
        drop((state, turn));
        Ok(refused)
    }

    fn sort(&self, seen: &Seen) -> (Vec<Found>, Vec<Refused>) {
        let (mut found, mut refused) = (Vec::<Found>::new(), Vec::new());
        for (path, file) in &seen.files {
            let refuse = |why| Refused { path: path.clone(), digest: file.digest(), why };
            let loaded = match &file.text {
                Ok(text) => self.load(text).map_err(Why::Findings),
                Err(why) => Err(Why::Other(why.clone())),
            };
            match loaded {
                Ok((loaded, _)) => {
                    match found.iter().find(|other| other.loaded.name() == loaded.name()) {
                        Some(other) => {
                            let (name, other) = (loaded.name(), &other.path);
                            let why = format!("{other} holds the playbook `{name}` already");
                            refused.push(refuse(Why::Other(why)));
                        }
                        None => found.push(Found { path: path.clone(), loaded }),
                    }
                }
                Err(why) => refused.push(refuse(why)),
            }
        }
        (found, refused)
    }

    async fn put_in_force(&self, found: &Found, commit: Option<String>) -> Result<(), Error> {
        let now = self.core.clock.now();
        let (loaded, path) = (found.loaded.clone(), found.path.clone());
        let written = self.core.store.write(move |tx| {
            let (tenant, text) = (TenantId::default(), loaded.version());
            let history = tx.versions(&tenant, &text.name)?;
            let in_force = published(tx, &tenant, &text.name)?;
            if in_force.is_some_and(|version| version.digest == text.digest) {
                return Ok(());
            }
            tx.keep_playbook(&text, now)?;
            let next = history.first().map_or(1, |newest| newest.number.saturating_add(1));
            let same = history.into_iter().find(|version| version.digest == text.digest);
            let author = commit.as_ref().map_or("the followed folder", |_commit| "git");
            let version = same.unwrap_or_else(|| {
                new_version(&tenant, &text, next, (Origin::Follow, author), now)
            });
            let version = Version { origin: Origin::Follow, path: Some(path), commit, ..version };
            let was = Some(loaded.initial_mode());
            publish(tx, version, &loaded, (ENGINE, was), now).map(drop)
        });
        written.await?;
        self.shelve(found.loaded.clone());
        Ok(())
    }

    async fn tell_refused(
        &self,
        following: &Following,
        refused: &Refused,
        commit: Option<&str>,
    ) -> Result<(), Error> {
        let Refused { path, digest, why } = refused;
        if !following.state().told.insert(format!("{path} {digest}")) {
            return Ok(());
        }
        let why: Vec<String> = match why {
            Why::Other(why) => vec![why.clone()],
            Why::Findings(found) => {
                found.iter().take(FINDINGS_MAX).map(ToString::to_string).collect()
            }
        };
        tracing::error!(file = %path, ?why, "a playbook of the followed folder is refused: the version \
            before stays in force");
        let now = self.core.clock.now();
        let detail = json!({ "digest": digest, "commit": commit, "why": why });
        let path = path.clone();
        let written = self.core.store.write(move |tx| {
            let what = ("engine", "playbook.refuse", path.as_str());
            audit(tx, &TenantId::default(), now, what, detail)
        });
        Ok(written.await?)
    }

    /// What came from the folder before and is not in it any more is retired; what is in it and does not check
    /// stays as it was. Returns the latter: path and playbook.
    async fn keep_or_retire(
        &self,
        found: &[Found],
        refused: &[Refused],
        commit: Option<&str>,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut kept = Vec::new();
        for version in self.in_force().await?.into_iter().filter(is_by_folder) {
            if found.iter().any(|found| found.loaded.name() == version.playbook) {
                continue;
            }
            match refused.iter().find(|refused| version.path.as_ref() == Some(&refused.path)) {
                Some(refused) => {
                    self.keep_before(&version).await?;
                    kept.push((refused.path.clone(), version.playbook));
                }
                None => self.retire(version, commit).await?,
            }
        }
        Ok(kept)
    }

    /// Puts the version before on the shelf, if it is not there: after a start with a broken file.
    async fn keep_before(&self, version: &Version) -> Result<(), Error> {
        let on_shelf = self.playbooks.get(&version.playbook);
        if on_shelf.is_some_and(|loaded| loaded.digest() == version.digest) {
            return Ok(());
        }
        match self.load(&self.text_of(version).await?) {
            Ok((loaded, _)) => self.shelve(loaded),
            Err(_) => {
                let playbook = &version.playbook;
                tracing::error!(playbook, "the version before does not load any more either");
                self.playbooks.remove(playbook);
            }
        }
        Ok(())
    }

    async fn retire(&self, mut version: Version, commit: Option<&str>) -> Result<(), Error> {
        let now = self.core.clock.now();
        let (name, commit) = (version.playbook.clone(), commit.map(str::to_owned));
        let written = self.core.store.write(move |tx| {
            version.state = VersionState::Retired;
            version.mode = tx.mode(&version.tenant, &version.playbook)?;
            tx.put_version(&version)?;
            let detail =
                json!({ "version": version.number, "path": version.path, "commit": commit });
            audit(
                tx,
                &version.tenant,
                now,
                ("engine", "playbook.retire", &version.playbook),
                detail,
            )
        });
        written.await?;
        self.playbooks.remove(&name);
        self.core.live.tell("playbook", name);
        Ok(())
    }
}

async fn look_at(following: &Arc<Following>) -> Result<Result<Seen, FollowError>, Error> {
    let folder = following.folder.clone();
    let looked = tokio::task::spawn_blocking(move || scan::look(&folder)).await;
    looked.map_err(|error| Error::Content(format!("the look at the playbook folder died: {error}")))
}
