//! Notices: the outbox.

use stanch_model::notice::Notice;

use super::Tx;
use crate::{Error, sql::params, view::word};

impl Tx<'_> {
    /// Writes a notice that is not there yet; false if one by that id is.
    ///
    /// # Errors
    /// The database's.
    pub fn add_notice(&self, notice: &Notice) -> Result<bool, Error> {
        let new = self.execute(
            "INSERT INTO notice (tenant, id, receiver, state, created_at, due_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant, id) DO NOTHING",
            params![
                notice.tenant.0,
                notice.id.to_string(),
                notice.channel.receiver(),
                word(notice.state)?,
                notice.created_at.micros(),
                notice.due_at.micros(),
                serde_json::to_string(notice)?
            ],
        )?;
        Ok(new == 1)
    }

    /// Writes what became of a notice.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn move_notice(&self, notice: &Notice) -> Result<(), Error> {
        let changed = self.execute(
            "UPDATE notice SET state = ?3, due_at = ?4, document = ?5
             WHERE tenant = ?1 AND id = ?2",
            params![
                notice.tenant.0,
                notice.id.to_string(),
                word(notice.state)?,
                notice.due_at.micros(),
                serde_json::to_string(notice)?
            ],
        )?;
        match changed {
            1 => Ok(()),
            _ => Err(Error::NotFound { what: "notice", id: notice.id.to_string() }),
        }
    }
}
