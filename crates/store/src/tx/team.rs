//! Groups, delegations, and what changes about a person.

use stanch_model::{
    TenantId,
    people::{Delegation, Group, User},
};

use super::Tx;
use crate::{Error, sql::params};

impl Tx<'_> {
    /// Writes what is known of a person anew. The epoch goes up: who may decide may have changed.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn put_person(&self, user: &User) -> Result<(), Error> {
        let changed = self.execute(
            "UPDATE person SET document = ?3 WHERE tenant = ?1 AND id = ?2",
            params![user.tenant.0, user.id.to_string(), serde_json::to_string(user)?],
        )?;
        match changed {
            1 => self.raise_epoch(),
            _ => Err(Error::NotFound { what: "person", id: user.id.to_string() }),
        }
    }

    /// Writes a group, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_group(&self, group: &Group) -> Result<(), Error> {
        self.execute(
            "INSERT INTO people_group (tenant, name, document) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, name) DO UPDATE SET document = ?3",
            params![group.tenant.0, group.name, serde_json::to_string(group)?],
        )?;
        Ok(())
    }

    /// Takes a group away.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn remove_group(&self, tenant: &TenantId, name: &str) -> Result<(), Error> {
        let gone = self.execute(
            "DELETE FROM people_group WHERE tenant = ?1 AND name = ?2",
            params![tenant.0, name],
        )?;
        match gone {
            1 => Ok(()),
            _ => Err(Error::NotFound { what: "group", id: name.to_owned() }),
        }
    }

    /// Writes a delegation, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_delegation(&self, delegation: &Delegation) -> Result<(), Error> {
        self.execute(
            "INSERT INTO delegation (tenant, id, receiver, until_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, id) DO UPDATE SET until_at = ?4, document = ?5",
            params![
                delegation.tenant.0,
                delegation.id.to_string(),
                delegation.to,
                delegation.until.micros(),
                serde_json::to_string(delegation)?
            ],
        )?;
        Ok(())
    }
}
