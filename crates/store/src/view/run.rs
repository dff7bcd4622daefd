//! Runs, their journals, timers, approvals and questions.

use serde::{Deserialize, Serialize};
use stanch_model::{
    ApprovalId, IncidentId, RunId, TenantId, Time, canonical,
    guard::{Approval, ApprovalState},
    plan::StepKey,
    run::{JournalEntry, RunHead},
};

use super::{View, incident::word};
use crate::{Error, sql::params};

/// A timer that is due or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepKey,
    /// Whose.
    pub tenant: TenantId,
    /// When.
    pub due_at: Time,
}

/// Where a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuestionState {
    /// Nobody has answered.
    Waiting,
    /// Somebody has.
    Answered,
    /// The time ran out; `otherwise` was taken.
    Expired,
    /// The run ended first.
    Void,
}

/// A question of an `ask` step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// `RUN/STEP`.
    pub id: String,
    /// Whose.
    pub tenant: TenantId,
    /// The run that waits.
    pub run: RunId,
    /// The step that asks.
    pub step: StepKey,
    /// The incident it is about.
    pub incident: Option<IncidentId>,
    /// The playbook's title.
    pub title: String,
    /// The question.
    pub text: String,
    /// The answers to choose from.
    pub options: Vec<String>,
    /// The answer if nobody answers.
    pub otherwise: String,
    /// Where it stands.
    pub state: QuestionState,
    /// The answer.
    pub answer: Option<String>,
    /// Who answered.
    pub by: Option<String>,
    /// When it was asked.
    pub asked_at: Time,
    /// When it lapses.
    pub expires_at: Time,
}

impl View<'_> {
    /// The head of a run.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn run(&self, tenant: &TenantId, id: RunId) -> Result<RunHead, Error> {
        self.document(
            "SELECT document FROM run WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "run", id: id.to_string() })
    }

    /// Runs, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn runs(
        &self,
        tenant: &TenantId,
        incident: Option<IncidentId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<RunHead>, Option<i64>), Error> {
        self.page(
            "SELECT number, document FROM run
             WHERE tenant = ?1 AND number < ?2 AND (?4 IS NULL OR incident = ?4)
             ORDER BY number DESC LIMIT ?3",
            params![
                tenant.0,
                before.unwrap_or(i64::MAX),
                limit.saturating_add(1),
                incident.map(|id| id.to_string())
            ],
            limit,
        )
    }

    /// All runs that have not ended, of all tenants, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn open_runs(&self) -> Result<Vec<RunHead>, Error> {
        self.documents("SELECT document FROM run WHERE final = 0 ORDER BY started_at", [])
    }

    /// A run's journal, every record held against its checksum and its place.
    ///
    /// # Errors
    /// [`Error::Damaged`]; the database's.
    pub fn journal(&self, run: RunId) -> Result<Vec<JournalEntry>, Error> {
        let entries = self.rows(
            "SELECT sequence, at, v, payload, checksum FROM journal WHERE run = ?1 ORDER BY sequence",
            params![run.to_string()],
            |row| {
                let sequence: i64 = row.get(0)?;
                let payload: String = row.get(3)?;
                let checksum: String = row.get(4)?;
                let sequence = sequence.unsigned_abs();
                if checksum_of(run, sequence, &payload) != checksum {
                    return Err(Error::Damaged { run: run.to_string(), sequence });
                }
                Ok(JournalEntry {
                    run,
                    sequence,
                    at: Time::from_micros(row.get(1)?),
                    v: row.get(2)?,
                    payload: serde_json::from_str(&payload)?,
                })
            },
        )?;
        for (expected, entry) in (0_u64..).zip(&entries) {
            if entry.sequence != expected {
                return Err(Error::Damaged { run: run.to_string(), sequence: expected });
            }
        }
        Ok(entries)
    }

    /// Timers due at `now`, and the moment of the next one after.
    ///
    /// # Errors
    /// The database's.
    pub fn timers_due(&self, now: Time) -> Result<Vec<Timer>, Error> {
        self.rows(
            "SELECT run, step, tenant, due_at FROM timer WHERE due_at <= ?1 ORDER BY due_at LIMIT 500",
            params![now.micros()],
            |row| {
                let run: String = row.get(0)?;
                Ok(Timer {
                    run: run.parse().map_err(|_bad| Error::NotFound { what: "run", id: run })?,
                    step: StepKey(row.get(1)?),
                    tenant: TenantId(row.get(2)?),
                    due_at: Time::from_micros(row.get(3)?),
                })
            },
        )
    }

    /// How many timers are set.
    ///
    /// # Errors
    /// The database's.
    pub fn timer_count(&self) -> Result<u64, Error> {
        let count: Option<i64> = self.one("SELECT count(*) FROM timer", [])?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// The approval by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn approval(&self, tenant: &TenantId, id: ApprovalId) -> Result<Approval, Error> {
        self.document(
            "SELECT document FROM approval WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "approval", id: id.to_string() })
    }

    /// Approvals, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn approvals(
        &self,
        tenant: &TenantId,
        state: Option<ApprovalState>,
        run: Option<RunId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Approval>, Option<i64>), Error> {
        self.page(
            "SELECT number, document FROM approval
             WHERE tenant = ?1 AND number < ?2 AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR run = ?5)
             ORDER BY number DESC LIMIT ?3",
            params![
                tenant.0,
                before.unwrap_or(i64::MAX),
                limit.saturating_add(1),
                state.map(word).transpose()?,
                run.map(|id| id.to_string())
            ],
            limit,
        )
    }

    /// Waiting approvals of all tenants that lapse by `now`.
    ///
    /// # Errors
    /// The database's.
    pub fn approvals_due(&self, now: Time) -> Result<Vec<Approval>, Error> {
        self.documents(
            "SELECT document FROM approval WHERE state = 'waiting' AND expires_at <= ?1 LIMIT 500",
            params![now.micros()],
        )
    }

    /// The question by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn question(&self, tenant: &TenantId, id: &str) -> Result<Question, Error> {
        self.document(
            "SELECT document FROM question WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id],
        )?
        .ok_or_else(|| Error::NotFound { what: "question", id: id.to_owned() })
    }

    /// Questions, the newest first, at most 500.
    ///
    /// # Errors
    /// The database's.
    pub fn questions(
        &self,
        tenant: &TenantId,
        state: Option<QuestionState>,
    ) -> Result<Vec<Question>, Error> {
        self.documents(
            "SELECT document FROM question WHERE tenant = ?1 AND (?2 IS NULL OR state = ?2)
             ORDER BY number DESC LIMIT 500",
            params![tenant.0, state.map(word).transpose()?],
        )
    }

    /// Waiting questions of all tenants that lapse by `now`.
    ///
    /// # Errors
    /// The database's.
    pub fn questions_due(&self, now: Time) -> Result<Vec<Question>, Error> {
        self.documents(
            "SELECT document FROM question WHERE state = 'waiting' AND expires_at <= ?1 LIMIT 500",
            params![now.micros()],
        )
    }
}

/// What a journal record's checksum is made of: its place and its text.
pub(crate) fn checksum_of(run: RunId, sequence: u64, payload: &str) -> String {
    canonical::sha256_bytes(format!("{run}\n{sequence}\n{payload}").as_bytes())
}
