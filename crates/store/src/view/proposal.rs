//! Proposals, and the policies that were in force.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stanch_model::{
    ProposalId, TenantId, Time,
    proposal::{Proposal, ProposalState},
};

use super::{View, incident::word};
use crate::{Error, sql::params};

/// A policy that is or was in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyVersion {
    /// Its number, from 1.
    pub version: u32,
    /// SHA-256 of its canonical JSON.
    pub digest: String,
    /// The policy.
    #[schema(value_type = Object)]
    pub policy: Value,
    /// Whether the configuration file said so; else a proposal did.
    pub from_file: bool,
    /// Who: a login name, or `configuration`.
    pub by: String,
    /// The proposal behind it.
    pub proposal: Option<ProposalId>,
    /// Since when.
    pub since: Time,
}

impl View<'_> {
    /// The policy in force; none before the first start.
    ///
    /// # Errors
    /// The database's.
    pub fn policy_in_force(&self, tenant: &TenantId) -> Result<Option<PolicyVersion>, Error> {
        Ok(self.policies(tenant, 1)?.pop())
    }

    /// The policies that are or were in force, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn policies(&self, tenant: &TenantId, limit: u32) -> Result<Vec<PolicyVersion>, Error> {
        self.documents(
            "SELECT document FROM policy_history WHERE tenant = ?1 ORDER BY version DESC LIMIT ?2",
            params![tenant.0, i64::from(limit)],
        )
    }

    /// The proposal by that id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; the database's.
    pub fn proposal(&self, tenant: &TenantId, id: ProposalId) -> Result<Proposal, Error> {
        self.document(
            "SELECT document FROM proposal WHERE tenant = ?1 AND id = ?2",
            params![tenant.0, id.to_string()],
        )?
        .ok_or_else(|| Error::NotFound { what: "proposal", id: id.to_string() })
    }

    /// Proposals, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn proposals(
        &self,
        tenant: &TenantId,
        state: Option<ProposalState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Proposal>, Option<i64>), Error> {
        self.page(
            "SELECT number, document FROM proposal
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

    /// Open proposals of all tenants that are due by `now`.
    ///
    /// # Errors
    /// The database's.
    pub fn proposals_due(&self, now: Time) -> Result<Vec<Proposal>, Error> {
        self.documents(
            "SELECT document FROM proposal
             WHERE state IN ('waiting', 'agreed') AND due_at <= ?1 ORDER BY due_at LIMIT 500",
            params![now.micros()],
        )
    }
}
