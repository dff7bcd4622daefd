//! Runs, journals, timers, approvals, questions.

use stanch_model::{
    RunId, TenantId, Time,
    guard::{Approval, ApprovalState},
    plan::StepKey,
    run::{JOURNAL_VERSION, JournalEntry, RunHead},
};

use super::Tx;
use crate::{
    Error,
    sql::params,
    view::{Question, QuestionState, checksum_of, word},
};

impl Tx<'_> {
    /// Writes the head of a run, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_run(&self, head: &RunHead) -> Result<(), Error> {
        self.execute(
            "INSERT INTO run (tenant, id, playbook, incident, final, started_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant, id) DO UPDATE SET final = excluded.final, document = excluded.document",
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
    /// [`Error::Conflict`] if the number is taken or leaves a gap; the database's.
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
    /// The database's.
    pub fn set_timer(
        &self,
        tenant: &TenantId,
        run: RunId,
        step: &StepKey,
        due_at: Time,
    ) -> Result<(), Error> {
        self.execute(
            "INSERT INTO timer (run, step, tenant, due_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (run, step) DO UPDATE SET due_at = excluded.due_at",
            params![run.to_string(), step.0, tenant.0, due_at.micros()],
        )?;
        Ok(())
    }

    /// Takes a timer away.
    ///
    /// # Errors
    /// The database's.
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
    /// The database's.
    pub fn close_run(&self, tenant: &TenantId, run: RunId) -> Result<(), Error> {
        self.execute("DELETE FROM timer WHERE run = ?1", params![run.to_string()])?;
        let approvals: Vec<Approval> = self.documents(
            "SELECT document FROM approval WHERE tenant = ?1 AND run = ?2 AND state = 'waiting'",
            params![tenant.0, run.to_string()],
        )?;
        for mut approval in approvals {
            approval.state = ApprovalState::Void;
            self.put_approval(&approval)?;
        }
        let questions: Vec<Question> = self.documents(
            "SELECT document FROM question WHERE tenant = ?1 AND run = ?2 AND state = 'waiting'",
            params![tenant.0, run.to_string()],
        )?;
        for mut question in questions {
            question.state = QuestionState::Void;
            self.put_question(&question)?;
        }
        Ok(())
    }

    /// Writes an approval, new or changed.
    ///
    /// # Errors
    /// The database's.
    pub fn put_approval(&self, approval: &Approval) -> Result<(), Error> {
        self.execute(
            "INSERT INTO approval (tenant, id, run, state, expires_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, document = excluded.document",
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
    /// The database's.
    pub fn put_question(&self, question: &Question) -> Result<(), Error> {
        self.execute(
            "INSERT INTO question (tenant, id, run, state, expires_at, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, document = excluded.document",
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
