//! Runs, journals, timers, approvals, questions.

use rusqlite::params;
use stanch_model::{
    RunId, TenantId, Time,
    guard::Approval,
    plan::StepKey,
    run::{JOURNAL_VERSION, JournalEntry, RunHead},
};

use super::Tx;
use crate::{
    Error,
    view::{Question, checksum_of, word},
};

impl Tx<'_> {
    /// Writes the head of a run, new or changed.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_run(&self, head: &RunHead) -> Result<(), Error> {
        self.execute(
            "INSERT INTO run (tenant, id, playbook, incident, final, started_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant, id) DO UPDATE SET final = ?5, document = ?7",
            params![
                head.tenant.0,
                head.id.to_string(),
                head.playbook,
                head.incident.map(|id| id.to_string()),
                head.state.is_final(),
                head.started_at.micros(),
                serde_json::to_string(head)?
            ],
        )?;
        Ok(())
    }

    /// Appends to a run's journal. `sequence` must be the next number: two drivers of one run cannot
    /// both write.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the number is taken or leaves a gap; SQLite's.
    pub fn append_journal(
        &self,
        run: RunId,
        sequence: u64,
        at: Time,
        payload: &serde_json::Value,
    ) -> Result<JournalEntry, Error> {
        let next: Option<i64> = self.one(
            "SELECT coalesce(max(sequence) + 1, 0) FROM journal WHERE run = ?1",
            params![run.to_string()],
        )?;
        if next.map(i64::unsigned_abs) != Some(sequence) {
            return Err(Error::Conflict(format!(
                "journal of {run}: record {sequence} is not the next one"
            )));
        }
        let text = serde_json::to_string(payload)?;
        self.execute(
            "INSERT INTO journal (run, sequence, at, v, payload, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                run.to_string(),
                i64::try_from(sequence).unwrap_or(i64::MAX),
                at.micros(),
                JOURNAL_VERSION,
                text,
                checksum_of(run, sequence, &text)
            ],
        )?;
        Ok(JournalEntry { run, sequence, at, v: JOURNAL_VERSION, payload: payload.clone() })
    }

    /// Sets a timer, or moves it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn set_timer(
        &self,
        tenant: &TenantId,
        run: RunId,
        step: &StepKey,
        due_at: Time,
    ) -> Result<(), Error> {
        self.execute(
            "INSERT INTO timer (run, step, tenant, due_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET due_at = ?4",
            params![run.to_string(), step.0, tenant.0, due_at.micros()],
        )?;
        Ok(())
    }

    /// Takes a timer away.
    ///
    /// # Errors
    /// SQLite's.
    pub fn clear_timer(&self, run: RunId, step: &StepKey) -> Result<(), Error> {
        self.execute(
            "DELETE FROM timer WHERE run = ?1 AND step = ?2",
            params![run.to_string(), step.0],
        )?;
        Ok(())
    }

    /// Takes all timers of a run away, and voids what it has asked people.
    ///
    /// # Errors
    /// SQLite's.
    pub fn close_run(&self, tenant: &TenantId, run: RunId) -> Result<(), Error> {
        self.execute("DELETE FROM timer WHERE run = ?1", params![run.to_string()])?;
        self.execute(
            "UPDATE approval SET state = 'void', document = json_set(document, '$.state', 'void')
             WHERE tenant = ?1 AND run = ?2 AND state = 'waiting'",
            params![tenant.0, run.to_string()],
        )?;
        self.execute(
            "UPDATE question SET state = 'void', document = json_set(document, '$.state', 'void')
             WHERE tenant = ?1 AND run = ?2 AND state = 'waiting'",
            params![tenant.0, run.to_string()],
        )?;
        Ok(())
    }

    /// Writes an approval, new or changed.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_approval(&self, approval: &Approval) -> Result<(), Error> {
        self.execute(
            "INSERT INTO approval (tenant, id, run, state, expires_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, id) DO UPDATE SET state = ?4, document = ?6",
            params![
                approval.tenant.0,
                approval.id.to_string(),
                approval.run.to_string(),
                word(approval.state)?,
                approval.expires_at.micros(),
                serde_json::to_string(approval)?
            ],
        )?;
        Ok(())
    }

    /// Writes a question, new or changed.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_question(&self, question: &Question) -> Result<(), Error> {
        self.execute(
            "INSERT INTO question (tenant, id, run, state, expires_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, id) DO UPDATE SET state = ?4, document = ?6",
            params![
                question.tenant.0,
                question.id,
                question.run.to_string(),
                word(question.state)?,
                question.expires_at.micros(),
                serde_json::to_string(question)?
            ],
        )?;
        Ok(())
    }
}
