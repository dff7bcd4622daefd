//! Who people are: sign-in, sessions, tokens. Secrets are kept as SHA-256 only.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use rand::RngExt;
use serde_json::json;
use stanch_model::{
    TenantId, TokenId, UserId, canonical,
    people::{Actor, Role, Token, TokenScope, User},
    run::BY_TRIGGER,
};
use subtle::ConstantTimeEq;

use super::{People, password, throttle::Throttle};
use crate::{Error, core::audit};

/// How long a session lasts.
const SESSION: Duration = Duration::from_secs(12 * 3_600);

/// What the set-up link is after its first use, and any other.
const LINK_USED_UP: &str =
    "the set-up link is used up or wrong; the terminal shows the current one";

/// Names that the books use for what no person did.
const OURS: &[&str] = &[
    "guard",
    "engine",
    "content",
    "expiry",
    "setup",
    "anonymous",
    "local administrator",
    "demonstration",
];

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 100;

/// What a caller shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The session cookie.
    Session(String),
    /// A bearer token.
    Bearer(String),
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person, or a token with a role.
    Actor(Actor),
    /// A token for one source.
    Source(crate::intake::Source),
    /// A token for feeds.
    Feed(TenantId),
}

/// A token that was made; the secret is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What is kept.
    pub token: Token,
    /// The secret.
    pub secret: String,
}

impl People {
    /// Whether nobody can sign in yet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn needs_setup(&self) -> Result<bool, Error> {
        Ok(!self.core.store.read(|view| view.has_people()).await?)
    }

    /// Makes the one-time secret of the set-up link, if nobody can sign in yet. A new one voids the old.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn setup_secret(&self) -> Result<Option<String>, Error> {
        if !self.needs_setup().await? {
            return Ok(None);
        }
        let secret = secret("setup");
        let hash = canonical::sha256_bytes(secret.as_bytes());
        self.core.store.write(move |tx| tx.set_bookmark("setup", &hash)).await?;
        Ok(Some(secret))
    }

    /// Makes the first administrator of the one-time link's secret.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a wrong secret, or if there is somebody already; [`Error::Invalid`]
    /// for a name or password that will not do.
    pub async fn set_up(&self, secret: &str, name: &str, password: &str) -> Result<User, Error> {
        let known = self.core.store.read(|view| view.bookmark("setup")).await?;
        let shown = canonical::sha256_bytes(secret.as_bytes());
        let fits = known.is_some_and(|known| bool::from(known.as_bytes().ct_eq(shown.as_bytes())));
        if !fits || !self.needs_setup().await? {
            return Err(Error::Forbidden(LINK_USED_UP.to_owned()));
        }
        match self.add_user(None, TenantId::default(), name, password, Role::Admin).await {
            // Somebody used it at the same time, and was faster.
            Err(Error::Conflict(_)) => Err(Error::Forbidden(LINK_USED_UP.to_owned())),
            added => added,
        }
    }

    /// Adds a person. To make somebody an admin takes two steps, and a second person for the second.
    ///
    /// # Errors
    /// A name that is taken or will not do; a password that is too short; an admin.
    pub async fn add_person(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<User, Error> {
        if role == Role::Admin {
            let why = "an administrator takes a second person: add them as responder, then propose the \
                       role (`stanch person role NAME admin`)";
            return Err(Error::Conflict(why.to_owned()));
        }
        self.add_user(Some(&actor.name), actor.tenant.clone(), name, password, role).await
    }

    /// `by` is none for the set-up link, which only makes the first of all people.
    async fn add_user(
        &self,
        by: Option<&str>,
        tenant: TenantId,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<User, Error> {
        let name = checked_name(name)?;
        let hash = self.hash(password.to_owned()).await?;
        let now = self.core.clock.now();
        let user = User {
            id: UserId::new(self.core.clock.uuid()),
            tenant,
            name,
            role,
            email: None,
            time_zone: None,
            created_at: now,
        };
        let (added, is_first) = (user.clone(), by.is_none());
        let by = by.unwrap_or("setup").to_owned();
        let written = self.core.store.write(move |tx| {
            if is_first && tx.has_people()? {
                return Err(stanch_store::Error::Conflict(LINK_USED_UP.to_owned()));
            }
            if tx.has_token_named(&added.tenant, &added.name)? {
                let taken = format!("a token is named `{}` already", added.name);
                return Err(stanch_store::Error::Conflict(taken));
            }
            tx.add_person(&added, &hash)?;
            tx.set_bookmark("setup", "")?;
            let detail = json!({ "name": added.name, "role": added.role });
            audit(tx, &added.tenant, now, (&by, "person.add", &added.id.to_string()), detail)
        });
        written.await?;
        Ok(user)
    }

    /// Signs in and returns the person and the session's secret.
    ///
    /// # Errors
    /// [`Error::Forbidden`], the same and after the same time for a wrong name and a wrong password;
    /// [`Error::TooManyTries`] after some of them, whether or not there is such a name, and for the
    /// right password as well.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<(User, String), Error> {
        let begun = self.throttle().begin(name, self.core.clock.now());
        begun.map_err(|wait| Error::TooManyTries { wait_s: whole_seconds(wait) })?;
        let (tenant, wanted) = (TenantId::default(), name.to_owned());
        let found = self.core.store.read(move |view| view.person_by_name(&tenant, &wanted)).await?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let fits = self.fits(password.to_owned(), hash).await;
        let now = self.core.clock.now();
        match (fits, found) {
            (true, Some((user, _))) => {
                self.throttle().succeeded(name);
                let secret = secret("ses");
                let hash = canonical::sha256_bytes(secret.as_bytes());
                let who = user.clone();
                let written = self.core.store.write(move |tx| {
                    tx.end_lapsed_sessions(now)?;
                    tx.add_session(&hash, &who, now.plus(SESSION))?;
                    let what = (who.name.as_str(), "session.begin", &*who.id.to_string());
                    audit(tx, &who.tenant, now, what, json!({}))
                });
                written.await?;
                Ok((user, secret))
            }
            _ => {
                let tried: String = name.chars().take(NAME_CHARS_MAX).collect();
                let written = self.core.store.write(move |tx| {
                    let what = ("anonymous", "session.refuse", tried.as_str());
                    audit(tx, &TenantId::default(), now, what, json!({}))
                });
                written.await?;
                Err(Error::Forbidden("name or password is wrong".to_owned()))
            }
        }
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn hash(&self, password: String) -> Result<String, Error> {
        let turn = self.hashing.acquire().await;
        let hashed = tokio::task::spawn_blocking(move || password::hash(&password)).await;
        drop(turn);
        hashed.unwrap_or_else(|error| Err(Error::Content(error.to_string())))
    }

    async fn fits(&self, password: String, hash: Option<String>) -> bool {
        let turn = self.hashing.acquire().await;
        let fits = tokio::task::spawn_blocking(move || password::fits(&password, hash.as_deref()));
        let fits = fits.await.unwrap_or(false);
        drop(turn);
        fits
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sign_out(&self, secret: &str) -> Result<(), Error> {
        let hash = canonical::sha256_bytes(secret.as_bytes());
        Ok(self.core.store.write(move |tx| tx.end_session(&hash)).await?)
    }

    /// Who shows that credential; none if nobody.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn caller(&self, credential: &Credential) -> Result<Option<Caller>, Error> {
        let now = self.core.clock.now();
        Ok(match credential {
            Credential::Session(secret) => {
                let hash = canonical::sha256_bytes(secret.as_bytes());
                let user = self.core.store.read(move |view| view.session(&hash, now)).await?;
                user.map(|user| {
                    Caller::Actor(Actor {
                        tenant: user.tenant,
                        name: user.name,
                        role: user.role,
                        user: Some(user.id),
                    })
                })
            }
            Credential::Bearer(secret) => {
                let hash = canonical::sha256_bytes(secret.as_bytes());
                let read = self.core.store.read(move |view| {
                    let Some(token) = view.token_by_hash(&hash)? else { return Ok(None) };
                    let owner = token.owner.map(|id| view.person(&token.tenant, id)).transpose()?;
                    Ok(Some((token, owner)))
                });
                read.await?.and_then(|(token, owner)| caller_of(token, owner))
            }
        })
    }

    /// Makes a token that belongs to whoever makes it; its secret is in the answer and nowhere else.
    /// An admin makes any; everybody else those for the API that may do no more than they.
    ///
    /// # Errors
    /// A name that is taken or will not do; [`Error::Forbidden`].
    pub async fn create_token(
        &self,
        actor: &Actor,
        name: &str,
        scope: TokenScope,
    ) -> Result<NewToken, Error> {
        let is_own =
            matches!(scope, TokenScope::Api { role } if role <= actor.role) && actor.user.is_some();
        if actor.role < Role::Admin && !is_own {
            let why = "you may make tokens of your own for the API, with your role or less; others \
                       take an admin";
            return Err(Error::Forbidden(why.to_owned()));
        }
        let name = checked_name(name)?;
        let secret = secret("stn");
        let hash = canonical::sha256_bytes(secret.as_bytes());
        let now = self.core.clock.now();
        let token = Token {
            id: TokenId::new(self.core.clock.uuid()),
            tenant: actor.tenant.clone(),
            name,
            scope,
            owner: actor.user,
            created_at: now,
        };
        let (made, by) = (token.clone(), actor.name.clone());
        let written = self.core.store.write(move |tx| {
            if tx.person_named(&made.tenant, &made.name)?.is_some() {
                let taken = format!("a person is named `{}` already", made.name);
                return Err(stanch_store::Error::Conflict(taken));
            }
            tx.add_token(&made, &hash)?;
            let detail = json!({ "name": made.name, "scope": made.scope, "owner": made.owner });
            audit(tx, &made.tenant, now, (&by, "token.create", &made.id.to_string()), detail)
        });
        written.await?;
        Ok(NewToken { token, secret })
    }

    /// Takes a token away.
    ///
    /// # Errors
    /// No such token.
    pub async fn remove_token(&self, actor: &Actor, id: TokenId) -> Result<(), Error> {
        let now = self.core.clock.now();
        let who = actor.clone();
        let written = self.core.store.write(move |tx| {
            tx.remove_token(&who.tenant, id)?;
            audit(tx, &who.tenant, now, (&who.name, "token.remove", &id.to_string()), json!({}))
        });
        Ok(written.await?)
    }
}

/// Who a token is. For the API none does more than its owner may, and nothing if the owner is gone.
fn caller_of(token: Token, owner: Option<Option<User>>) -> Option<Caller> {
    Some(match token.scope {
        TokenScope::Api { role } => {
            let role = match owner {
                None => role,
                Some(owner) => role.min(owner?.role),
            };
            Caller::Actor(Actor { tenant: token.tenant, name: token.name, role, user: token.owner })
        }
        TokenScope::Intake { source, trust } => Caller::Source(crate::intake::Source {
            tenant: token.tenant,
            name: source,
            trust,
            format: None,
        }),
        TokenScope::Feed => Caller::Feed(token.tenant),
    })
}

/// 256 random bits, written `PREFIX_HEX`.
fn secret(prefix: &str) -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill(&mut bytes);
    format!("{prefix}_{}", hex::encode(bytes))
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let fits = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.starts_with(BY_TRIGGER)
        && !name.starts_with("playbook ")
        && !OURS.contains(&name.to_lowercase().as_str())
        && !name.chars().any(char::is_control);
    if fits {
        Ok(name.to_owned())
    } else {
        Err(Error::Invalid(format!(
            "a name has 1 to {NAME_CHARS_MAX} printable characters, does not begin with `rule ` or \
             `playbook `, and is none of {}",
            OURS.join(", ")
        )))
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
