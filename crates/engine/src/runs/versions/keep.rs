//! The start: what was loaded is held against what was in force.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;
use stanch_model::{
    TenantId, Time,
    guard::Mode,
    version::{Origin, Version, VersionState},
};
use stanch_store::{Error as StoreError, PlaybookVersion, Tx};

use super::{Versions, publish, published};
use crate::{Error, content::FileFinding, core::audit, runs::Loaded};

/// Who wrote what came with the program or its folders, and put it in force.
const CONTENT: &str = "content";

/// Who puts in force what stands in the folder that is followed.
pub(super) const ENGINE: &str = "engine";

/// Whether the folder that is followed put it in force.
pub(super) fn is_by_folder(version: &Version) -> bool {
    version.origin == Origin::Follow && version.published_by.as_deref() == Some(ENGINE)
}

/// A version that nobody has reviewed yet.
pub(crate) fn new_version(
    tenant: &TenantId,
    text: &PlaybookVersion,
    number: u32,
    (origin, author): (Origin, &str),
    now: Time,
) -> Version {
    Version {
        tenant: tenant.clone(),
        playbook: text.name.clone(),
        number,
        digest: text.digest.clone(),
        origin,
        author: author.to_owned(),
        note: String::new(),
        path: None,
        commit: None,
        state: VersionState::Draft,
        reviews: Vec::new(),
        alone_until: None,
        created_at: now,
        published_at: None,
        published_by: None,
        mode: None,
    }
}

impl Versions {
    /// Brings what was in force before the stop back in force: versions that people published stay, though
    /// the program brings another text. Returns what does not load any more.
    ///
    /// # Errors
    /// Those of the store; a followed folder that cannot be read.
    pub async fn begin(&self) -> Result<Vec<FileFinding>, Error> {
        let brought: Vec<_> = self.playbooks.all().collect();
        let follows = self.following.is_some();
        self.keep_all(&brought, follows).await?;
        let mut findings = self.bring_back().await?;
        if follows {
            findings.extend(self.read_folder().await?);
            // What is not in the folder any more falls back to what the program brings.
            let left: Vec<_> =
                brought.into_iter().filter(|loaded| !self.is_followed(loaded.name())).collect();
            self.keep_all(&left, follows).await?;
            let in_force: BTreeSet<String> =
                self.in_force().await?.into_iter().map(|version| version.digest).collect();
            let left = left.iter().filter(|loaded| in_force.contains(loaded.digest()));
            left.for_each(|loaded| self.playbooks.insert(Loaded::clone(loaded)));
        }
        Ok(findings)
    }

    /// The versions in force.
    pub(super) async fn in_force(&self) -> Result<Vec<Version>, Error> {
        let state = VersionState::Published;
        let read = self.core.store.read(move |view| view.versions_in(&TenantId::default(), state));
        Ok(read.await?)
    }

    async fn keep_all(&self, loaded: &[Arc<Loaded>], follows: bool) -> Result<(), Error> {
        let (now, loaded) = (self.core.clock.now(), loaded.to_vec());
        let written = self.core.store.write(move |tx| {
            let tenant = TenantId::default();
            loaded.iter().try_for_each(|loaded| keep(tx, &tenant, loaded, follows, now))
        });
        Ok(written.await?)
    }

    /// Loads what people published, over what the program brought.
    async fn bring_back(&self) -> Result<Vec<FileFinding>, Error> {
        let mut findings = Vec::new();
        for version in self.in_force().await?.into_iter().filter(is_by_people) {
            let text = self.text_of(&version).await?;
            match self.load(&text) {
                Ok((loaded, _)) => self.playbooks.insert(loaded),
                Err(found) => {
                    // What two people replaced does not come back by itself.
                    self.playbooks.remove(&version.playbook);
                    let path = format!("version {} of {}", version.number, version.playbook);
                    let named = |diagnostic| FileFinding { path: path.clone(), diagnostic };
                    findings.extend(found.into_iter().map(named));
                }
            }
        }
        Ok(findings)
    }

    /// The text of a version.
    pub(super) async fn text_of(&self, version: &Version) -> Result<String, Error> {
        let digest = version.digest.clone();
        Ok(self.core.store.read(move |view| view.playbook_version(&digest)).await?.text)
    }
}

/// Whether people put it in force, rather than a file.
fn is_by_people(version: &Version) -> bool {
    !matches!(version.published_by.as_deref(), Some(CONTENT | ENGINE))
}

/// Keeps a text that the program brought; puts it in force unless people published another, or it `follows`
/// a folder from which another comes.
fn keep(
    tx: &Tx<'_>,
    tenant: &TenantId,
    loaded: &Loaded,
    follows: bool,
    now: Time,
) -> Result<(), StoreError> {
    let text = loaded.version();
    // An older build kept texts without their history.
    let known: BTreeSet<String> = tx.digests_of(&text.name)?.into_iter().collect();
    tx.keep_playbook(&text, now)?;
    let history = tx.versions(tenant, &text.name)?;
    let Some(newest) = history.first() else {
        let mut version = new_version(tenant, &text, 1, (Origin::Content, CONTENT), now);
        if !known.is_empty() && !known.contains(&text.digest) {
            // Another text was in force: this one has not earned what that had.
            let was = Some(Mode::Assist);
            return publish(tx, version, loaded, (CONTENT, was), now).map(drop);
        }
        version.state = VersionState::Published;
        version.published_at = Some(now);
        version.published_by = Some(CONTENT.to_owned());
        return tx.put_version(&version);
    };
    let next = newest.number.saturating_add(1);
    let in_force = published(tx, tenant, &text.name)?;
    if in_force.as_ref().is_some_and(|version| version.digest == text.digest) {
        return Ok(());
    }
    let same = history.into_iter().find(|version| version.digest == text.digest);
    let is_new = same.is_none();
    let version =
        same.unwrap_or_else(|| new_version(tenant, &text, next, (Origin::Content, CONTENT), now));
    match in_force {
        Some(kept) if follows && is_by_folder(&kept) => Ok(()),
        Some(kept) if is_by_people(&kept) => {
            if !is_new {
                return Ok(());
            }
            tx.put_version(&version)?;
            tracing::warn!(playbook = %text.name, in_force = kept.number, "a text of the program is \
                not in force: people published another");
            let detail = json!({
                "version": version.number, "digest": version.digest, "in_force": kept.number,
            });
            audit(tx, tenant, now, ("engine", "playbook.not_in_force", &text.name), detail)
        }
        _ => publish(
            tx,
            Version { origin: Origin::Content, ..version },
            loaded,
            (CONTENT, Some(loaded.initial_mode())),
            now,
        )
        .map(drop),
    }
}
