//! How far playbooks are trusted: `auto` on real targets is earned by evidence, and lost by it.

use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};

use serde_json::json;
use stanch_guard::promotion::{Demotion, Evidence, Labels, demotion, promotion};
use stanch_measure::Share;
use stanch_model::{
    TenantId, Time,
    containment::{Containment, ContainmentState},
    guard::{Mode, Promotion},
    incident::Disposition,
    run::RunHead,
};
use stanch_store::{Error as StoreError, Tx, View};

use super::People;
use crate::{Error, core::audit};

/// Most runs of a version that are looked at, the newest first.
const RUNS_MAX: u32 = 2_000;

/// How often the evidence of what is trusted is looked at.
const LOOK: Duration = Duration::from_secs(60);

impl People {
    /// Whether the version of a playbook that is in force has earned `to`, and what that rests on.
    ///
    /// # Errors
    /// No such playbook; the store's.
    pub async fn promotion(
        &self,
        tenant: &TenantId,
        playbook: &str,
        to: Mode,
    ) -> Result<Promotion, Error> {
        let loaded = self.runs.playbooks().get(playbook);
        let loaded = loaded.ok_or_else(|| Error::NotFound(format!("no playbook `{playbook}`")))?;
        let (policy, now) = (self.policies.now(), self.core.clock.now());
        let (tenant, name, digest) =
            (tenant.clone(), playbook.to_owned(), loaded.digest().to_owned());
        let max_mode = loaded.playbook().max_mode;
        let read = self.core.store.read(move |view| {
            let since = now.minus(policy.promotion.window);
            let evidence = evidence(view, &tenant, (&name, &digest), since)?;
            Ok(promotion(&policy.promotion, to, max_mode, &evidence))
        });
        Ok(read.await?)
    }

    /// Takes `auto` from every playbook whose evidence does not bear it any more.
    ///
    /// # Errors
    /// The store's.
    pub async fn demote(&self) -> Result<(), Error> {
        let (policy, now) = (self.policies.now(), self.core.clock.now());
        for loaded in self.runs.playbooks().all() {
            let (tenant, name) = (TenantId::default(), loaded.name().to_owned());
            let (policy, digest) = (policy.clone(), loaded.digest().to_owned());
            let of = (tenant.clone(), name.clone());
            let read = self.core.store.read(move |view| {
                let is_auto = view.mode(&tenant, &name)? == Some(Mode::Auto);
                if !is_auto || !has_earned(view, &tenant, &name, &digest)? {
                    return Ok(None);
                }
                let since = now.minus(policy.promotion.window);
                let evidence = evidence(view, &tenant, (&name, &digest), since)?;
                let lost = demotion(&policy.promotion, Mode::Auto, &evidence);
                Ok(lost.map(|lost| (lost, evidence)))
            });
            if let Some((lost, evidence)) = read.await? {
                self.take_auto(of, lost, evidence).await?;
            }
        }
        Ok(())
    }

    async fn take_auto(
        &self,
        (tenant, playbook): (TenantId, String),
        lost: Demotion,
        evidence: Evidence,
    ) -> Result<(), Error> {
        tracing::warn!(%playbook, because = ?lost.because, "lost `auto`: every act asks again");
        self.core.live.tell("playbook", &playbook);
        let now = self.core.clock.now();
        let written = self.core.store.write(move |tx| {
            tx.set_mode(&tenant, &playbook, lost.to)?;
            forget(tx, &tenant, &playbook)?;
            let detail = json!({ "mode": lost.to, "because": lost.because, "evidence": evidence });
            audit(tx, &tenant, now, ("engine", "playbook.demote", &playbook), detail)
        });
        Ok(written.await?)
    }

    /// Whether it is time to look at the evidence again.
    pub(crate) fn trust_is_due(&self, now: Time) -> bool {
        let due = now.minus(LOOK).micros();
        let looked = self.trust_looked.load(Ordering::Relaxed);
        looked <= due
            && self
                .trust_looked
                .compare_exchange(looked, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

/// What is known of a version: its runs, what they did for real, and what people said of the incidents.
///
/// Acts that cannot be undone have no row in the ledger, and are no evidence.
pub(crate) fn evidence(
    view: &View<'_>,
    tenant: &TenantId,
    version: (&str, &str),
    since: Time,
) -> Result<Evidence, StoreError> {
    let runs = view.runs_of(tenant, version, RUNS_MAX)?;
    let plans = runs.iter().filter(|run| run.mode == Mode::Shadow && run.state.is_final()).count();
    let (mut clean, mut unclean, mut undone) = (0_u32, 0_u32, 0_u32);
    for run in &runs {
        for row in view.containments_of(run.id)?.iter().filter(|row| !row.action.practice) {
            let by_person = row.is_taken_back();
            undone += u32::from(by_person && row.undone_at.is_some_and(|at| at >= since));
            match settled(row) {
                Some(true) if !by_person => clean = clean.saturating_add(1),
                Some(_) => unclean = unclean.saturating_add(1),
                None => {}
            }
        }
    }
    let plans = u32::try_from(plans).unwrap_or(u32::MAX);
    Ok(Evidence { plans, clean, unclean, undone, labels: labels(view, tenant, &runs)? })
}

/// Whether the act was seen to work; none while that is open.
fn settled(row: &Containment) -> Option<bool> {
    use ContainmentState as C;
    match row.state {
        C::Intended | C::Accepted => None,
        C::Verified | C::Undoing | C::Undone | C::UndoFailed => Some(row.verified_at.is_some()),
        C::Unverified | C::Failed | C::Unknown => Some(false),
    }
}

fn labels(view: &View<'_>, tenant: &TenantId, runs: &[RunHead]) -> Result<Labels, StoreError> {
    let incidents: BTreeSet<_> = runs.iter().filter_map(|run| run.incident).collect();
    let (mut right, mut labelled) = (0_u32, 0_u32);
    for id in incidents {
        match view.incident(tenant, id)?.disposition {
            Some(Disposition::TruePositive) => {
                right = right.saturating_add(1);
                labelled = labelled.saturating_add(1);
            }
            Some(Disposition::BenignTrigger | Disposition::FalsePositive) => {
                labelled = labelled.saturating_add(1);
            }
            Some(Disposition::Duplicate) | None => {}
        }
    }
    let share = Share::new(u64::from(right), u64::from(labelled));
    Ok(Labels { right, labelled, low: share.low })
}

fn mark(tenant: &TenantId, playbook: &str) -> String {
    format!("earned/{}/{playbook}", tenant.0)
}

/// Notes that a version has earned `auto` for real targets.
pub(crate) fn earn(
    tx: &Tx<'_>,
    tenant: &TenantId,
    playbook: &str,
    digest: &str,
) -> Result<(), StoreError> {
    tx.set_bookmark(&mark(tenant, playbook), digest)
}

/// Takes that back.
pub(crate) fn forget(tx: &Tx<'_>, tenant: &TenantId, playbook: &str) -> Result<(), StoreError> {
    tx.set_bookmark(&mark(tenant, playbook), "")
}

/// Whether that version has earned `auto` for real targets.
pub(crate) fn has_earned(
    view: &View<'_>,
    tenant: &TenantId,
    playbook: &str,
    digest: &str,
) -> Result<bool, StoreError> {
    Ok(view.bookmark(&mark(tenant, playbook))?.as_deref() == Some(digest))
}
