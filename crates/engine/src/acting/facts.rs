//! The guard's facts, gathered from what the engine holds; never from what a playbook claims.

use stanch_guard::{Counted, Facts, class, counters, decide, explain, facts::Parties};
use stanch_intel::Verdict;
use stanch_model::{
    guard::{ApprovalTerms, Considered, Counter, Decision, Mode},
    plan::PlannedAction,
};

use super::{
    Acting, Context,
    history::{self, capability},
    parties,
};
use crate::people::trust::has_earned;

/// A decision, and what has to be unchanged when it becomes an intent.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// What the guard decided.
    pub decision: Decision,
    /// The epoch it decided at.
    pub epoch: u64,
    /// The counters that the intent has to fit into.
    pub counters: Vec<Counter>,
    /// What every rule made of it.
    pub considered: Vec<Considered>,
}

impl Acting {
    /// Asks the guard about `action`, of which `approved_by` people approved exactly this form.
    ///
    /// # Errors
    /// A store that cannot be read; then nothing may be done.
    #[tracing::instrument(name = "guard.decide", skip_all, fields(action = %action.name))]
    pub async fn weigh(
        &self,
        context: &Context,
        action: &PlannedAction,
        approved_by: u32,
    ) -> Result<Weighed, stanch_store::Error> {
        let class = class(capability(&self.catalog, action), action);
        let base = self.facts(context, class, approved_by, action);
        let head = context.head.clone();
        // No other policy is written between the look at this one and the look at the epoch.
        let open = self.policies.open().await;
        let (policy, catalog) = (self.policies.now(), self.catalog.clone());
        let (planned, started_as) = (action.clone(), context.head.mode);
        let held = policy.clone();
        let read = self.core.store.read(move |view| {
            let switch = view.kill_switch()?;
            let mode = view.mode(&head.tenant, &base.playbook)?;
            // A run keeps the mode it started with, and loses it with the playbook.
            let mode = mode.map_or(started_as, |mode| mode.min(started_as));
            let mut facts = Facts { kill_switch: switch.engaged, mode, ..base };
            history::fill(view, &head.tenant, (&held, &catalog), (head.id, &planned), &mut facts)?;
            facts.parties = parties::of(view, &head, &planned)?;
            facts.auto_earned =
                has_earned(view, &head.tenant, &head.playbook, &head.playbook_digest)?;
            if view.bookmark(crate::backup::HOLDS)?.is_some_and(|mark| !mark.is_empty()) {
                let why = "this instance was restored from a backup, and its containments have not \
                           been compared with their targets yet";
                facts.unreadable.push(why.to_owned());
            }
            let counters = counters(&held, &facts, &planned);
            let counts: Result<Vec<Counted>, stanch_store::Error> = counters
                .iter()
                .map(|counter| {
                    let (class, window) = (&counter.class, counter.window);
                    let intents = view.intents(&head.tenant, class, facts.now, window)?;
                    Ok(Counted { counter: counter.clone(), intents })
                })
                .collect();
            facts.counts = counts?;
            Ok((facts, counters, switch.epoch))
        });
        let (facts, counters, epoch) = read.await?;
        drop(open);
        let decision = decide(&policy, &facts, action);
        let considered = explain(&policy, &facts, action);
        Ok(Weighed { decision, epoch, counters, considered })
    }

    /// What is known without the store; the rest is filled in by [`Self::weigh`].
    pub(super) fn facts(
        &self,
        context: &Context,
        class: String,
        approved_by: u32,
        action: &PlannedAction,
    ) -> Facts {
        let head = &context.head;
        let asset = self.assets.record(action.target.as_ref());
        Facts {
            now: self.core.clock.now(),
            class,
            playbook: head.playbook.clone(),
            run: head.id.to_string(),
            mode: Mode::Shadow,
            max_mode: context.max_mode,
            auto_earned: false,
            kill_switch: true,
            requested_by_person: head.is_by_person(),
            source_trust: context.trust,
            self_caused: context.self_caused,
            own_addresses: self.network.addresses.clone(),
            own_names: self.network.names.clone(),
            gateways: self.network.gateways.clone(),
            resolvers: self.network.resolvers.clone(),
            shared_infrastructure: self.warning_list_of(action),
            aliases: Vec::new(),
            fleet: self.assets.fleet(&asset),
            asset,
            counts: Vec::new(),
            breakers: Vec::new(),
            canary: Vec::new(),
            again: false,
            parties: Parties::default(),
            approved_by,
            unreadable: self.network.unreadable.clone(),
        }
    }

    /// The benign list that the target is on.
    pub(super) fn warning_list_of(&self, action: &PlannedAction) -> Option<String> {
        let found = self.intel.lookup(action.target.as_ref()?);
        (found.verdict == Verdict::Benign).then(|| found.sources.join(", "))
    }

    /// What approval by `count` people means here.
    #[must_use]
    pub fn terms(&self, count: u32) -> ApprovalTerms {
        self.policies.now().terms(count)
    }
}
