//! The guard as the engine asks it: facts from the truth, a decision, and the counters to fit into.

use std::collections::BTreeSet;

use serde_json::{Value, json};
pub(crate) use stanch_guard::Policy;
pub(crate) use stanch_guard::RULES;
use stanch_guard::{Counted, Facts, Rule, class, counters, decide_with};
use stanch_model::{
    Time,
    guard::{Counter, Decision, Mode},
    plan::PlannedAction,
};

use super::{dice::Dice, truth::Truth};

/// What this guard looks at beside [`Truth`].
#[derive(Clone, Debug)]
pub(crate) struct Extra;

impl Extra {
    pub(crate) fn roll(_: &mut Dice) -> Self {
        Self
    }

    pub(crate) fn policy(&self, _: &mut Value) {}

    pub(crate) fn never(&self, _: &Truth, _: &PlannedAction, _: &str) -> Option<String> {
        None
    }

    pub(crate) fn people(&self, _: &Truth, _: &PlannedAction) -> u32 {
        0
    }

    pub(crate) fn settled(&mut self, _: &str, _: bool, _: Time) {}

    pub(crate) fn intended(&mut self, _: &str, _: Time) {}
}

/// What the guard made of an act.
pub(crate) enum Word {
    Allow,
    Ask(u32),
    Refuse,
    /// Not now.
    #[expect(dead_code, reason = "this guard holds nothing")]
    Later,
}

pub(crate) struct Weighed {
    pub(crate) word: Word,
    pub(crate) decision: Decision,
    pub(crate) epoch: u64,
    pub(crate) counters: Vec<Counter>,
}

/// The class that an act is counted as.
pub(crate) fn class_of(capability: Option<&str>, action: &PlannedAction) -> String {
    class(capability, action)
}

pub(crate) fn weigh(
    (policy, truth): (&Policy, &Truth),
    (playbook, max_mode): (&str, Mode),
    (action, class): (&PlannedAction, &str),
    approved_by: u32,
    without: Option<&str>,
) -> Weighed {
    let counters = counters(policy, class, action, playbook, None);
    let count = |counter: &Counter| {
        let of = counter.class.strip_prefix("practice:").unwrap_or(&counter.class);
        let of = of.split('@').next().unwrap();
        let intents = truth.count(Some(of).filter(|of| *of != "*"), action.practice);
        Counted { counter: counter.clone(), intents }
    };
    let listed = action.target.as_ref().is_some_and(|target| target.value == "203.0.113.200");
    let parse = |text: &str| vec![text.parse().unwrap()];
    let facts = Facts {
        class: class.to_owned(),
        playbook: playbook.to_owned(),
        mode: truth.mode,
        max_mode,
        auto_earned: truth.auto_earned,
        kill_switch: truth.kill_switch,
        requested_by_person: truth.by_person,
        source_trust: truth.trust,
        self_caused: truth.self_caused,
        own_addresses: parse("192.0.2.1"),
        own_names: vec!["stanch-01".to_owned(), "svc-stanch".to_owned()],
        gateways: parse("192.0.2.254"),
        resolvers: parse("192.0.2.53"),
        shared_infrastructure: listed.then(|| "a list".to_owned()),
        aliases: Vec::new(),
        counts: counters.iter().map(count).collect(),
        fleet_size: None,
        approved_by,
        unreadable: if truth.unreadable { vec!["routes".to_owned()] } else { Vec::new() },
    };
    let rules: Vec<Rule> =
        RULES.iter().copied().filter(|rule| without != Some(rule.name)).collect();
    let decision = decide_with(&rules, policy, &facts, action);
    let word = match &decision {
        Decision::Allow { .. } => Word::Allow,
        Decision::Ask { terms, .. } => Word::Ask(terms.count),
        Decision::Refuse { .. } => Word::Refuse,
    };
    Weighed { word, decision, epoch: truth.epoch, counters }
}

/// Whether an intent commits: nothing moved since the decision, and every counter has room.
pub(crate) fn commits(truth: &Truth, weighed: &Weighed, action: &PlannedAction) -> bool {
    let classes: BTreeSet<&str> = weighed.counters.iter().map(|c| c.class.as_str()).collect();
    assert_eq!(classes.is_empty(), weighed.counters.is_empty());
    let room = |counter: &Counter| {
        let of = counter.class.strip_prefix("practice:").unwrap_or(&counter.class);
        let of = of.split('@').next().unwrap();
        truth.count(Some(of).filter(|of| *of != "*"), action.practice) < counter.limit
    };
    truth.epoch == weighed.epoch && weighed.counters.iter().all(room)
}

/// A decision that people are asked by, for the journal.
pub(crate) fn ask(count: u32) -> Decision {
    let terms = json!({ "count": count, "not_requester": false, "within": "1h" });
    serde_json::from_value(json!({ "verdict": "ask", "terms": terms, "reasons": [] })).unwrap()
}
