//! Every rule is needed: without it, a named hostile case goes through.

use stanch_model::{
    ObservableKind::{Host, Ip, User},
    event::Trust,
    guard::{Decision, Mode},
    manifest::EffectClass,
};

use super::World;
use crate::{RULES, Rule, decide, decide_with};

/// (rule, what the attacker or accident does, the case).
fn hostile() -> Vec<(&'static str, &'static str, World)> {
    let quiet = World::quiet;
    vec![
        (
            "facts",
            "routes could not be read",
            quiet().with(|w| {
                w.facts.unreadable = vec!["/proc/net/route".to_owned()];
            }),
        ),
        ("kill_switch", "an act after the stop", quiet().with(|w| w.facts.kill_switch = true)),
        ("mode", "a shadow playbook acts", quiet().with(|w| w.facts.mode = Mode::Shadow)),
        (
            "self_caused",
            "our own block raises an alert",
            quiet().with(|w| w.facts.self_caused = true),
        ),
        (
            "source_trust",
            "a forged mail names a target",
            quiet().with(|w| {
                w.facts.source_trust = Trust::Low;
            }),
        ),
        ("target", "everything is blocked", World::aimed_at(Ip, "0.0.0.0/0")),
        ("own_host", "Stanch blocks itself", World::aimed_at(Ip, "10.9.8.7")),
        ("gateway", "the way out is blocked", World::aimed_at(Ip, "10.9.8.1")),
        ("resolver", "the resolver is blocked", World::aimed_at(Ip, "10.9.8.53")),
        ("shared_infrastructure", "an alert names 8.8.8.8", World::aimed_at(Ip, "8.8.8.8")),
        ("protected", "the domain controller is isolated", World::aimed_at(Host, "dc01.corp.test")),
        (
            "irreversible",
            "a disk is wiped unasked",
            quiet().with(|w| {
                w.action.effect = EffectClass::Irreversible;
            }),
        ),
        ("expiry", "a block that nobody lifts", quiet().with(|w| w.action.expires = None)),
        (
            "budget",
            "all accounts are disabled one by one",
            World::aimed_at(User, "user-6").with(|w| {
                w.count(5);
            }),
        ),
    ]
}

#[test]
fn dropping_any_one_rule_lets_its_hostile_case_through() {
    assert_eq!(super::outline(&World::quiet().decide()), "allow", "positive control");
    let hostile = hostile();
    let cases: Vec<&str> = hostile.iter().map(|(rule, ..)| *rule).collect();
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(cases, rules, "one case per rule");
    for (rule, what, World { policy, facts, action }) in &hostile {
        let with = decide(policy, facts, action);
        assert!(!matches!(with, Decision::Allow { .. }), "{what}: allowed");
        let others: Vec<Rule> = RULES.iter().copied().filter(|r| r.name != *rule).collect();
        let without = decide_with(&others, policy, facts, action);
        assert!(
            matches!(without, Decision::Allow { .. }),
            "{what}: another rule stops it too, so this case does not show that `{rule}` is needed: {without:?}"
        );
    }
}

#[test]
fn names_are_unique_and_said_in_a_sentence() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    assert!(RULES.iter().all(|rule| rule.about.len() > 10));
}
