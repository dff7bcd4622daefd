//! Notices: the outbox, and what is about to lapse.

use stanch_model::{
    NoticeId, TenantId, Time,
    guard::Approval,
    notice::{Notice, NoticeState},
};

use super::{Question, View, incident::word};
use crate::{Error, sql::params};

impl View<'_> {
    /// The notice by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn notice(&self, tenant: &TenantId, id: NoticeId) -> Result<Notice, Error> {
        self.document(
            "SELECT document FROM notice WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "notice", id: id.to_string() })
    }

    /// Notices, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn notices(
        &self,
        tenant: &TenantId,
        state: Option<NoticeState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Notice>, Option<i64>), Error> {
        self.page(
            "SELECT number, document FROM notice
             WHERE tenant = ?1 AND number < ?2 AND (?4 IS NULL OR state = ?4)
             ORDER BY number DESC LIMIT ?3",
            params![
                tenant.0,
                before.unwrap_or(i64::MAX),
                i64::from(limit.saturating_add(1)),
                state.map(word).transpose()?
            ],
            limit,
        )
    }

    /// Notices of all tenants that are to be tried by `now`.
    ///
    /// # Errors
    /// The database's.
    pub fn notices_due(&self, now: Time, limit: u32) -> Result<Vec<Notice>, Error> {
        self.documents(
            "SELECT document FROM notice WHERE state = 'waiting' AND due_at <= ?1
             ORDER BY due_at LIMIT ?2",
            params![now.micros(), i64::from(limit)],
        )
    }

    /// How many notices that receiver got since `since`.
    ///
    /// # Errors
    /// The database's.
    pub fn notices_to(&self, tenant: &TenantId, receiver: &str, since: Time) -> Result<u32, Error> {
        let count: Option<i64> = self.one(
            "SELECT count(*) FROM notice WHERE tenant = ?1 AND receiver = ?2 AND created_at > ?3",
            params![tenant.0, receiver, since.micros()],
        )?;
        Ok(u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX))
    }

    /// Approvals and questions of all tenants that wait and lapse by `until`, at most 500 of each.
    ///
    /// # Errors
    /// The database's.
    pub fn lapsing(&self, until: Time) -> Result<(Vec<Approval>, Vec<Question>), Error> {
        let approvals = self.documents(
            "SELECT document FROM approval WHERE state = 'waiting' AND expires_at <= ?1
             ORDER BY expires_at LIMIT 500",
            params![until.micros()],
        )?;
        let questions = self.documents(
            "SELECT document FROM question WHERE state = 'waiting' AND expires_at <= ?1
             ORDER BY expires_at LIMIT 500",
            params![until.micros()],
        )?;
        Ok((approvals, questions))
    }
}
