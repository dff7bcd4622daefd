//! People, sessions, tokens.

use stanch_model::{
    TenantId, Time, TokenId,
    people::{Token, User},
};

use super::Tx;
use crate::{Error, sql::params};

impl Tx<'_> {
    /// Adds a person; `password` is a PHC string.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the name is taken; the database's.
    pub fn add_person(&self, user: &User, password: &str) -> Result<(), Error> {
        let new = self.execute(
            "INSERT INTO person (tenant, id, name, password, document) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            params![
                user.tenant.0,
                user.id.to_string(),
                user.name,
                password,
                serde_json::to_string(user)?
            ],
        )?;
        match new {
            1 => self.raise_epoch(),
            _ => Err(Error::Conflict(format!("there is a `{}` already", user.name))),
        }
    }

    /// Adds a session; `hash` is the SHA-256 of the cookie.
    ///
    /// # Errors
    /// The database's.
    pub fn add_session(&self, hash: &str, user: &User, expires_at: Time) -> Result<(), Error> {
        self.execute(
            "INSERT INTO session (hash, tenant, person, expires_at) VALUES (?1, ?2, ?3, ?4)",
            params![hash, user.tenant.0, user.id.to_string(), expires_at.micros()],
        )?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database's.
    pub fn end_session(&self, hash: &str) -> Result<(), Error> {
        self.execute("DELETE FROM session WHERE hash = ?1", params![hash])?;
        Ok(())
    }

    /// Ends the sessions that lapsed by `now`.
    ///
    /// # Errors
    /// The database's.
    pub fn end_lapsed_sessions(&self, now: Time) -> Result<(), Error> {
        self.execute("DELETE FROM session WHERE expires_at <= ?1", params![now.micros()])?;
        Ok(())
    }

    /// Adds a token; `hash` is the SHA-256 of the secret.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the name is taken; the database's.
    pub fn add_token(&self, token: &Token, hash: &str) -> Result<(), Error> {
        let new = self.execute(
            "INSERT INTO token (tenant, id, name, hash, document) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            params![
                token.tenant.0,
                token.id.to_string(),
                token.name,
                hash,
                serde_json::to_string(token)?
            ],
        )?;
        match new {
            1 => Ok(()),
            _ => Err(Error::Conflict(format!("there is a token `{}` already", token.name))),
        }
    }

    /// Takes a token away.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn remove_token(&self, tenant: &TenantId, id: TokenId) -> Result<(), Error> {
        let gone = self.execute(
            "DELETE FROM token WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?;
        match gone {
            1 => Ok(()),
            _ => Err(Error::NotFound { what: "token", id: id.to_string() }),
        }
    }
}
