//! Secrets, sealed.

use stanch_model::{TenantId, secret::SecretVersion};

use super::Tx;
use crate::{Error, sql::params, view::SealedSecret};

impl Tx<'_> {
    /// Keeps a value, in the place of the one with its version.
    ///
    /// # Errors
    /// The database's.
    pub fn put_secret(&self, secret: &SealedSecret) -> Result<(), Error> {
        let SealedSecret { head, key, bytes } = secret;
        self.execute(
            "INSERT INTO secret (tenant, name, version, key, sealed, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, name, version) DO UPDATE SET key = ?4, sealed = ?5, document = ?6",
            params![
                head.tenant.0,
                head.name,
                head.version,
                key,
                bytes,
                serde_json::to_string(head)?
            ],
        )?;
        Ok(())
    }

    /// Takes one value of a secret away.
    ///
    /// # Errors
    /// The database's.
    pub fn remove_secret_version(&self, head: &SecretVersion) -> Result<(), Error> {
        self.execute(
            "DELETE FROM secret WHERE tenant = ?1 AND name = ?2 AND version = ?3",
            params![head.tenant.0, head.name, head.version],
        )?;
        Ok(())
    }

    /// Takes a secret away with all its values.
    ///
    /// # Errors
    /// [`Error::NotFound`]; The database's.
    pub fn remove_secret(&self, tenant: &TenantId, name: &str) -> Result<(), Error> {
        let gone = self.execute(
            "DELETE FROM secret WHERE tenant = ?1 AND name = ?2",
            params![tenant.0, name],
        )?;
        match gone {
            0 => Err(Error::NotFound { what: "secret", id: name.to_owned() }),
            _ => Ok(()),
        }
    }
}
