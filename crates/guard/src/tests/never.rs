//! What never happens, for arbitrary policies, facts and actions; and that tightening never lets more through.

use std::cell::Cell;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use stanch_model::{
    ObservableKind,
    guard::{Decision, Direction, Mode},
    manifest::EffectClass,
};

use super::{
    World,
    arbitrary::{Situation, any_policy, any_situation, two_policies},
};
use crate::{
    breaker::{Standing, standings},
    compare,
    compare::loosens,
    facts::AssetRecord,
    freeze::frozen_until,
    policy::{Automatic, FreezeThen, Policy, Scope, Which},
};

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    )
}

/// Everything that forbids this act, found without the rules: from the policy's words and the past.
fn forbidden(world: &World, situation: &Situation) -> Option<String> {
    let World { policy, facts, action } = world;
    let act = action.effect != EffectClass::Read;
    if !act {
        return None;
    }
    if facts.kill_switch || !facts.unreadable.is_empty() || facts.self_caused {
        return Some("kill switch, unreadable facts, or our own doing".to_owned());
    }
    if facts.mode == Mode::Shadow || matches!(facts.asset, AssetRecord::Unreadable { .. }) {
        return Some("shadow, or no inventory".to_owned());
    }
    by_target(world).or_else(|| by_time(world)).or_else(|| by_count(policy, world, situation))
}

fn by_target(World { policy, facts, action }: &World) -> Option<String> {
    let value = action.target.as_ref().map(|t| t.value.as_str()).unwrap_or_default();
    if matches!(value, "8.8.8.8" | "198.51.100.1/24" | "") {
        return Some("shared infrastructure, or no target".to_owned());
    }
    let asset = facts.asset.known();
    let never = policy.protected.iter().find(|entry| {
        let hit = match &entry.which {
            Which::Value { pattern, .. } => {
                let pattern = pattern.to_string();
                pattern == value
                    || (pattern == "*.corp.test" && value.ends_with(".corp.test"))
                    || (pattern == "203.0.113.0/28" && value == "203.0.113.9")
            }
            Which::Tag(tag) => asset.is_some_and(|asset| asset.tags.contains(tag)),
            Which::Group(group) => asset.is_some_and(|asset| asset.groups.contains(group)),
            Which::Criticality(least) => {
                asset.is_some_and(|asset| asset.criticality.is_some_and(|own| own >= *least))
            }
        };
        hit && entry.automatic == Automatic::Never && entry.approvals.is_none()
    });
    never.map(|entry| format!("protected: {}", entry.which))
}

fn by_time(World { policy, facts, action }: &World) -> Option<String> {
    let frozen = policy.freeze.iter().find(|freeze| {
        let meant =
            freeze.classes.is_empty() || freeze.classes.iter().any(|c| c.matches(&facts.class));
        freeze.then == FreezeThen::Refuse && meant && frozen_until(freeze, facts.now).is_some()
    });
    if let Some(freeze) = frozen {
        return Some(format!("frozen by {}", freeze.name));
    }
    let open = standings(policy, facts, action)
        .into_iter()
        .find(|(_, standing)| matches!(standing, Some(Standing::Open { .. }) | None));
    open.map(|(key, _)| format!("the breaker of {key} is open"))
}

/// Budgets in the tenant's scope, and the share of the fleet, counted anew.
fn by_count(policy: &Policy, world: &World, situation: &Situation) -> Option<String> {
    let World { facts, action, .. } = world;
    let realm = if action.practice { "practice:" } else { "" };
    for budget in policy.budgets().iter().filter(|b| b.scope == Scope::Tenant) {
        let key = format!("{realm}{}", budget.class);
        let meant = budget.class.matches(&facts.class);
        if meant && situation.intents(&key, budget.window) >= budget.limit {
            return Some(format!("over the budget of {key}"));
        }
    }
    let is_host = action.target.as_ref().is_some_and(|t| t.kind == ObservableKind::Host);
    let share = u64::from(facts.fleet.hosts.unwrap_or(0)) * u64::from(policy.fleet.percent) / 100;
    let most = u32::try_from(share).unwrap().max(policy.fleet.at_least);
    let used = situation.intents(&format!("{}@fleet", facts.class), policy.fleet.window);
    (is_host && !action.practice && used >= most).then(|| "over the share of the fleet".to_owned())
}

#[test]
fn nothing_that_is_forbidden_is_ever_allowed() {
    let (allowed, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    let cases = 2_500;
    runner(cases)
        .run(&(any_policy(), any_situation()), |(policy, situation)| {
            let world = situation.under(&policy);
            let decision = world.decide();
            let why = forbidden(&world, &situation);
            if let Some(why) = &why {
                refused.set(refused.get() + 1);
                prop_assert!(matches!(decision, Decision::Refuse { .. }), "{why}: {decision:#?}");
            }
            if matches!(decision, Decision::Allow { .. }) {
                allowed.set(allowed.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    let (allowed, refused) = (allowed.get(), refused.get());
    println!("{cases} cases: {allowed} allowed, {refused} forbidden");
    assert!(allowed > cases / 10 && refused > cases / 10, "{allowed} {refused}");
}

/// (refused, how many are asked, held).
fn strictness(decision: &Decision) -> (bool, u32, bool) {
    match decision {
        Decision::Refuse { .. } => (true, 0, false),
        Decision::Ask { terms, .. } => (false, terms.count, false),
        Decision::Hold { .. } => (false, 0, true),
        Decision::Allow { .. } => (false, 0, false),
    }
}

#[test]
fn what_does_not_loosen_lets_nothing_through_that_was_stopped() {
    let (tightened, differed) = (Cell::new(0_u32), Cell::new(0_u32));
    let cases = 2_000;
    let situations = prop::collection::vec(any_situation(), 6);
    runner(cases)
        .run(&(two_policies(), situations), |((old, new), situations)| {
            let changes = compare(&old, &new);
            if changes.is_empty() || loosens(&changes) {
                return Ok(());
            }
            tightened.set(tightened.get() + 1);
            // Fewer go first: a hold may end sooner, because it waits for fewer.
            let fewer = changes
                .iter()
                .any(|c| c.direction == Direction::Tightening && c.what.ends_with(".first"));
            for situation in situations {
                let (before, after) =
                    (situation.under(&old).decide(), situation.under(&new).decide());
                let (a, b) = (strictness(&before), strictness(&after));
                differed.set(differed.get() + u32::from(a != b));
                let refused = !a.0 || b.0;
                let asked = a.1 <= b.1 || b.0;
                let held = !a.2 || b != (false, 0, false) || fewer;
                prop_assert!(
                    refused && asked && held,
                    "{changes:#?}\n{before:#?}\n{after:#?}\n{:#?}",
                    situation
                );
            }
            Ok(())
        })
        .unwrap();
    let (tightened, differed) = (tightened.get(), differed.get());
    println!("{cases} pairs: {tightened} tightened; {differed} decisions became stricter");
    assert!(tightened > cases / 10 && differed > cases / 50, "{tightened} {differed}");
}

#[test]
fn words_alone_change_no_decision() {
    runner(500)
        .run(&(two_policies(), any_situation()), |((old, new), situation)| {
            let changes = compare(&old, &new);
            if changes.iter().all(|change| change.direction == Direction::Neutral) {
                let of = |policy: &Policy| strictness(&situation.under(policy).decide());
                prop_assert_eq!(of(&old), of(&new), "{:#?}", changes);
            }
            Ok(())
        })
        .unwrap();
}

/// Whatever `explain` says of each rule comes to the decision.
#[test]
fn an_explanation_is_about_the_decision_that_was_made() {
    use stanch_model::guard::Ruling;
    runner(500)
        .run(&(any_policy(), any_situation()), |(policy, situation)| {
            let World { policy, facts, action } = situation.under(&policy);
            let considered = crate::explain(&policy, &facts, &action);
            let names: Vec<&str> = considered.iter().map(|c| c.rule.as_str()).collect();
            let rules: Vec<&str> = crate::RULES.iter().map(|rule| rule.name).collect();
            prop_assert_eq!(&names[..rules.len()], &rules[..]);
            let worst = considered.iter().map(|c| c.ruling).max().unwrap();
            let ruling = crate::decide(&policy, &facts, &action).ruling();
            // People answer a question; nothing else takes a ruling back.
            let expected = match worst {
                Ruling::Silent | Ruling::Allow => vec![Ruling::Allow],
                Ruling::Ask => vec![Ruling::Ask, Ruling::Hold, Ruling::Allow],
                worst => vec![worst],
            };
            prop_assert!(expected.contains(&ruling), "{ruling:?} {considered:#?}");
            Ok(())
        })
        .unwrap();
}
