//! The guard as the engine asks it: facts from the truth, a decision, and the counters to fit into.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
pub(crate) use stanch_guard::Policy;
use stanch_guard::{
    BreakerFacts, Counted, Facts, RULES, Rule, breaker_keys, class, counters, decide_with,
    facts::{self, AssetFacts, AssetRecord, Fleet, Outcome, Parties, Party},
};
use stanch_model::{
    Observable, Time,
    guard::{Counter, Decision, Mode},
    people::Role,
    plan::PlannedAction,
};

use super::{
    assets,
    pace::last_of_each,
    past::{Act, Deed, End},
    truth::Truth,
};

/// What can be missing beside a rule.
pub(crate) const OTHERS: [(&str, &str); 7] = [
    ("epoch", "an intent is written though the facts of its decision have changed"),
    ("counters", "an intent is written though there is no room for it any more"),
    ("outcomes", "that an act went wrong meanwhile is no change of the facts"),
    ("votes", "everybody's yes counts as that of a person with every right"),
    ("inventory", "no target is looked up"),
    ("aliases", "nobody knows what else a target is called"),
    ("fleet", "the fleet is taken for larger than it is"),
];

/// Everything that can be missing: each rule of the guard, and what it rests on.
pub(crate) fn parts() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).chain(OTHERS.map(|(name, _)| name)).collect()
}

/// What the guard made of an act.
pub(crate) enum Word {
    Allow,
    Ask(u32),
    Refuse,
    /// Not before that.
    Later(Time),
}

pub(crate) struct Weighed {
    pub(crate) word: Word,
    pub(crate) decision: Decision,
    pub(crate) epoch: u64,
    pub(crate) counters: Vec<Counter>,
    pub(crate) at: Time,
}

/// The class that an act is counted as.
pub(crate) fn class_of(capability: Option<&str>, action: &PlannedAction) -> String {
    class(capability, action)
}

/// Who said yes to the act, and how many the run's journal counts.
pub(crate) struct Yes<'a> {
    pub(crate) people: &'a BTreeSet<usize>,
    pub(crate) journaled: u32,
}

pub(crate) fn weigh(
    (policy, truth): (&Policy, &Truth),
    act: &Act<'_>,
    max_mode: Mode,
    yes: &Yes<'_>,
    without: Option<&str>,
) -> Weighed {
    let mut facts = lacking(standing(truth, act, max_mode, yes), without);
    facts.breakers = breaker_keys(policy, &facts, act.action)
        .into_iter()
        .map(|key| {
            let acts = truth.rows.iter().filter(|(class, _)| *class == key);
            let acts = acts.map(|(_, at)| fact(&truth.past[*at])).collect();
            BreakerFacts { key, acts, reset_at: None }
        })
        .collect();
    let counters = counters(policy, &facts, act.action);
    let count =
        |counter: &Counter| Counted { counter: counter.clone(), intents: counted(truth, counter) };
    facts.counts = counters.iter().map(count).collect();
    let rules: Vec<Rule> =
        RULES.iter().copied().filter(|rule| without != Some(rule.name)).collect();
    let decision = decide_with(&rules, policy, &facts, act.action);
    let word = match &decision {
        Decision::Allow { .. } => Word::Allow,
        Decision::Ask { terms, .. } => Word::Ask(terms.count),
        Decision::Hold { until, .. } => Word::Later(*until),
        Decision::Refuse { .. } => Word::Refuse,
    };
    Weighed { word, decision, epoch: truth.epoch, counters, at: truth.now }
}

/// The facts as somebody gathers them who left one of [`OTHERS`] out.
fn lacking(mut facts: Facts, without: Option<&str>) -> Facts {
    let everything = |party: Party| Party {
        name: format!("somebody like {}", party.name),
        role: Some(Role::Admin),
        groups: vec!["soc".to_owned()],
        ..party
    };
    match without {
        Some("votes") => {
            let approvers = std::mem::take(&mut facts.parties.approvers);
            facts.parties.approvers = approvers.into_iter().map(everything).collect();
        }
        Some("inventory") if facts.asset.known().is_some() => {
            facts.asset = AssetRecord::NotListed;
        }
        Some("aliases") => facts.aliases = Vec::new(),
        Some("fleet") => facts.fleet = Fleet { hosts: Some(10_000), site_hosts: Some(10_000) },
        _ => {}
    }
    facts
}

/// Everything but what is counted.
fn standing(truth: &Truth, act: &Act<'_>, max_mode: Mode, yes: &Yes<'_>) -> Facts {
    let parse = |text: &str| vec![text.parse().unwrap()];
    let target = act.target();
    let asset = assets::of(&target);
    let (hosts, site_hosts) = truth.extra.hosts(asset.site().as_deref());
    let person = |at: &usize| truth.extra.people[*at].party();
    let own = |deed: &&Deed| {
        deed.run == act.run
            && deed.class == act.class
            && deed.action.practice == act.action.practice
    };
    let of_run = last_of_each(truth.past.iter().filter(own), &act.action.key.0);
    Facts {
        now: truth.now,
        class: act.class.to_owned(),
        playbook: act.playbook.to_owned(),
        run: format!("run-{}", act.run),
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
        shared_infrastructure: (target == "203.0.113.200").then(|| "a list".to_owned()),
        aliases: asset
            .also
            .iter()
            .map(|(kind, value)| Observable { kind: *kind, value: (*value).to_owned() })
            .collect(),
        asset: record(truth, asset),
        fleet: Fleet { hosts, site_hosts },
        counts: Vec::new(),
        breakers: Vec::new(),
        canary: of_run.into_iter().map(fact).collect(),
        again: truth.past.iter().filter(own).any(|deed| deed.action.key == act.action.key),
        parties: Parties {
            author: truth.extra.author.as_ref().map(person),
            requester: truth.extra.requester.as_ref().map(person),
            approvers: yes.people.iter().map(person).collect(),
        },
        approved_by: yes.journaled,
        unreadable: if truth.unreadable { vec!["routes".to_owned()] } else { Vec::new() },
    }
}

fn record(truth: &Truth, asset: &assets::Asset) -> AssetRecord {
    if truth.extra.inventory_is_down {
        return AssetRecord::Unreadable { why: "no answer".to_owned() };
    }
    if !asset.listed {
        return AssetRecord::NotListed;
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    AssetRecord::Known {
        asset: AssetFacts {
            tags: names(asset.tags),
            groups: names(asset.groups),
            site: asset.site.map(str::to_owned),
            criticality: asset.criticality,
            owner: None,
        },
    }
}

fn fact(deed: &Deed) -> facts::Act {
    let outcome = match deed.end {
        End::Pending => Outcome::Pending,
        End::Done(at) => Outcome::Done { at },
        End::Failed(at) => Outcome::Failed { at },
        End::Unknown(at) => Outcome::Unknown { at },
    };
    let (target, intended_at, undone_at) = (deed.act().target(), deed.at, deed.undone_at);
    facts::Act { target, intended_at, outcome, undone_at }
}

/// As the store counts: rows of that class in the window.
fn counted(truth: &Truth, counter: &Counter) -> u32 {
    let since = truth.now.minus(counter.window);
    let rows = truth
        .rows
        .iter()
        .filter(|(class, at)| *class == counter.class && truth.past[*at].at > since);
    u32::try_from(rows.count()).unwrap()
}

/// Whether the store would take the intent: nothing moved since the decision, and every counter has room.
pub(crate) fn fits(truth: &Truth, weighed: &Weighed, without: Option<&str>) -> bool {
    let unmoved = truth.epoch == weighed.epoch || without == Some("epoch");
    unmoved && (without == Some("counters") || full(truth, weighed).is_none())
}

/// The counter that has no room.
pub(crate) fn full<'a>(truth: &Truth, weighed: &'a Weighed) -> Option<&'a Counter> {
    weighed.counters.iter().find(|counter| counted(truth, counter) >= counter.limit)
}

/// Writes the intent as the store does: one row for each class that it is counted as.
pub(crate) fn write(truth: &mut Truth, weighed: &Weighed, act: &Act<'_>) {
    let classes: BTreeSet<&str> = weighed.counters.iter().map(|c| c.class.as_str()).collect();
    let at = truth.past.len();
    truth.past.push(Deed::new(act, truth.now));
    truth.rows.extend(classes.into_iter().map(|class| (class.to_owned(), at)));
}

/// A decision that people are asked by, for the journal.
pub(crate) fn ask(count: u32) -> Decision {
    let terms = json!({ "count": count, "not_requester": false, "within": "1h" });
    serde_json::from_value(json!({ "verdict": "ask", "terms": terms, "reasons": [] })).unwrap()
}

/// Which rules spoke in a decision.
pub(crate) fn spoke(decision: &Decision, to: &mut BTreeMap<String, u64>) {
    if matches!(decision, Decision::Allow { .. }) {
        return;
    }
    let rules: BTreeSet<&str> = decision.reasons().iter().map(|r| r.rule.as_str()).collect();
    for rule in rules {
        *to.entry(rule.to_owned()).or_default() += 1;
    }
}
