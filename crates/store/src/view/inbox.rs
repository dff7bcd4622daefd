//! What is said to runs from outside, runs that others called, acts whose outcome nobody knows.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stanch_model::{
    IncidentId, RunId, TenantId, Time,
    plan::{PlannedAction, StepKey},
};

use super::View;
use crate::{Error, sql::params};

/// Something that was said to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboxEntry {
    /// Its id; a later one is greater.
    pub id: String,
    /// When it was said.
    pub at: Time,
    /// What.
    pub message: Value,
}

/// A run that another called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Whose.
    pub tenant: TenantId,
    /// The run that was called.
    pub run: RunId,
    /// The run that called it.
    pub parent: RunId,
    /// The step that did.
    pub step: StepKey,
}

/// An act of which nobody knows whether it happened: work for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UnknownOutcome {
    /// Whose.
    pub tenant: TenantId,
    /// The run that acted.
    pub run: RunId,
    /// The step that did.
    pub step: StepKey,
    /// The playbook.
    pub playbook: String,
    /// The incident it was for.
    pub incident: Option<IncidentId>,
    /// The act.
    pub action: PlannedAction,
    /// Why nobody knows.
    pub why: String,
    /// Since when.
    pub at: Time,
}

impl View<'_> {
    /// What was said to a run and is not taken yet, in order.
    ///
    /// # Errors
    /// The database's.
    pub fn inbox(&self, run: RunId) -> Result<Vec<InboxEntry>, Error> {
        self.documents(
            "SELECT document FROM inbox WHERE run = ?1 ORDER BY id",
            params![run.to_string()],
        )
    }

    /// By which step of which run this one was called, if it was.
    ///
    /// # Errors
    /// The database's.
    pub fn caller(&self, tenant: &TenantId, run: RunId) -> Result<Option<Child>, Error> {
        let mut found = self.rows(
            "SELECT parent, step FROM child WHERE tenant = ?1 AND run = ?2",
            params![tenant.0, run.to_string()],
            |row| {
                let (parent, step): (String, String) = (row.get(0)?, row.get(1)?);
                let parent = id(&parent)?;
                Ok(Child { tenant: tenant.clone(), run, parent, step: StepKey(step) })
            },
        )?;
        Ok(found.pop())
    }

    /// The runs that a run called, in the order of their steps' keys.
    ///
    /// # Errors
    /// The database's.
    pub fn children(&self, tenant: &TenantId, parent: RunId) -> Result<Vec<Child>, Error> {
        self.rows(
            "SELECT run, step FROM child WHERE tenant = ?1 AND parent = ?2 ORDER BY step",
            params![tenant.0, parent.to_string()],
            |row| {
                let (run, step): (String, String) = (row.get(0)?, row.get(1)?);
                let run = id(&run)?;
                Ok(Child { tenant: tenant.clone(), run, parent, step: StepKey(step) })
            },
        )
    }

    /// Acts whose outcome nobody knows, the oldest first, at most 500.
    ///
    /// # Errors
    /// The database's.
    pub fn unknown_outcomes(&self, tenant: &TenantId) -> Result<Vec<UnknownOutcome>, Error> {
        self.documents(
            "SELECT document FROM unknown_outcome WHERE tenant = ?1 ORDER BY at, run, step LIMIT 500",
            params![tenant.0],
        )
    }
}

fn id(text: &str) -> Result<RunId, Error> {
    text.parse().map_err(|_bad| Error::NotFound { what: "run", id: text.to_owned() })
}
