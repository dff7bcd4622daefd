//! The guard's facts, gathered from what the engine holds; never from what a playbook claims.

use stanch_guard::{Counted, Facts, class, counters, decide};
use stanch_intel::Verdict;
use stanch_model::{
    guard::{ApprovalTerms, Counter, Decision, Mode},
    plan::PlannedAction,
};

use super::{Acting, Context};

/// A decision, and what has to be unchanged when it becomes an intent.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// What the guard decided.
    pub decision: Decision,
    /// The epoch it decided at.
    pub epoch: u64,
    /// The counters that the intent has to fit into.
    pub counters: Vec<Counter>,
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
        let capability = self
            .catalog
            .manifests
            .get(&action.connector)
            .and_then(|manifest| manifest.actions.get(&action.action))
            .and_then(|found| found.capability.as_deref());
        let class = class(capability, action);
        let playbook = context.head.playbook.clone();
        let counters = counters(&self.policy, &class, action, &playbook, None);
        let now = self.core.clock.now();
        let tenant = context.head.tenant.clone();
        let asked = counters.clone();
        let held = self
            .core
            .store
            .read(move |view| {
                let counts: Result<Vec<Counted>, _> = asked
                    .into_iter()
                    .map(|counter| {
                        let intents = view.intents(&tenant, &counter.class, now, counter.window)?;
                        Ok::<_, stanch_store::Error>(Counted { counter, intents })
                    })
                    .collect();
                let switch = view.kill_switch()?;
                let mode = view.mode(&tenant, &playbook)?;
                let restored = view.bookmark(crate::backup::HOLDS)?;
                let restored = restored.is_some_and(|mark| !mark.is_empty());
                Ok((counts?, switch, mode, restored))
            })
            .await?;
        let (counts, switch, mode, restored) = held;
        let mut facts = self.facts(context, class, counts, switch.engaged, mode, approved_by);
        facts.shared_infrastructure = self.warning_list_of(action);
        if restored {
            let why = "this instance was restored from a backup, and its containments have not been \
                       compared with their targets yet";
            facts.unreadable.push(why.to_owned());
        }
        let decision = decide(&self.policy, &facts, action);
        Ok(Weighed { decision, epoch: switch.epoch, counters })
    }

    fn facts(
        &self,
        context: &Context,
        class: String,
        counts: Vec<Counted>,
        kill_switch: bool,
        mode: Option<Mode>,
        approved_by: u32,
    ) -> Facts {
        let head = &context.head;
        Facts {
            class,
            playbook: head.playbook.clone(),
            // A run keeps the mode it started with, and loses it with the playbook.
            mode: mode.map_or(head.mode, |mode| mode.min(head.mode)),
            max_mode: context.max_mode,
            auto_earned: false,
            kill_switch,
            requested_by_person: !head.requested_by.starts_with("rule "),
            source_trust: context.trust,
            self_caused: context.self_caused,
            own_addresses: self.network.addresses.clone(),
            own_names: self.network.names.clone(),
            gateways: self.network.gateways.clone(),
            resolvers: self.network.resolvers.clone(),
            shared_infrastructure: None,
            aliases: Vec::new(),
            counts,
            fleet_size: None,
            approved_by,
            unreadable: self.network.unreadable.clone(),
        }
    }

    /// The benign list that the target is on.
    fn warning_list_of(&self, action: &PlannedAction) -> Option<String> {
        let found = self.intel.lookup(action.target.as_ref()?);
        (found.verdict == Verdict::Benign).then(|| found.sources.join(", "))
    }

    /// What approval by `count` people means here.
    #[must_use]
    pub fn terms(&self, count: u32) -> ApprovalTerms {
        self.policy.terms(count)
    }
}
