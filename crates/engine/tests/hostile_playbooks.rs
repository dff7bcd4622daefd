//! Hostile playbooks on hostile alerts, with deaths, doubled deliveries, a kill switch that moves and people who
//! say anything: no act outside of plan, approval, budget, protection or kill switch.
//!
//! Each case is a number: playbooks, alert, policy, target and everything that happens come of it. Whether an
//! act was right is judged from what the world truly was, not by the guard; so a guard that lacks any one of
//! its rules is found out, which is a test of its own.
//!
//! `STANCH_CASES` says how many cases are tried, `STANCH_SEED` with which number they begin.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "hostile/dice.rs"]
mod dice;
#[path = "hostile/drive.rs"]
mod drive;
#[path = "hostile/guard.rs"]
mod guard;
#[path = "hostile/judge.rs"]
mod judge;
#[path = "hostile/truth.rs"]
mod truth;
#[path = "hostile/write.rs"]
mod write;

use std::{collections::BTreeMap, env};

use drive::{Outcome, play};
use guard::RULES;

/// Cases in CI; the soak tries 100,000.
const CASES: u64 = 2_500;

/// Cases in which the lack of one rule has to be found out.
const CASES_WITHOUT: u64 = 4_000;

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn no_act_outside_of_plan_budget_protection_or_kill_switch() {
    let (cases, first) = (setting("STANCH_CASES", CASES), setting("STANCH_SEED", 1));
    let (mut refused, mut reached, mut intents, mut sent) = (0, 0, 0, 0);
    let (mut kinds, mut ends) = (BTreeMap::new(), BTreeMap::new());
    for seed in first..first + cases {
        let Some(Outcome { wrong, intents: own, sent: acts, seen, state, text }) = play(seed, None)
        else {
            refused += 1;
            continue;
        };
        assert!(wrong.is_empty(), "STANCH_SEED={seed}:\n{}\n{text}", wrong.join("\n"));
        reached += u64::from(own > 0);
        intents += own;
        sent += acts;
        *ends.entry(state).or_insert(0_u64) += 1;
        for kind in seen {
            *kinds.entry(kind).or_insert(0_u64) += 1;
        }
    }
    let played = cases - refused;
    let share = reached * 100 / played;
    println!(
        "cases: {played} played, {refused} refused by the checker; {reached} reached an intent ({share} %), \
         {intents} intents, {sent} sends"
    );
    println!("steps: {kinds:?}\nends: {ends:?}");
    assert!(share >= 30, "too few cases reach an intent: {share} %");
    assert!(refused * 10 < cases, "the checker refuses too many: {refused}");
    let missing: Vec<&str> =
        write::KINDS.into_iter().filter(|kind| !kinds.contains_key(kind)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}

/// A guard without any one of its rules lets something through that the judge finds.
#[test]
fn each_rule_of_the_guard_is_missed_if_it_is_not_there() {
    let mut found = BTreeMap::new();
    for rule in RULES {
        let case = (1..=CASES_WITHOUT).find_map(|seed| {
            let outcome = play(seed, Some(rule.name))?;
            Some((seed, outcome.wrong.into_iter().next()?))
        });
        let (seed, wrong) = case.unwrap_or_else(|| panic!("nobody misses `{}`", rule.name));
        found.insert(rule.name, format!("{seed}: {wrong}"));
    }
    for (rule, wrong) in &found {
        println!("without `{rule}`: {wrong}");
    }
    assert_eq!(found.len(), RULES.len());
}
