//! Groups, delegations, and people by their id.

use stanch_model::{
    DelegationId, TenantId, Time, UserId,
    people::{Delegation, Group, User},
};

use super::View;
use crate::{Error, sql::params};

impl View<'_> {
    /// The person by that id; none if there is nobody.
    ///
    /// # Errors
    /// The database's.
    pub fn person(&self, tenant: &TenantId, id: UserId) -> Result<Option<User>, Error> {
        self.document(
            "SELECT document FROM person WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )
    }

    /// The person by that login name; none if there is nobody.
    ///
    /// # Errors
    /// The database's.
    pub fn person_named(&self, tenant: &TenantId, name: &str) -> Result<Option<User>, Error> {
        self.document(
            "SELECT document FROM person WHERE tenant = ?1 AND name = ?2",
            params![tenant.0, name],
        )
    }

    /// Whether a token goes by that name.
    ///
    /// # Errors
    /// The database's.
    pub fn has_token_named(&self, tenant: &TenantId, name: &str) -> Result<bool, Error> {
        let found: Option<i64> = self
            .one("SELECT 1 FROM token WHERE tenant = ?1 AND name = ?2", params![tenant.0, name])?;
        Ok(found.is_some())
    }

    /// All groups, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn groups(&self, tenant: &TenantId) -> Result<Vec<Group>, Error> {
        self.documents(
            "SELECT document FROM people_group WHERE tenant = ?1 ORDER BY name",
            params![tenant.0],
        )
    }

    /// The group by that name; none if there is none.
    ///
    /// # Errors
    /// The database's.
    pub fn group(&self, tenant: &TenantId, name: &str) -> Result<Option<Group>, Error> {
        self.document(
            "SELECT document FROM people_group WHERE tenant = ?1 AND name = ?2",
            params![tenant.0, name],
        )
    }

    /// The delegation by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn delegation(&self, tenant: &TenantId, id: DelegationId) -> Result<Delegation, Error> {
        self.document(
            "SELECT document FROM delegation WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "delegation", id: id.to_string() })
    }

    /// Delegations that have not run out by `now`, the oldest first, at most 500.
    ///
    /// # Errors
    /// The database's.
    pub fn delegations(&self, tenant: &TenantId, now: Time) -> Result<Vec<Delegation>, Error> {
        self.documents(
            "SELECT document FROM delegation WHERE tenant = ?1 AND until_at > ?2
             ORDER BY id LIMIT 500",
            params![tenant.0, now.micros()],
        )
    }

    /// Delegations to that person that have not run out by `now`, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn delegations_to(
        &self,
        tenant: &TenantId,
        to: &str,
        now: Time,
    ) -> Result<Vec<Delegation>, Error> {
        self.documents(
            "SELECT document FROM delegation WHERE tenant = ?1 AND receiver = ?2 AND until_at > ?3
             ORDER BY id LIMIT 500",
            params![tenant.0, to, now.micros()],
        )
    }
}
