//! Playbooks that people write: a draft, a review by somebody else, and then in force.

use serde_json::json;
use stanch_model::{
    Diagnostic, Time,
    people::Actor,
    version::{Origin, Version, VersionDiff, VersionState},
};
use stanch_store::{Error as StoreError, Tx, View};

use super::{
    People,
    team::checked_reason,
    votes::{DELAY, Voter, able, voter},
};
use crate::{
    Error,
    core::audit,
    runs::{Loaded, differences, new_version, publish, published},
};

/// Most drafts of one playbook that wait for a review or to be published.
const DRAFTS_MAX: usize = 20;

/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 1_000;

impl People {
    /// Keeps a text as a draft of that playbook, new or not. What does not stop the load is returned.
    ///
    /// # Errors
    /// [`Error::Refused`] with every finding; a text that there is already; [`Error::Forbidden`] by a token
    /// that nobody owns.
    pub async fn draft(
        &self,
        actor: &Actor,
        playbook: &str,
        text: &str,
        note: &str,
    ) -> Result<(Version, Vec<Diagnostic>), Error> {
        if note.chars().count() > NOTE_CHARS_MAX {
            return Err(Error::Invalid(format!("a note has at most {NOTE_CHARS_MAX} characters")));
        }
        let (loaded, findings) = self.checked(playbook, text)?;
        let _turn = self.versions.turn().await;
        if self.versions.is_followed(playbook) {
            let why = format!("{playbook} comes from the folder that is followed: change it there");
            return Err(Error::Conflict(why));
        }
        let now = self.core.clock.now();
        let (who, note, text) = (actor.clone(), note.trim().to_owned(), loaded.version());
        let written = self.core.store.write(move |tx| {
            let author = a_person(tx, &who)?;
            let history = tx.versions(&who.tenant, &text.name)?;
            room_for(&history, &text.digest)?;
            let next = history.first().map_or(1, |newest| newest.number.saturating_add(1));
            tx.keep_playbook(&text, now)?;
            let origin = (Origin::Draft, author.name.as_str());
            let version = Version { note, ..new_version(&who.tenant, &text, next, origin, now) };
            tx.put_version(&version)?;
            let detail = json!({
                "version": version.number, "digest": version.digest, "note": version.note,
            });
            audit(tx, &who.tenant, now, (&who.name, "playbook.draft", &text.name), detail)?;
            Ok(version)
        });
        let version = written.await?;
        self.core.live.tell("playbook", playbook);
        Ok((version, findings))
    }

    /// Says whether a draft is good. Its author cannot find it good, but can withdraw it.
    ///
    /// # Errors
    /// No such version, or one that does not wait for a review; [`Error::Forbidden`] for its author, unless
    /// nobody else exists: then a delay of a day takes the other's place.
    pub async fn review(
        &self,
        actor: &Actor,
        (playbook, number): (&str, u32),
        approve: bool,
        reason: &str,
    ) -> Result<Version, Error> {
        let reason = if approve { reason.trim().to_owned() } else { checked_reason(reason)? };
        let now = self.core.clock.now();
        let (who, name) = (actor.clone(), playbook.to_owned());
        let written = self.core.store.write(move |tx| {
            let mut version = tx.version(&who.tenant, &name, number)?;
            let reviewer = a_person(tx, &who)?;
            if version.state != VersionState::Draft {
                let gone = format!("version {number} of {name} does not wait for a review");
                return Err(StoreError::Conflict(gone));
            }
            if approve && reviewer.name == version.author {
                alone(tx, &mut version, &reviewer, now)?;
            }
            version.reviews.push(reviewer.vote(None, approve, &reason, now));
            version.state = if approve { VersionState::Reviewed } else { VersionState::Denied };
            tx.put_version(&version)?;
            let detail = json!({
                "version": number, "digest": version.digest, "approve": approve, "reason": reason,
                "author": version.author,
            });
            audit(tx, &who.tenant, now, (&who.name, "playbook.review", &name), detail)?;
            Ok(version)
        });
        let version = written.await?;
        self.core.live.tell("playbook", playbook);
        Ok(version)
    }

    /// Puts a version in force that was reviewed, or was in force before. It is trusted no further than the one
    /// before, nor further than `assist`.
    ///
    /// # Errors
    /// No such version; one that nobody reviewed, or whose delay is not over; [`Error::Refused`] if it does not
    /// load here any more.
    pub async fn publish(
        &self,
        actor: &Actor,
        (playbook, number): (&str, u32),
    ) -> Result<Version, Error> {
        let _turn = self.versions.turn().await;
        if self.versions.is_followed(playbook) {
            let why = format!("{playbook} comes from the folder that is followed: change it there");
            return Err(Error::Conflict(why));
        }
        let (tenant, name) = (actor.tenant.clone(), playbook.to_owned());
        let read = self.core.store.read(move |view| with_text(view, &tenant, &name, number));
        let (_, text) = read.await?;
        let (loaded, _) = self.checked(playbook, &text)?;
        let now = self.core.clock.now();
        let (who, name, shelved) = (actor.clone(), playbook.to_owned(), loaded.clone());
        let written = self.core.store.write(move |tx| {
            let version = tx.version(&who.tenant, &name, number)?;
            may_be_published(tx, &version, now)?;
            let trusted = published(tx, &who.tenant, &name)?.map(|_before| loaded.initial_mode());
            publish(tx, version, &loaded, (&who.name, trusted), now)
        });
        let version = written.await?;
        self.versions.shelve(shelved);
        Ok(version)
    }

    /// What is different between two versions.
    ///
    /// # Errors
    /// No such version.
    pub async fn compare(
        &self,
        actor: &Actor,
        playbook: &str,
        (from, to): (u32, u32),
    ) -> Result<VersionDiff, Error> {
        let (tenant, name) = (actor.tenant.clone(), playbook.to_owned());
        let read = self.core.store.read(move |view| {
            Ok((with_text(view, &tenant, &name, from)?, with_text(view, &tenant, &name, to)?))
        });
        let ((from, before), (to, after)) = read.await?;
        Ok(differences((&from, &before), (&to, &after)))
    }

    fn checked(&self, playbook: &str, text: &str) -> Result<(Loaded, Vec<Diagnostic>), Error> {
        let (loaded, findings) = self.versions.load(text).map_err(Error::Refused)?;
        if loaded.name() != playbook {
            let other = loaded.name();
            return Err(Error::Invalid(format!(
                "the text is the playbook `{other}`, and this is about `{playbook}`"
            )));
        }
        Ok((loaded, findings))
    }
}

fn with_text(
    view: &View<'_>,
    tenant: &stanch_model::TenantId,
    playbook: &str,
    number: u32,
) -> Result<(Version, String), StoreError> {
    let version = view.version(tenant, playbook, number)?;
    let text = view.playbook_version(&version.digest)?.text;
    Ok((version, text))
}

/// Who is behind the actor, who has to be somebody: two people are what this is about.
fn a_person(tx: &Tx<'_>, actor: &Actor) -> Result<Voter, StoreError> {
    let voter = voter(tx, actor)?;
    if voter.is_person {
        return Ok(voter);
    }
    Err(super::forbid(
        "nobody owns this token, so it may be anybody's: sign in, or use one of your own",
    ))
}

fn room_for(history: &[Version], digest: &str) -> Result<(), StoreError> {
    use VersionState::{Draft, Published, Reviewed};
    let waits = |version: &&Version| matches!(version.state, Draft | Reviewed);
    let is_open = |version: &&Version| waits(version) || version.state == Published;
    if let Some(same) = history.iter().filter(is_open).find(|version| version.digest == digest) {
        let text = format!("that is the text of version {} already", same.number);
        return Err(StoreError::Conflict(text));
    }
    if history.iter().filter(waits).count() >= DRAFTS_MAX {
        let text = format!("{DRAFTS_MAX} drafts wait already: review or deny them first");
        return Err(StoreError::Conflict(text));
    }
    Ok(())
}

/// The author reviews what they wrote: only where there is nobody else, and then a day has to pass.
fn alone(tx: &Tx<'_>, version: &mut Version, author: &Voter, now: Time) -> Result<(), StoreError> {
    let able = able(tx, &version.tenant)?;
    if able.iter().any(|name| *name != author.name) {
        return Err(super::forbid("who wrote it may not review it"));
    }
    let until = now.plus(DELAY);
    version.alone_until = Some(until);
    let (number, name) = (version.number, version.playbook.clone());
    tracing::warn!(playbook = %name, number, %until, "its author is the only one who can review it");
    let detail = json!({ "version": number, "author": version.author, "until": until });
    audit(tx, &version.tenant, now, ("engine", "playbook.alone", &name), detail)
}

fn may_be_published(tx: &Tx<'_>, version: &Version, now: Time) -> Result<(), StoreError> {
    use VersionState::{Replaced, Retired, Reviewed};
    let (number, name) = (version.number, &version.playbook);
    if !matches!(version.state, Reviewed | Replaced | Retired) {
        let word = serde_json::to_value(version.state)?;
        let word = word.as_str().unwrap_or_default();
        return Err(StoreError::Conflict(format!(
            "version {number} of {name} is {word}: it takes a review by somebody other than its author"
        )));
    }
    let Some(until) = version.alone_until.filter(|_until| version.state == Reviewed) else {
        return Ok(());
    };
    if now < until {
        return Err(StoreError::Conflict(format!(
            "nobody but its author reviewed version {number}: it can be published from {until} on"
        )));
    }
    if able(tx, &version.tenant)?.iter().any(|name| *name != version.author) {
        return Err(StoreError::Conflict(format!(
            "there are others by now who can review version {number}: write it as a new draft"
        )));
    }
    Ok(())
}
