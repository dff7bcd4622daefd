//! People, sessions, tokens.

use stanch_model::{
    TenantId, Time,
    people::{Token, User},
};

use super::{View, document};
use crate::{Error, sql::params};

impl View<'_> {
    /// Whether there is anybody who can sign in.
    ///
    /// # Errors
    /// The database's.
    pub fn has_people(&self) -> Result<bool, Error> {
        Ok(self.one::<i64>("SELECT 1 FROM person LIMIT 1", [])?.is_some())
    }

    /// How many people can sign in.
    ///
    /// # Errors
    /// The database's.
    pub fn people_count(&self, tenant: &TenantId) -> Result<u32, Error> {
        let count: Option<i64> =
            self.one("SELECT count(*) FROM person WHERE tenant = ?1", params![tenant.0])?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }

    /// All people, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn people(&self, tenant: &TenantId) -> Result<Vec<User>, Error> {
        self.documents(
            "SELECT document FROM person WHERE tenant = ?1 ORDER BY name",
            params![tenant.0],
        )
    }

    /// The person by that login name, with the password's PHC string.
    ///
    /// # Errors
    /// The database's.
    pub fn person_by_name(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<(User, String)>, Error> {
        let mut found = self.rows(
            "SELECT document, password FROM person WHERE tenant = ?1 AND name = ?2",
            params![tenant.0, name],
            |row| Ok((document::<User>(row, 0)?, row.get::<_, String>(1)?)),
        )?;
        Ok(found.pop())
    }

    /// The person behind a session that has not lapsed.
    ///
    /// # Errors
    /// The database's.
    pub fn session(&self, hash: &str, now: Time) -> Result<Option<User>, Error> {
        self.document(
            "SELECT p.document FROM session s JOIN person p ON p.tenant = s.tenant AND p.id = s.person
             WHERE s.hash = ?1 AND s.expires_at > ?2",
            params![hash, now.micros()],
        )
    }

    /// The token with that SHA-256.
    ///
    /// # Errors
    /// The database's.
    pub fn token_by_hash(&self, hash: &str) -> Result<Option<Token>, Error> {
        self.document("SELECT document FROM token WHERE hash = ?1", params![hash])
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn tokens(&self, tenant: &TenantId) -> Result<Vec<Token>, Error> {
        self.documents(
            "SELECT document FROM token WHERE tenant = ?1 ORDER BY name",
            params![tenant.0],
        )
    }
}
