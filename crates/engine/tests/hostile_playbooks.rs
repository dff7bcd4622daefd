//! Hostile playbooks on hostile alerts, with deaths, doubled deliveries, a kill switch that moves and people who
//! say anything: no act outside of plan, approval, budget, protection, rights, quiet hours or kill switch.
//!
//! Each case is a number: playbooks, alert, policy, target and everything that happens come of it. Whether an
//! act was right is judged from what the world truly was, not by the guard; so a guard that lacks any one of
//! its rules is found out, which is a test of its own.
//!
//! `STANCH_CASES` says how many cases are tried, `STANCH_SEED` with which number they begin.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "hostile/assets.rs"]
mod assets;
#[path = "hostile/dice.rs"]
mod dice;
#[path = "hostile/drive.rs"]
mod drive;
#[path = "hostile/extra.rs"]
mod extra;
#[path = "hostile/freeze.rs"]
mod freeze;
#[path = "hostile/guard.rs"]
mod guard;
#[path = "hostile/judge.rs"]
mod judge;
#[path = "hostile/pace.rs"]
mod pace;
#[path = "hostile/past.rs"]
mod past;
#[path = "hostile/rights.rs"]
mod rights;
#[path = "hostile/truth.rs"]
mod truth;
#[path = "hostile/write.rs"]
mod write;

use std::{collections::BTreeMap, env};

use drive::{Outcome, play};

/// Cases in CI; the soak tries 100,000.
const CASES: u64 = 2_500;

/// Cases in which the lack of one part has to be found out; played until there are [`FAULTS`].
const CASES_WITHOUT: u64 = 4_000;

/// So many faults are enough to show what a part is for.
const FAULTS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn no_act_outside_of_plan_budget_protection_or_kill_switch() {
    let (cases, first) = (setting("STANCH_CASES", CASES), setting("STANCH_SEED", 1));
    let (mut refused, mut reached, mut intents, mut sent) = (0, 0, 0, 0);
    let (mut kinds, mut ends) = (BTreeMap::new(), BTreeMap::new());
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    let mut faults = Vec::new();
    for seed in first..first + cases {
        let Some(Outcome { wrong, intents: own, sent: acts, spoke, seen, state, text }) =
            play(seed, None)
        else {
            refused += 1;
            continue;
        };
        for why in wrong {
            let is_first = faults.is_empty();
            faults.push(format!("STANCH_SEED={seed}: {why}"));
            if is_first {
                println!("the first fault is of this playbook:\n{text}");
            }
        }
        reached += u64::from(own > 0);
        intents += own;
        sent += acts;
        *ends.entry(state).or_insert(0_u64) += 1;
        for kind in seen {
            *kinds.entry(kind).or_insert(0_u64) += 1;
        }
        for (rule, times) in spoke {
            *rules.entry(rule).or_default() += times;
        }
    }
    let played = cases - refused;
    let share = reached * 100 / played;
    println!(
        "cases: {played} played, {refused} refused by the checker; {reached} reached an intent ({share} %), \
         {intents} intents, {sent} sends"
    );
    println!("steps: {kinds:?}\nends: {ends:?}\nrules that spoke: {rules:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(share >= 30, "too few cases reach an intent: {share} %");
    assert!(refused * 10 < cases, "the checker refuses too many: {refused}");
    let missing: Vec<&str> =
        write::KINDS.into_iter().filter(|kind| !kinds.contains_key(kind)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}

/// A guard without any one of its rules, or of what they rest on, lets something through that the judge finds.
#[test]
fn each_part_of_the_guard_is_missed_if_it_is_not_there() {
    let mut nobody_misses = Vec::new();
    for part in guard::parts() {
        let mut played = 0;
        let found: Vec<(u64, String)> = (1..=CASES_WITHOUT)
            .inspect(|_| played += 1)
            .filter_map(|seed| Some((seed, play(seed, Some(part))?.wrong.into_iter().next()?)))
            .take(FAULTS)
            .collect();
        match found.first() {
            Some((seed, wrong)) => println!(
                "without `{part}`: {} faults in {played} cases; first in {seed}: {wrong}",
                found.len()
            ),
            None => nobody_misses.push(part),
        }
    }
    assert!(nobody_misses.is_empty(), "nobody misses {nobody_misses:?}");
}
