//! What became of earlier acts, as the ledger has it: the facts of breakers and canaries.
//!
//! The ledger has reversible acts only, and does not say when one failed; the moment of its intent stands for that.

use std::collections::BTreeMap;

use stanch_guard::{
    BreakerFacts, Facts, Policy, breaker_keys, class,
    facts::{Act, Outcome},
};
use stanch_model::{
    RunId, TenantId,
    containment::{Containment, ContainmentState},
    manifest::Catalog,
    plan::PlannedAction,
};
use stanch_store::{Error, View};

/// How many rows of the ledger are looked at, the newest first.
const ROWS: u32 = 50;

/// Who takes back what is due.
const BY_ITSELF: &str = "expiry";

/// Fills in what became of earlier acts.
pub(super) fn fill(
    view: &View<'_>,
    tenant: &TenantId,
    (policy, catalog): (&Policy, &Catalog),
    (run, action): (RunId, &PlannedAction),
    facts: &mut Facts,
) -> Result<(), Error> {
    let watched = breaker_keys(policy, facts, action);
    let mut breakers: Vec<BreakerFacts> = watched
        .into_iter()
        .map(|key| BreakerFacts { key, acts: Vec::new(), reset_at: None })
        .collect();
    let mut canary = Vec::new();
    let mut playbooks: BTreeMap<RunId, String> = BTreeMap::new();
    let mut other = facts.clone();
    let (rows, _) = view.containments(tenant, None, None, None, ROWS)?;
    for row in rows {
        other.class = class(capability(catalog, &row.action), &row.action);
        other.playbook = match playbooks.get(&row.run) {
            Some(playbook) => playbook.clone(),
            None => view.run(tenant, row.run)?.playbook,
        };
        playbooks.insert(row.run, other.playbook.clone());
        let act = act(&row);
        for key in breaker_keys(policy, &other, &row.action) {
            if let Some(breaker) = breakers.iter_mut().find(|breaker| breaker.key == key) {
                breaker.acts.push(act.clone());
            }
        }
    }
    // All of the run's own: the store counts all of them as well, however many others came since.
    for row in view.containments_of(run)? {
        let same_class = class(capability(catalog, &row.action), &row.action) == facts.class;
        let is_other = row.action.key != action.key;
        facts.again |= !is_other;
        if is_other && same_class && row.action.practice == action.practice {
            canary.push(act(&row));
        }
    }
    facts.breakers = breakers;
    facts.canary = canary;
    Ok(())
}

/// The capability that an action fulfils.
pub(super) fn capability<'c>(catalog: &'c Catalog, action: &PlannedAction) -> Option<&'c str> {
    let manifest = catalog.manifests.get(&action.connector)?;
    manifest.actions.get(&action.action)?.capability.as_deref()
}

fn act(row: &Containment) -> Act {
    use ContainmentState as C;
    let at = row.intended_at;
    let seen = row.verified_at.map(|at| Outcome::Done { at });
    let outcome = match row.state {
        C::Intended | C::Accepted => Outcome::Pending,
        C::Verified => seen.unwrap_or(Outcome::Done { at }),
        C::Unverified | C::Failed => Outcome::Failed { at },
        C::Unknown => Outcome::Unknown { at },
        C::Undoing | C::Undone | C::UndoFailed => seen.unwrap_or(Outcome::Failed { at }),
    };
    let by_person = row.undone_by.as_deref().is_some_and(|by| by != BY_ITSELF);
    Act {
        target: row.target.value.clone(),
        intended_at: at,
        outcome,
        undone_at: row.undone_at.filter(|_| by_person),
    }
}
