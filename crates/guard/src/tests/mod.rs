//! Tests of the decision: the case that acts, then everything that must not.

mod approvals;
mod arbitrary;
mod assets;
mod breakers;
mod budgets;
mod canary;
mod changes;
mod files;
mod freeze;
mod needed;
mod never;
mod policy_file;
mod rights;
mod spellings;
mod table;
mod trust;

use std::{net::IpAddr, time::Duration};

use stanch_model::{
    Observable, ObservableKind, Time,
    event::Trust,
    guard::{Decision, Mode},
    manifest::EffectClass,
    plan::{PlannedAction, StepKey},
};

use crate::{
    BreakerFacts, Counted, Facts, Policy, breaker_keys, counters, decide,
    facts::{Act, AssetFacts, AssetRecord, Fleet, Outcome, Parties},
};

/// A policy, facts and an action that together are allowed: the positive control of every test.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) facts: Facts,
    pub(crate) action: PlannedAction,
}

impl World {
    /// Blocks an address for a day, in an earned `auto`, nothing counted yet.
    pub(crate) fn quiet() -> Self {
        let action = action("firewall.block_address", ObservableKind::Ip, "203.0.113.7");
        let policy = serde_json::from_value(serde_json::json!({
            "protected": [
                { "kind": "host", "value": "dc01.corp.test", "note": "domain controller" },
                { "kind": "host", "value": "*.ot.corp.test", "automatic": "ask", "approvals": 2 },
                { "kind": "ip", "value": "198.51.100.0/28", "note": "partner" },
                { "kind": "user", "value": "ceo", "automatic": "never", "approvals": 3 },
                { "kind": "email_address", "value": "abuse@corp.test" }
            ],
            "shared": [{ "value": "192.0.2.0/24", "note": "our CDN" }, { "value": "*.cdn.test" }]
        }))
        .unwrap();
        let facts = Facts {
            now: at("2026-06-17T10:00:00Z"),
            run: "run_1".to_owned(),
            class: "firewall.block_address".to_owned(),
            playbook: "contain-c2-beacon".to_owned(),
            mode: Mode::Auto,
            max_mode: Mode::Auto,
            auto_earned: true,
            kill_switch: false,
            requested_by_person: false,
            source_trust: Trust::High,
            self_caused: false,
            own_addresses: vec![ip("10.9.8.7"), ip("2001:db8::7")],
            own_names: vec!["stanch.corp.test".to_owned(), "svc-stanch".to_owned()],
            gateways: vec![ip("10.9.8.1")],
            resolvers: vec![ip("10.9.8.53")],
            shared_infrastructure: None,
            aliases: vec![],
            asset: AssetRecord::Known { asset: AssetFacts::default() },
            fleet: Fleet { hosts: Some(1_000), site_hosts: Some(1_000) },
            counts: vec![],
            breakers: vec![],
            canary: vec![],
            again: false,
            parties: Parties::default(),
            approved_by: 0,
            unreadable: vec![],
        };
        let mut world = Self { policy, facts, action };
        world.count(0);
        world
    }

    pub(crate) fn aimed_at(kind: ObservableKind, value: &str) -> Self {
        let mut world = Self::quiet();
        let class = match kind {
            ObservableKind::Host => "edr.isolate_host",
            ObservableKind::User => "directory.disable_account",
            _ => "firewall.block_address",
        };
        world.facts.class = class.to_owned();
        world.action = action(class, kind, value);
        world.count(0);
        world
    }

    /// Says that every counter holds `intents`, and that no breaker has seen an act.
    pub(crate) fn count(&mut self, intents: u32) {
        let Self { policy, facts, action } = self;
        let keys = breaker_keys(policy, facts, action).into_iter();
        facts.breakers =
            keys.map(|key| BreakerFacts { key, acts: vec![], reset_at: None }).collect();
        let counters = counters(policy, facts, action);
        facts.counts = counters.into_iter().map(|counter| Counted { counter, intents }).collect();
    }

    /// Says that every breaker has seen these acts.
    pub(crate) fn acts(&mut self, acts: &[Act]) {
        self.facts.breakers.iter_mut().for_each(|watched| watched.acts = acts.to_vec());
    }

    /// Puts another policy in force, under which nothing is counted yet.
    pub(crate) fn policy(mut self, policy: serde_json::Value) -> Self {
        self.policy = serde_json::from_value(policy).unwrap();
        self.count(0);
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn decide(&self) -> Decision {
        decide(&self.policy, &self.facts, &self.action)
    }
}

pub(crate) fn at(text: &str) -> Time {
    text.parse().unwrap()
}

/// An act that was intended and settled at that minute before [`World::quiet`]'s moment.
pub(crate) fn act(minutes_before: u64, outcome: fn(Time) -> Outcome) -> Act {
    let then = at("2026-06-17T10:00:00Z").minus(Duration::from_secs(minutes_before * 60));
    Act {
        target: format!("host-{minutes_before}"),
        intended_at: then,
        outcome: outcome(then),
        undone_at: None,
    }
}

pub(crate) fn done(at: Time) -> Outcome {
    Outcome::Done { at }
}

pub(crate) fn failed(at: Time) -> Outcome {
    Outcome::Failed { at }
}

pub(crate) fn pending(_: Time) -> Outcome {
    Outcome::Pending
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn action(name: &str, kind: ObservableKind, value: &str) -> PlannedAction {
    PlannedAction {
        key: StepKey("act".to_owned()),
        name: name.to_owned(),
        title: name.to_owned(),
        instance: "edge".to_owned(),
        connector: "nftables".to_owned(),
        action: "act".to_owned(),
        practice: false,
        manifest_digest: String::new(),
        effect: EffectClass::Reversible,
        target: Some(Observable { kind, value: value.to_owned() }),
        input: serde_json::json!({}),
        part: None,
        undo: Some("take it back".to_owned()),
        expires: Some(Duration::from_secs(86_400)),
    }
}

/// `allow`, `hold`, `ask N` or `refuse`, and the rules that objected.
pub(crate) fn outline(decision: &Decision) -> String {
    let rules: Vec<&str> = decision.reasons().iter().map(|reason| reason.rule.as_str()).collect();
    match decision {
        Decision::Allow { .. } => "allow".to_owned(),
        Decision::Ask { terms, .. } => format!("ask {} {}", terms.count, rules.join(" ")),
        Decision::Hold { .. } => format!("hold {}", rules.join(" ")),
        Decision::Refuse { .. } => format!("refuse {}", rules.join(" ")),
    }
}

#[track_caller]
pub(crate) fn check(world: &World, expect: &str) {
    let decision = world.decide();
    assert_eq!(outline(&decision), expect, "{:?} {decision:#?}", world.action.target);
}
