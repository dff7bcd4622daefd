//! What became of earlier acts, as the ledger has it: the facts of breakers and canaries.
//!
//! The ledger has reversible acts only, and does not say when one failed; the moment of its intent stands for that.
//! Of those that cannot be undone a canary knows, by the run's own journal; breakers do not.

use std::collections::BTreeMap;

use stanch_guard::{
    BreakerFacts, Facts, Policy, breaker_keys, class,
    facts::{Act, Outcome},
};
use stanch_model::{
    RunId, TenantId,
    containment::{Containment, ContainmentState},
    manifest::{Catalog, EffectClass},
    plan::{PlannedAction, StepKey},
};
use stanch_playbook::RunEvent;
use stanch_store::{Error, View};

/// How many rows of the ledger are looked at, the newest first.
const ROWS: u32 = 500;

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
    for (planned, act) in irreversible(view, run)? {
        let same_class = class(capability(catalog, &planned), &planned) == facts.class;
        let is_other = planned.key != action.key;
        facts.again |= !is_other;
        if is_other && same_class && planned.practice == action.practice {
            canary.push(act);
        }
    }
    facts.breakers = breakers;
    facts.canary = canary;
    Ok(())
}

/// The run's acts that cannot be undone: the ledger has none of them, its journal has.
fn irreversible(view: &View<'_>, run: RunId) -> Result<Vec<(PlannedAction, Act)>, Error> {
    let mut planned: BTreeMap<StepKey, PlannedAction> = BTreeMap::new();
    let mut acts: BTreeMap<StepKey, Act> = BTreeMap::new();
    for entry in view.journal(run)? {
        let at = entry.at;
        let event: RunEvent = serde_json::from_value(entry.payload)?;
        if let RunEvent::Planned { key, action } = event {
            if action.effect == EffectClass::Irreversible {
                planned.insert(key, *action);
            }
            continue;
        }
        let Some((key, action)) = event.key().and_then(|key| planned.get_key_value(key)) else {
            continue;
        };
        let outcome = match event {
            RunEvent::Intended { .. } => Outcome::Pending,
            RunEvent::Verified { .. } | RunEvent::Resolved { happened: true, .. } => {
                Outcome::Done { at }
            }
            RunEvent::Unresolved { .. } => Outcome::Unknown { at },
            RunEvent::Failed { .. }
            | RunEvent::Stopped { .. }
            | RunEvent::Unverified { .. }
            | RunEvent::Resolved { happened: false, .. } => Outcome::Failed { at },
            _ => continue,
        };
        let target = action.target.as_ref().map(|target| target.value.clone()).unwrap_or_default();
        let begun = Act { target, intended_at: at, outcome: Outcome::Pending, undone_at: None };
        match outcome {
            Outcome::Pending => acts.entry(key.clone()).or_insert(begun).outcome = outcome,
            settled => {
                if let Some(act) = acts.get_mut(key) {
                    act.outcome = settled;
                }
            }
        }
    }
    let of = |(key, act)| planned.get(&key).cloned().map(|action| (action, act));
    Ok(acts.into_iter().filter_map(of).collect())
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
    Act {
        target: row.target.value.clone(),
        intended_at: at,
        outcome,
        undone_at: row.undone_at.filter(|_| row.is_taken_back()),
    }
}
