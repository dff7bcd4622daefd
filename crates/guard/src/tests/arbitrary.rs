//! Policies, facts and actions of every kind, with a past that all counters and breakers agree on.

use std::time::Duration;

use proptest::{prelude::*, sample::subsequence};
use serde_json::{Map, Value, json};
use stanch_model::{
    ObservableKind::{Host, Ip, User},
    event::Trust,
    guard::{Criticality, Mode},
    manifest::EffectClass,
    people::Role,
};

use super::{World, breakers::any_act};
use crate::{
    BreakerFacts, Counted, Facts, Policy, breaker_keys,
    budget::keys,
    counters,
    facts::{Act, AssetFacts, AssetRecord, Fleet, Parties, Party, PartyKind},
    policy::Scope,
};

/// A policy in which every field says something.
pub(crate) fn full() -> Policy {
    let list = |items: &[Value]| Value::Array(items.to_vec());
    let (protected, shared) = (protected_pool(), shared_pool());
    policy(json!({
        "policy": "full",
        "title": "says something everywhere",
        "protected": list(&protected),
        "shared": list(&shared),
        "budgets": list(&budget_pool()),
        "fleet": { "percent": 3, "at_least": 2, "window": "2h" },
        "approval": { "count": 2, "not_requester": false, "within": "10m" },
        "freeze": list(&freeze_pool()),
        "breakers": list(&breaker_pool()),
        "canaries": list(&canary_pool()),
        "rights": list(&right_pool()),
        "promotion": { "plans": 1, "reliability": 98, "confidence": 90, "precision": 80, "undos": 1, "window": "7d" },
        "loosening": { "people": 3, "delay": "1h" },
    }))
}

fn policy(json: Value) -> Policy {
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{error}"))
}

fn protected_pool() -> Vec<Value> {
    vec![
        json!({ "kind": "host", "value": "ws-01" }),
        json!({ "kind": "host", "value": "*.corp.test", "automatic": "ask", "approvals": 2, "note": "ours" }),
        json!({ "kind": "ip", "value": "203.0.113.0/28" }),
        json!({ "kind": "user", "value": "alice", "approvals": 1 }),
        json!({ "tag": "domain-controller" }),
        json!({ "tag": "server", "automatic": "ask" }),
        json!({ "group": "executives", "approvals": 3 }),
        json!({ "criticality": "high", "automatic": "ask", "approvals": 2 }),
        json!({ "criticality": "critical" }),
    ]
}

fn shared_pool() -> Vec<Value> {
    vec![
        json!({ "value": "203.0.113.0/29", "note": "a neighbour" }),
        json!({ "value": "*.cdn.test" }),
    ]
}

fn budget_pool() -> Vec<Value> {
    let budget = |class: &str, limit: u32, window: &str, scope: &str| json!({ "class": class, "limit": limit, "window": window, "scope": scope });
    vec![
        budget("edr.isolate_host", 3, "1h", "tenant"),
        budget("edr.isolate_host", 9, "2h", "tenant"),
        budget("edr.*", 4, "3h", "playbook"),
        budget("*", 5, "1h", "tenant"),
        budget("*", 300, "1h", "tenant"),
        budget("*", 6, "4h", "instance"),
        budget("firewall.block_address", 0, "1h", "tenant"),
        budget("*", 3, "6h", "site"),
        budget("directory.disable_account", 2, "6h", "group"),
    ]
}

fn freeze_pool() -> Vec<Value> {
    vec![
        json!({ "name": "nights", "from": "22:00", "to": "06:00", "zone": "Europe/Berlin", "then": "ask" }),
        json!({ "name": "wednesdays", "days": "wed", "classes": "edr.*" }),
        json!({ "name": "june", "dates": "2026-06-01..2026-06-30", "then": "ask", "approvals": 2 }),
        json!({ "name": "noon", "from": "11:00", "to": "13:00", "zone": "Europe/Berlin", "note": "visits" }),
    ]
}

fn breaker_pool() -> Vec<Value> {
    vec![
        json!({ "class": "*", "scope": "playbook", "failures": 3, "cool_down": "30m" }),
        json!({ "class": "*", "scope": "playbook", "failures": 8, "undos": 8 }),
        json!({ "class": "edr.*", "undos": 1, "undone_within": "20m", "window": "2h" }),
        json!({ "class": "*", "scope": "instance", "percent": 40, "at_least": 3, "window": "2h" }),
    ]
}

fn canary_pool() -> Vec<Value> {
    vec![
        json!({ "class": "edr.*", "first": 1, "wait": "10m", "tolerate": 0 }),
        json!({ "class": "*", "first": 2, "wait": "2h", "tolerate": 50 }),
        json!({ "class": "firewall.block_address", "first": 20, "wait": "1m", "tolerate": 100 }),
    ]
}

fn right_pool() -> Vec<Value> {
    vec![
        json!({ "permit": { "who": { "role": "responder" }, "what": "*" } }),
        json!({ "permit": { "who": { "group": "responders" }, "what": "edr.*", "on": { "tag": "server" } } }),
        json!({ "permit": { "who": { "playbook": "*" }, "what": ["edr.*", "firewall.*"] } }),
        json!({ "permit": { "who": { "connector": "edge" }, "what": "*" }, "name": "the edge" }),
        json!({ "forbid": { "who": "anybody", "what": "*", "on": { "tag": "domain-controller" } } }),
        json!({ "forbid": { "who": { "playbook": "p-2" }, "what": "directory.*", "on": { "kind": "user" } } }),
    ]
}

fn some(pool: Vec<Value>) -> impl Strategy<Value = Value> {
    let most = pool.len().min(3);
    // Half of all policies leave a list out, else hardly any act would pass all of them.
    prop_oneof![
        2 => Just(json!([])),
        1 => subsequence(pool, 0..=most).prop_map(Value::Array),
    ]
}

/// The fields of a policy, in any combination.
pub(crate) fn fields() -> impl Strategy<Value = Map<String, Value>> {
    let number = |low: u32, high: u32| low..=high;
    let singles = (
        (number(0, 4), number(0, 3), number(1, 3)),
        (number(1, 3), any::<bool>(), number(1, 3)),
        (number(0, 9), number(97, 99), number(1, 3)),
        (number(1, 3), number(0, 2)),
    );
    let singles = singles.prop_map(|((percent, at_least, w), (count, not, within), (plans, r, undos), (people, days))| {
        json!({
            "fleet": { "percent": percent, "at_least": at_least, "window": format!("{w}h") },
            "approval": { "count": count, "not_requester": not, "within": format!("{within}h") },
            "promotion": { "plans": plans, "reliability": r, "undos": undos },
            "loosening": { "people": people, "delay": format!("{days}d") },
        })
    });
    let lists = (
        some(protected_pool()),
        some(shared_pool()),
        some(budget_pool()),
        some(freeze_pool()),
        some(breaker_pool()),
        some(canary_pool()),
        some(right_pool()),
    );
    (singles, lists).prop_map(
        |(singles, (protected, shared, budgets, freeze, breakers, canaries, rights))| {
            let lists = json!({
                "protected": protected, "shared": shared, "budgets": budgets, "freeze": freeze,
                "breakers": breakers, "canaries": canaries, "rights": rights,
            });
            let mut map = singles.as_object().unwrap().clone();
            map.extend(lists.as_object().unwrap().clone());
            map
        },
    )
}

pub(crate) fn any_policy() -> impl Strategy<Value = Policy> {
    fields().prop_map(|fields| policy(Value::Object(fields)))
}

/// Another value of the same kind: one more or less, twice or half the time, the other word.
fn turned(key: &str, value: &Value, up: bool) -> Value {
    match value {
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or(0);
            json!(if up { number + 1 } else { number.saturating_sub(1) })
        }
        Value::Bool(yes) => json!(!yes),
        Value::String(text) => match (key, text.as_str()) {
            ("then", "ask") => json!("refuse"),
            ("then", _) => json!("ask"),
            ("automatic", "ask") => json!("never"),
            ("tag", "server") => json!("workstation"),
            ("tag" | "group", _) => json!("server"),
            ("what" | "classes" | "class", "*") => json!("edr.*"),
            ("what" | "classes" | "class", _) => json!("*"),
            ("days", _) => json!("thu"),
            ("from" | "to", _) => json!(if up { "21:00" } else { "05:00" }),
            ("scope", "tenant") => json!("site"),
            ("scope", _) => json!("tenant"),
            ("criticality", "high") => json!("critical"),
            ("criticality", _) => json!("medium"),
            ("playbook" | "connector", "*") => json!("p-2"),
            ("playbook" | "connector", _) => json!("*"),
            ("role", "responder") => json!("admin"),
            ("role", _) => json!("viewer"),
            _ => stanch_model::duration::parse(text).map_or_else(
                |_| value.clone(),
                |time| {
                    let other = if up { time * 2 } else { time / 2 };
                    json!(stanch_model::duration::format(other))
                },
            ),
        },
        other => other.clone(),
    }
}

/// A document with one of its leaves turned, or left out.
fn tweaked(key: &str, value: &Value, leaf: &mut usize, how: u8) -> Option<Value> {
    match value {
        Value::Object(map) => {
            let mut new = Map::new();
            for (key, value) in map {
                new.extend(tweaked(key, value, leaf, how).map(|value| (key.clone(), value)));
            }
            Some(Value::Object(new))
        }
        Value::Array(list) => {
            let list = list.iter().filter_map(|value| tweaked(key, value, leaf, how));
            Some(Value::Array(list.collect()))
        }
        value => {
            let hit = *leaf == 0;
            *leaf = leaf.wrapping_sub(1);
            match (hit, how) {
                (false, _) => Some(value.clone()),
                (true, 0) => None,
                (true, how) => Some(turned(key, value, how == 1)),
            }
        }
    }
}

/// Two policies that have most fields in common; in others the second has its own, or both entries, or the same
/// with one value turned.
pub(crate) fn two_policies() -> impl Strategy<Value = (Policy, Policy)> {
    let choice = prop_oneof![12 => Just(0_u8), 1 => Just(1), 2 => Just(2), 3 => Just(3)];
    let tweak = (0_usize..12, 0_u8..3);
    let choices = prop::collection::vec((choice, tweak), 11);
    (fields(), fields(), choices).prop_map(|(old, other, choices)| {
        let mut new = old.clone();
        for ((key, own), (choice, (mut leaf, how))) in old.iter().zip(choices) {
            let value = match (choice, own, &other[key]) {
                (0, own, _) => own.clone(),
                (3, own, _) => {
                    let value = tweaked(key, own, &mut leaf, how).unwrap();
                    let alone = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
                    // What is no policy any more is left as it was.
                    if serde_json::from_value::<Policy>(alone).is_ok() {
                        value
                    } else {
                        own.clone()
                    }
                }
                (2, Value::Array(own), Value::Array(more)) => {
                    let more = more.iter().filter(|entry| !own.contains(entry));
                    Value::Array(own.iter().chain(more).cloned().collect())
                }
                (_, _, other) => other.clone(),
            };
            new.insert(key.clone(), value);
        }
        (policy(Value::Object(old)), policy(Value::Object(new)))
    })
}

/// An act of the past, and what it counts under.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    act: Act,
    class: &'static str,
    playbook: &'static str,
    this_run: bool,
    practice: bool,
    asset: AssetRecord,
}

/// Everything but the policy.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    world: World,
    past: Vec<Past>,
}

impl Situation {
    /// The same under a policy: what is counted, watched and waited for is what the past holds.
    pub(crate) fn under(&self, policy: &Policy) -> World {
        let mut world = World { policy: policy.clone(), ..self.world.clone() };
        let World { facts, action, .. } = &mut world;
        let ours = |past: &&Past| {
            past.this_run && past.class == facts.class && past.practice == action.practice
        };
        facts.canary = self.past.iter().filter(ours).map(|past| past.act.clone()).collect();
        let watched = breaker_keys(policy, facts, action).into_iter().map(|key| {
            let acts = self.past.iter().filter(|past| self.keys(past).contains(&key));
            let acts = acts.map(|past| past.act.clone()).collect();
            BreakerFacts { key, acts, reset_at: None }
        });
        facts.breakers = watched.collect();
        facts.counts = counters(policy, facts, action)
            .into_iter()
            .map(|counter| {
                let intents = self.intents(&counter.class, counter.window);
                Counted { counter, intents }
            })
            .collect();
        world
    }

    /// How many acts of the past count under a key.
    pub(crate) fn intents(&self, key: &str, window: Duration) -> u32 {
        let since = self.world.facts.now.minus(window);
        let counts = |past: &&Past| {
            past.act.intended_at > since && self.keys(past).iter().any(|own| own == key)
        };
        u32::try_from(self.past.iter().filter(counts).count()).unwrap()
    }

    fn keys(&self, past: &Past) -> Vec<String> {
        let mut action = self.world.action.clone();
        action.practice = past.practice;
        let facts = Facts {
            class: past.class.to_owned(),
            playbook: past.playbook.to_owned(),
            asset: past.asset.clone(),
            ..self.world.facts.clone()
        };
        let kind = past.class.split_once('.').unwrap().0;
        let mut all = vec![format!("{}@fleet", past.class)];
        for class in [past.class.to_owned(), format!("{kind}.*"), "*".to_owned()] {
            for scope in
                [Scope::Tenant, Scope::Playbook, Scope::Instance, Scope::Site, Scope::Group]
            {
                all.extend(keys(&class, scope, &facts, &action));
            }
        }
        all
    }
}

fn asset() -> impl Strategy<Value = AssetRecord> {
    let known = (
        subsequence(vec!["domain-controller", "server", "workstation"], 0..=1),
        subsequence(vec!["executives", "nurses"], 0..=1),
        prop::option::of(prop::sample::select(vec!["berlin", "paris"])),
        prop::option::of(prop::sample::select(vec![
            Criticality::Low,
            Criticality::Medium,
            Criticality::High,
            Criticality::Critical,
        ])),
    );
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let known = known.prop_map(move |(tags, groups, site, criticality)| AssetRecord::Known {
        asset: AssetFacts {
            tags: owned(tags),
            groups: owned(groups),
            site: site.map(str::to_owned),
            criticality,
            owner: None,
        },
    });
    prop_oneof![
        8 => known,
        4 => Just(AssetRecord::NotListed),
        1 => Just(AssetRecord::Unreadable { why: "down".to_owned() }),
    ]
}

fn parties() -> impl Strategy<Value = Parties> {
    let party = (0_usize..4).prop_map(|who| {
        let (name, role, groups): (_, _, &[&str]) = [
            ("alice", Role::Responder, ["responders"].as_slice()),
            ("bob", Role::Viewer, [].as_slice()),
            ("carol", Role::Admin, [].as_slice()),
            ("dave", Role::Viewer, ["responders"].as_slice()),
        ][who];
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Party { kind: PartyKind::Person, name: name.to_owned(), role: Some(role), groups }
    });
    let party = party.boxed();
    (
        prop::option::of(party.clone()),
        prop::option::of(party.clone()),
        prop::collection::vec(party, 0..4),
    )
        .prop_map(|(author, requester, approvers)| Parties { author, requester, approvers })
}

/// Mostly harmless, so that what a policy says is what decides.
fn rarely() -> impl Strategy<Value = bool> {
    prop_oneof![30 => Just(false), 1 => Just(true)]
}

fn mostly() -> impl Strategy<Value = bool> {
    prop_oneof![9 => Just(true), 1 => Just(false)]
}

const CLASSES: [&str; 3] =
    ["edr.isolate_host", "firewall.block_address", "directory.disable_account"];

fn past() -> impl Strategy<Value = Past> {
    let class = prop::sample::select(CLASSES.as_slice());
    let playbook = prop::sample::select(["contain-c2-beacon", "p-2"].as_slice());
    (any_act(), class, playbook, any::<bool>(), rarely(), asset()).prop_map(
        |(act, class, playbook, this_run, practice, asset)| Past {
            act,
            class,
            playbook,
            this_run,
            practice,
            asset,
        },
    )
}

fn target() -> impl Strategy<Value = World> {
    let values = [
        (Host, "ws-01"),
        (Host, "ws-02"),
        (Host, "plc.corp.test"),
        (Ip, "203.0.113.9"),
        (Ip, "203.0.113.77"),
        (Ip, "8.8.8.8"),
        (Ip, "198.51.100.1/24"),
        (User, "alice"),
        (User, "mallory"),
    ];
    let likely = prop_oneof![8 => 0_usize..5, 1 => 5_usize..7, 3 => 7_usize..9];
    likely.prop_map(move |which| World::aimed_at(values[which].0, values[which].1))
}

pub(crate) fn any_situation() -> impl Strategy<Value = Situation> {
    let standing = (mostly(), mostly(), rarely(), rarely(), rarely(), rarely());
    let act = (rarely(), rarely(), rarely(), 0_u32..4, prop::option::of(1_u32..2_000));
    let time = 0_u64..(7 * 24 * 12);
    let past = prop::collection::vec(past(), 0..10);
    (target(), asset(), parties(), standing, act, time, past).prop_map(
        |(mut world, asset, parties, standing, act, time, past)| {
            let (auto, earned, kill, caused, low, unreadable) = standing;
            let (practice, irreversible, forever, approved_by, hosts) = act;
            let facts = &mut world.facts;
            facts.now = facts.now.plus(Duration::from_secs(time * 300));
            facts.mode = if auto { Mode::Auto } else { Mode::Assist };
            facts.auto_earned = earned;
            facts.kill_switch = kill;
            facts.self_caused = caused;
            facts.source_trust = if low { Trust::Low } else { Trust::High };
            facts.unreadable = if unreadable { vec!["x".to_owned()] } else { vec![] };
            facts.asset = asset;
            facts.fleet = Fleet { hosts, site_hosts: hosts.map(|hosts| hosts / 3) };
            facts.parties = parties;
            facts.approved_by = approved_by;
            world.action.practice = practice;
            if irreversible {
                world.action.effect = EffectClass::Irreversible;
            }
            if forever {
                world.action.expires = None;
            }
            // The past lies before this moment, whenever that is.
            let shift = Duration::from_secs(time * 300);
            let past = past.into_iter().map(|mut past| {
                past.act = shifted(past.act, shift);
                past
            });
            Situation { world, past: past.collect() }
        },
    )
}

fn shifted(act: Act, by: Duration) -> Act {
    use crate::facts::Outcome;
    let outcome = match act.outcome {
        Outcome::Pending => Outcome::Pending,
        Outcome::Done { at } => Outcome::Done { at: at.plus(by) },
        Outcome::Failed { at } => Outcome::Failed { at: at.plus(by) },
        Outcome::Unknown { at } => Outcome::Unknown { at: at.plus(by) },
    };
    Act {
        target: act.target,
        intended_at: act.intended_at.plus(by),
        outcome,
        undone_at: act.undone_at.map(|at| at.plus(by)),
    }
}
