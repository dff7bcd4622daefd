//! The guard in hindsight: what the policy in force would have said to acts of the past.
//!
//! As if the kill switch were off and the playbook in mode `auto`; every question to people counts as answered with yes.
//! What is counted against budgets are the acts that were let through here, each at its own moment, and nothing
//! that the store has on record: the playbook's own acts of then are in there.

use std::{collections::BTreeMap, sync::Arc};

use stanch_guard::{
    BreakerFacts, Counted, Facts, Policy, breaker_keys, class, counters, decide, explain,
    facts::{Act, Outcome},
};
use stanch_model::{
    Time,
    guard::{Counter, Decision, Mode, Ruling},
    plan::PlannedAction,
};

use super::{Acting, Context, history::capability};

/// The guard in hindsight, over all runs of one backtest.
#[derive(Debug)]
pub(crate) struct Hindsight {
    acting: Acting,
    policy: Arc<Policy>,
    /// Moments of the intents by the class that they are counted as, in order.
    intents: BTreeMap<String, Vec<Time>>,
    hits: BTreeMap<String, Hits>,
    /// The acts of the run that is replayed, by what a canary counts them as.
    canary: Vec<(String, bool, Act)>,
}

/// How often a rule would not simply have let an act through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    pub(crate) asked: u64,
    pub(crate) held: u64,
    pub(crate) refused: u64,
}

/// What the guard would have said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Through,
    Held(Time),
    Refused(Decision),
}

impl Hindsight {
    /// By the policy in force now.
    pub(crate) fn new(acting: Acting) -> Self {
        let policy = acting.policies.now();
        let (intents, hits, canary) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { acting, policy, intents, hits, canary }
    }

    /// What our own lists say to a read today.
    pub(crate) fn ours(&self, action: &PlannedAction) -> Option<serde_json::Value> {
        self.acting.ours(action)
    }

    /// Another run begins.
    pub(crate) fn next_run(&mut self) {
        self.canary.clear();
    }

    /// What each rule would not have let through, by its name.
    pub(crate) const fn hits(&self) -> &BTreeMap<String, Hits> {
        &self.hits
    }

    /// What the guard would have said to `action` at that moment; what goes through is counted from then on.
    pub(crate) fn judge(
        &mut self,
        context: &Context,
        action: &PlannedAction,
        (at, again): (Time, bool),
    ) -> Answer {
        let facts = self.facts(context, action, at);
        let decision = decide(&self.policy, &facts, action);
        self.note(&decision, &facts, action, again);
        match decision {
            Decision::Hold { until, .. } => Answer::Held(until),
            refused @ Decision::Refuse { .. } => Answer::Refused(refused),
            // Where the policy limits whose yes counts, nobody is named here, and it is asked still.
            Decision::Allow { .. } | Decision::Ask { .. } => {
                self.count(&facts, action, at);
                Answer::Through
            }
        }
    }

    fn facts(&self, context: &Context, action: &PlannedAction, at: Time) -> Facts {
        let class = class(capability(&self.acting.catalog, action), action);
        let own = self
            .canary
            .iter()
            .filter(|(of, practice, _)| *of == class && *practice == action.practice);
        let canary = own.map(|(_, _, act)| act.clone()).collect();
        let base = self.acting.facts(context, class, u32::MAX, action);
        let mut facts = Facts {
            now: at,
            mode: Mode::Auto,
            max_mode: Mode::Auto,
            auto_earned: true,
            kill_switch: false,
            canary,
            ..base
        };
        let watched = breaker_keys(&self.policy, &facts, action).into_iter();
        facts.breakers =
            watched.map(|key| BreakerFacts { key, acts: Vec::new(), reset_at: None }).collect();
        let counted =
            |counter: Counter| Counted { intents: self.intents_of(&counter, at), counter };
        facts.counts = counters(&self.policy, &facts, action).into_iter().map(counted).collect();
        facts
    }

    /// How many intents the counter holds in its window.
    fn intents_of(&self, counter: &Counter, at: Time) -> u32 {
        let Some(moments) = self.intents.get(&counter.class) else { return 0 };
        let since = at.minus(counter.window);
        let from = moments.partition_point(|moment| *moment <= since);
        let to = moments.partition_point(|moment| *moment <= at);
        u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX)
    }

    fn count(&mut self, facts: &Facts, action: &PlannedAction, at: Time) {
        for counted in &facts.counts {
            let moments = self.intents.entry(counted.counter.class.clone()).or_default();
            // Nearly always at the end: runs are replayed in the order of their alerts.
            let place = moments.partition_point(|moment| *moment <= at);
            moments.insert(place, at);
        }
        let target = action.target.as_ref().map(|target| target.value.clone());
        let act = Act {
            target: target.unwrap_or_default(),
            intended_at: at,
            outcome: Outcome::Done { at },
            undone_at: None,
        };
        self.canary.push((facts.class.clone(), action.practice, act));
    }

    /// Counts what rules objected; a hold once, however often it is asked again.
    fn note(&mut self, decision: &Decision, facts: &Facts, action: &PlannedAction, again: bool) {
        let asked = decision.reasons().iter().any(|reason| reason.rule == "approval");
        if matches!(decision, Decision::Allow { .. }) && !asked {
            return;
        }
        for considered in explain(&self.policy, facts, action) {
            let hits = self.hits.entry(considered.rule).or_default();
            match considered.ruling {
                Ruling::Refuse => hits.refused = hits.refused.saturating_add(1),
                Ruling::Hold if !again => hits.held = hits.held.saturating_add(1),
                Ruling::Ask if !again => hits.asked = hits.asked.saturating_add(1),
                Ruling::Ask | Ruling::Hold | Ruling::Allow | Ruling::Silent => {}
            }
        }
        self.hits.retain(|_, hits| *hits != Hits::default());
    }
}
