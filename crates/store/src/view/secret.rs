//! Secrets, sealed.

use stanch_model::{TenantId, secret::SecretVersion};

use super::{View, document};
use crate::{
    Error,
    sql::{Row, params},
};

/// One value of a secret, sealed under a key that is not in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// What may be seen of it.
    pub head: SecretVersion,
    /// Id of the key.
    pub key: String,
    /// Form, nonce, ciphertext with tag.
    pub bytes: Vec<u8>,
}

const COLUMNS: &str = "SELECT document, key, sealed FROM secret";

impl View<'_> {
    /// The values of all secrets, of all tenants.
    ///
    /// # Errors
    /// The database's.
    pub fn secrets(&self) -> Result<Vec<SealedSecret>, Error> {
        self.rows(&format!("{COLUMNS} ORDER BY tenant, name, version DESC"), [], read)
    }

    /// The values of one secret, the one in force first; none if there is no such secret.
    ///
    /// # Errors
    /// The database's.
    pub fn secret(&self, tenant: &TenantId, name: &str) -> Result<Vec<SealedSecret>, Error> {
        self.rows(
            &format!("{COLUMNS} WHERE tenant = ?1 AND name = ?2 ORDER BY version DESC"),
            params![tenant.0, name],
            read,
        )
    }
}

fn read(row: &Row<'_>) -> Result<SealedSecret, Error> {
    Ok(SealedSecret { head: document(row, 0)?, key: row.get(1)?, bytes: row.get(2)? })
}
