//! Groups, who answers for whom, and where people are reached.

use std::time::Duration;

use serde_json::json;
use stanch_model::{
    DelegationId, Time,
    people::{Actor, Delegation, Group, Role, User},
};
use stanch_store::{Error as StoreError, Tx};

use super::{
    People, forbid,
    votes::{able, voter},
};
use crate::{
    Error,
    core::{audit, unchanged},
};

/// Longest name of a group, in bytes.
const GROUP_BYTES_MAX: usize = 64;

/// Most people in a group.
const MEMBERS_MAX: usize = 500;

/// How long somebody can be away at a time.
const AWAY_MAX: Duration = Duration::from_secs(90 * 86_400);

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 1_000;

/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3).
const EMAIL_BYTES_MAX: usize = 254;

impl People {
    /// Makes a group without anybody in it.
    ///
    /// # Errors
    /// A name that is taken or will not do.
    pub async fn create_group(&self, actor: &Actor, name: &str) -> Result<Group, Error> {
        let name = group_name(name)?;
        let now = self.core.clock.now();
        let who = actor.clone();
        let made = self.core.store.write(move |tx| {
            if tx.group(&who.tenant, &name)?.is_some() {
                return Err(StoreError::Conflict(format!("there is a group `{name}` already")));
            }
            let tenant = who.tenant.clone();
            let group = Group { tenant, name, members: Vec::new(), created_at: now };
            tx.put_group(&group)?;
            audit(tx, &who.tenant, now, (&who.name, "group.create", &group.name), json!({}))?;
            Ok(group)
        });
        Ok(made.await?)
    }

    /// Puts a person into a group.
    ///
    /// # Errors
    /// No such group or person; [`Error::Stale`] if the group is another one than `tag` says.
    pub async fn add_to_group(
        &self,
        actor: &Actor,
        group: &str,
        person: &str,
        tag: Option<String>,
    ) -> Result<Group, Error> {
        let now = self.core.clock.now();
        let (who, name, person) = (actor.clone(), group.to_owned(), person.to_owned());
        let added = self.core.store.write(move |tx| {
            let mut group = found(tx, &who, &name, tag.as_deref())?;
            if tx.person_named(&who.tenant, &person)?.is_none() {
                return Err(StoreError::NotFound { what: "person", id: person });
            }
            if group.members.len() >= MEMBERS_MAX {
                let full = format!("group `{name}` has {MEMBERS_MAX} people, which is the most");
                return Err(StoreError::Conflict(full));
            }
            if !group.has(&person) {
                group.members.push(person.clone());
                group.members.sort();
                tx.put_group(&group)?;
                let detail = json!({ "person": person, "members": group.members });
                audit(tx, &who.tenant, now, (&who.name, "group.add", &name), detail)?;
            }
            Ok(group)
        });
        Ok(added.await?)
    }

    /// Takes a person out of a group.
    ///
    /// # Errors
    /// No such group, or nobody of that name in it; [`Error::Stale`].
    pub async fn take_from_group(
        &self,
        actor: &Actor,
        group: &str,
        person: &str,
        tag: Option<String>,
    ) -> Result<Group, Error> {
        let now = self.core.clock.now();
        let (who, name, person) = (actor.clone(), group.to_owned(), person.to_owned());
        let taken = self.core.store.write(move |tx| {
            let mut group = found(tx, &who, &name, tag.as_deref())?;
            if !group.has(&person) {
                return Err(StoreError::NotFound { what: "member of the group", id: person });
            }
            group.members.retain(|member| *member != person);
            tx.put_group(&group)?;
            let detail = json!({ "person": person, "members": group.members });
            audit(tx, &who.tenant, now, (&who.name, "group.remove", &name), detail)?;
            Ok(group)
        });
        Ok(taken.await?)
    }

    /// Takes a group away. What is asked of it is then asked of nobody.
    ///
    /// # Errors
    /// No such group; [`Error::Stale`].
    pub async fn delete_group(
        &self,
        actor: &Actor,
        group: &str,
        tag: Option<String>,
    ) -> Result<(), Error> {
        let now = self.core.clock.now();
        let (who, name) = (actor.clone(), group.to_owned());
        let gone = self.core.store.write(move |tx| {
            let group = found(tx, &who, &name, tag.as_deref())?;
            tx.remove_group(&who.tenant, &name)?;
            let detail = json!({ "members": group.members });
            audit(tx, &who.tenant, now, (&who.name, "group.delete", &name), detail)
        });
        Ok(gone.await?)
    }

    /// Gives one's votes to somebody else for a time; who gets them cannot give them on.
    ///
    /// # Errors
    /// Nobody who may decide by that name; a time that is over, or longer than 90 days; no reason.
    pub async fn delegate(
        &self,
        actor: &Actor,
        to: &str,
        (since, until): (Option<Time>, Time),
        reason: &str,
    ) -> Result<Delegation, Error> {
        let now = self.core.clock.now();
        let since = since.unwrap_or(now).max(now);
        if until <= since || until > since.plus(AWAY_MAX) {
            return Err(Error::Invalid(
                "`until` is after `since` and after now, and at most 90 days later".to_owned(),
            ));
        }
        let reason = checked_reason(reason)?;
        let id = DelegationId::new(self.core.clock.uuid());
        let (who, to) = (actor.clone(), to.to_owned());
        let given = self.core.store.write(move |tx| {
            let from = voter(tx, &who)?;
            if !from.is_person {
                return Err(forbid(
                    "nobody owns this token, so there are no votes to give: sign in",
                ));
            }
            if from.name == to || !able(tx, &who.tenant)?.contains(&to) {
                let why = format!("`{to}` is not somebody else who may decide");
                return Err(StoreError::Conflict(why));
            }
            let (tenant, from) = (who.tenant.clone(), from.name);
            let delegation = Delegation {
                id,
                tenant,
                from,
                to,
                since,
                until,
                reason,
                created_at: now,
                ended_at: None,
            };
            tx.put_delegation(&delegation)?;
            let detail = serde_json::to_value(&delegation)?;
            let what = (who.name.as_str(), "delegation.give", &*id.to_string());
            audit(tx, &who.tenant, now, what, detail)?;
            Ok(delegation)
        });
        Ok(given.await?)
    }

    /// Takes votes back that were given; an admin can do that for anybody.
    ///
    /// # Errors
    /// No such delegation; one that is not theirs, or over.
    pub async fn end_delegation(&self, actor: &Actor, id: DelegationId) -> Result<(), Error> {
        let now = self.core.clock.now();
        let who = actor.clone();
        let ended = self.core.store.write(move |tx| {
            let mut delegation = tx.delegation(&who.tenant, id)?;
            if who.role < Role::Admin && delegation.from != voter(tx, &who)?.name {
                return Err(forbid("whose votes they are, or an admin, takes them back"));
            }
            if delegation.ended_at.is_some() {
                return Err(StoreError::Conflict(format!("delegation {id} is over")));
            }
            delegation.ended_at = Some(now);
            tx.put_delegation(&delegation)?;
            let what = (who.name.as_str(), "delegation.end", &*id.to_string());
            audit(
                tx,
                &who.tenant,
                now,
                what,
                json!({ "from": delegation.from, "to": delegation.to }),
            )
        });
        Ok(ended.await?)
    }

    /// Says where a person is reached, and in which time zone they live: themselves, or an admin.
    ///
    /// # Errors
    /// Nobody of that name; an address or zone that is none; [`Error::Forbidden`]; [`Error::Stale`].
    pub async fn set_contact(
        &self,
        actor: &Actor,
        person: &str,
        email: Option<String>,
        time_zone: Option<String>,
        tag: Option<String>,
    ) -> Result<User, Error> {
        let email = email.map(checked_email).transpose()?;
        let time_zone = time_zone.map(checked_zone).transpose()?;
        let now = self.core.clock.now();
        let (who, name) = (actor.clone(), person.to_owned());
        let written = self.core.store.write(move |tx| {
            let found = tx.person_named(&who.tenant, &name)?;
            let is_self = |user: &User| who.user == Some(user.id);
            let Some(mut user) = found.filter(|user| who.role == Role::Admin || is_self(user))
            else {
                let gone = StoreError::NotFound { what: "person", id: name };
                let is_admin = who.role == Role::Admin;
                let not_yours = forbid("that is for the person, or for an admin");
                return Err(if is_admin { gone } else { not_yours });
            };
            unchanged(&user, tag.as_deref())?;
            user.email = email;
            user.time_zone = time_zone;
            tx.put_person(&user)?;
            let detail = json!({ "email": user.email, "time_zone": user.time_zone });
            audit(tx, &who.tenant, now, (&who.name, "person.contact", &user.name), detail)?;
            Ok(user)
        });
        Ok(written.await?)
    }
}

fn found(tx: &Tx<'_>, who: &Actor, name: &str, tag: Option<&str>) -> Result<Group, StoreError> {
    let group = tx.group(&who.tenant, name)?;
    let group = group.ok_or_else(|| StoreError::NotFound { what: "group", id: name.to_owned() })?;
    unchanged(&group, tag)?;
    Ok(group)
}

fn group_name(name: &str) -> Result<String, Error> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && name.len() <= GROUP_BYTES_MAX && name.chars().all(plain) {
        return Ok(name.to_owned());
    }
    Err(Error::Invalid(format!(
        "a group's name has at most {GROUP_BYTES_MAX} small letters, digits and `-`, and begins \
         with a letter"
    )))
}

pub(super) fn checked_reason(reason: &str) -> Result<String, Error> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Error::Invalid(format!("a reason has 1 to {REASON_CHARS_MAX} characters")));
    }
    Ok(reason.to_owned())
}

/// One plain address. Quoted local parts and address literals are left out: no directory has them, and
/// mail servers disagree about them.
fn checked_email(email: String) -> Result<String, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let fits = email.split_once('@').is_some_and(|(local, domain)| {
        let dots =
            |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
        let label = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        (1..=64).contains(&local.len())
            && !domain.is_empty()
            && local.chars().all(plain)
            && domain.chars().all(label)
            && dots(local)
            && dots(domain)
    });
    if fits && email.len() <= EMAIL_BYTES_MAX {
        return Ok(email);
    }
    Err(Error::Invalid("write one e-mail address, as in `ann@corp.example`".to_owned()))
}

fn checked_zone(zone: String) -> Result<String, Error> {
    match jiff::tz::TimeZone::get(&zone) {
        Ok(_) => Ok(zone),
        Err(_) => Err(Error::Invalid(format!(
            "`{zone}` is no time zone: write one as in `Europe/Berlin`, or `UTC`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_plain_address() {
        for (email, fits) in [
            ("ann@corp.example", true),
            ("ann.lee+alerts@mail.corp.example", true),
            ("ann", false),
            ("@corp.example", false),
            ("ann@", false),
            ("ann@corp.example, ben@evil.example", false),
            ("ann@corp.example\r\nBcc: ben@evil.example", false),
            ("ann@corp.example\nX: y", false),
            ("Ann <ann@corp.example>", false),
            ("\"a b\"@corp.example", false),
            ("ann@corp@example", false),
            ("ann@[127.0.0.1]", false),
            ("an\u{202e}n@corp.example", false),
            (".ann@corp.example", false),
            ("ann@corp..example", false),
        ] {
            assert_eq!(checked_email(email.to_owned()).is_ok(), fits, "{email:?}");
        }
        let long = |local: usize| format!("{}@corp.example", "a".repeat(local));
        assert!(checked_email(long(64)).is_ok() && checked_email(long(65)).is_err());
    }

    #[test]
    fn a_time_zone_has_a_name() {
        for (zone, fits) in [
            ("Europe/Berlin", true),
            ("UTC", true),
            ("Mars/Olympus", false),
            ("", false),
            ("../etc/passwd", false),
        ] {
            assert_eq!(checked_zone(zone.to_owned()).is_ok(), fits, "{zone}");
        }
    }
}
