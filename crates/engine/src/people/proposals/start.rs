//! The start: the policy of the configuration is held against the one in force.
//!
//! A file is read at the start, and whoever can write it could loosen it alone. So a file that was changed is in
//! force at once only where it loosens nothing; else it becomes a proposal, and the policy before stays.

use serde_json::{Value, json};
use stanch_guard::{Policy, compare, compare::loosens};
use stanch_model::{
    ProposalId, TenantId,
    proposal::{ProposalState, Proposed},
};
use stanch_store::{Error as StoreError, PolicyVersion, Tx};

use super::{Wish, begin, digest, new_proposal};
use crate::{
    Error,
    core::{Core, audit},
};

/// Who is behind a file.
const FILE: &str = "configuration";

/// The policy in force, with what the configuration says taken in as far as it may be.
///
/// # Errors
/// Those of the store; a policy in it that this build cannot read.
pub(crate) async fn policy_at_start(core: &Core, file: &Policy) -> Result<Policy, Error> {
    let (id, now) = (ProposalId::new(core.clock.uuid()), core.clock.now());
    let file = file.clone();
    let written = core.store.write(move |tx| {
        let tenant = TenantId::default();
        let json = serde_json::to_value(&file)?;
        let version = |number: u32| PolicyVersion {
            version: number,
            digest: digest(&file),
            policy: json.clone(),
            from_file: true,
            by: FILE.to_owned(),
            proposal: None,
            since: now,
        };
        let history = tx.policies(&tenant, 500)?;
        let Some(in_force) = history.first() else {
            tx.add_policy(&tenant, &version(1))?;
            return Ok(json);
        };
        let read_last = history.iter().find(|policy| policy.from_file);
        let is_same = |policy: &PolicyVersion| policy.digest == digest(&file);
        if is_same(in_force) || read_last.is_some_and(is_same) {
            return Ok(in_force.policy.clone());
        }
        let old: Policy = serde_json::from_value(in_force.policy.clone())?;
        let changes = compare(&old, &file);
        if !loosens(&changes) {
            tx.add_policy(&tenant, &version(in_force.version.saturating_add(1)))?;
            let what = (FILE, "policy.apply", &*digest(&file));
            audit(tx, &tenant, now, what, json!({ "changes": changes }))?;
            return Ok(json);
        }
        if !is_proposed(tx, &tenant, &json)? {
            tracing::warn!(
                ?changes,
                "the policy in the configuration loosens the one in force: it is \
                proposed, and takes two people and a day"
            );
            let what = Proposed::Policy { policy: json, base: in_force.digest.clone() };
            let reason = "the policy in the configuration file was changed".to_owned();
            let wish = Wish { what, changes, reason };
            let mut proposal = new_proposal(tx, (id, &tenant), wish, FILE, now)?;
            begin(tx, &mut proposal, true, now)?;
        }
        Ok(in_force.policy.clone())
    });
    let policy = written.await?;
    serde_json::from_value(policy).map_err(|error| {
        Error::Content(format!("the policy in force cannot be read by this build: {error}"))
    })
}

fn is_proposed(tx: &Tx<'_>, tenant: &TenantId, wanted: &Value) -> Result<bool, StoreError> {
    for state in [ProposalState::Waiting, ProposalState::Agreed] {
        let (open, _) = tx.proposals(tenant, Some(state), None, 500)?;
        let is_same =
            |what: &Proposed| matches!(what, Proposed::Policy { policy, .. } if policy == wanted);
        if open.iter().any(|proposal| is_same(&proposal.what)) {
            return Ok(true);
        }
    }
    Ok(false)
}
