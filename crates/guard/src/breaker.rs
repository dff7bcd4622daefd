//! Breakers: whether a class of acts has gone wrong too often, from what became of the last ones.
//!
//! Nothing is remembered: the standing is a function of the acts. An act goes wrong when it fails, when its outcome cannot
//! be found out, or when a person takes it back within `undone_within`. It *trips* a breaker where a threshold is
//! reached at that moment, where the last acts all went wrong (as many as the lowest threshold says, however long that
//! took), or where the breaker had tripped before and no act since has shown that things are well again. After the
//! last trip the breaker is open for `cool_down`; then it is half-open and lets one act at a time through; the first
//! one that works closes it.
//!
//! Written so that it is monotone: a lower threshold, a longer cool-down or one more thing to watch never makes
//! a breaker closed that was open, and never one half-open that was open. A test holds it to that. It also makes
//! the standing independent of how far back the acts go, as long as the last of them are there.

use std::cmp::Reverse;

use stanch_model::{Time, duration, plan::PlannedAction};

use crate::{
    Facts, Policy,
    budget::keys,
    facts::{Act, BreakerFacts, Outcome},
    policy::Breaker,
};

/// How many acts are looked at: built-in budgets let fewer through in any window that is built in.
pub const ACTS_MAX: usize = 500;

/// How a breaker stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Acts pass.
    Closed,
    /// One act at a time passes, to see.
    HalfOpen {
        /// When it last tripped.
        since: Time,
        /// How many acts were let through since it is half-open.
        probes: u32,
        /// Whether an act is under way.
        pending: bool,
        /// What tripped it.
        why: String,
    },
    /// No act passes.
    Open {
        /// When it will be half-open.
        until: Time,
        /// What tripped it.
        why: String,
    },
}

/// How every breaker that watches this act stands, by its key; none where the facts do not say.
#[must_use]
pub fn standings(
    policy: &Policy,
    facts: &Facts,
    action: &PlannedAction,
) -> Vec<(String, Option<Standing>)> {
    let mut found = Vec::new();
    for breaker in policy.breakers().iter().filter(|b| b.class.matches(&facts.class)) {
        for key in keys(breaker.class.as_str(), breaker.scope, facts, action) {
            let watched = facts.breakers.iter().find(|watched| watched.key == key);
            found.push((key, watched.map(|watched| standing(breaker, watched, facts.now))));
        }
    }
    found
}

/// How `breaker` stands at `now`, after the acts that it watches.
#[must_use]
pub fn standing(breaker: &Breaker, watched: &BreakerFacts, now: Time) -> Standing {
    let acts = Acts::new(breaker, watched);
    let mut tripped: Option<(Time, String)> = None;
    for (at, _) in &acts.wrongs {
        let again = tripped.as_ref().is_some_and(|(last, _)| !acts.well_after(*last, *at));
        let why = acts.threshold(*at).or_else(|| {
            again.then(|| "an act went wrong before one had shown that things are well".to_owned())
        });
        if let Some(why) = why {
            tripped = Some((*at, why));
        }
    }
    let Some((since, why)) = tripped else { return Standing::Closed };
    let until = since.plus(breaker.cool_down);
    if now < until {
        return Standing::Open { until, why };
    }
    if acts.well_after(since, now) {
        return Standing::Closed;
    }
    let through = acts.all.iter().filter(|act| act.intended_at >= until).count();
    Standing::HalfOpen {
        since,
        probes: u32::try_from(through).unwrap_or(u32::MAX),
        pending: acts.all.iter().any(|act| act.outcome.settled_at().is_none()),
        why,
    }
}

/// In which way an act went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Failed,
    Undone,
}

struct Acts<'a> {
    breaker: &'a Breaker,
    all: Vec<&'a Act>,
    /// What went wrong that this breaker watches, and when that was known; in order of time.
    wrongs: Vec<(Time, Wrong)>,
}

impl<'a> Acts<'a> {
    fn new(breaker: &'a Breaker, watched: &'a BreakerFacts) -> Self {
        let counts = |act: &&Act| watched.reset_at.is_none_or(|reset| act.intended_at > reset);
        let all: Vec<&Act> = watched.acts.iter().filter(counts).collect();
        let mut wrongs: Vec<(Time, Wrong)> = all
            .iter()
            .flat_map(|act| [failed(breaker, act), undone(breaker, act)])
            .flatten()
            .collect();
        wrongs.sort_by_key(|(at, _)| *at);
        Self { breaker, all, wrongs }
    }

    /// Whether an act that was let through after a trip at `trip` had worked by `at`.
    fn well_after(&self, trip: Time, at: Time) -> bool {
        let through = trip.plus(self.breaker.cool_down);
        self.all.iter().any(|act| {
            let Outcome::Done { at: done } = act.outcome else { return false };
            act.intended_at >= through && done > trip && done <= at
        })
    }

    /// Why what went wrong at `at` trips the breaker by itself.
    fn threshold(&self, at: Time) -> Option<String> {
        self.count(at).or_else(|| self.share(at)).or_else(|| self.in_a_row(at))
    }

    fn count(&self, at: Time) -> Option<String> {
        let since = at.minus(self.breaker.window);
        let within = |wrong: Wrong| {
            let hits = self.wrongs.iter().filter(|(t, w)| *w == wrong && *t > since && *t <= at);
            u32::try_from(hits.count()).unwrap_or(u32::MAX)
        };
        let window = duration::format(self.breaker.window);
        let over = |limit: Option<u32>, wrong: Wrong, word: &str| {
            let (limit, found) = (limit?, within(wrong));
            (found >= limit).then(|| format!("{found} acts {word} in {window}; {limit} are enough"))
        };
        over(self.breaker.failures, Wrong::Failed, "failed")
            .or_else(|| over(self.breaker.undos, Wrong::Undone, "were taken back by people"))
    }

    fn share(&self, at: Time) -> Option<String> {
        let percent = self.breaker.percent?;
        let since = at.minus(self.breaker.window);
        let settled = self.all.iter().filter(|act| {
            act.outcome.settled_at().is_some_and(|settled| settled > since && settled <= at)
        });
        let (mut all, mut wrong) = (0_u64, 0_u64);
        for act in settled {
            all += 1;
            wrong += u64::from(self.went_wrong(act, at));
        }
        let enough = all >= u64::from(self.breaker.at_least);
        let over = wrong > 0 && wrong * 100 >= all * u64::from(percent);
        let window = duration::format(self.breaker.window);
        (enough && over).then(|| format!("{wrong} of {all} acts in {window} went wrong"))
    }

    /// However long it took: else a chain of failed attempts, one each cool-down, would be forgotten.
    fn in_a_row(&self, at: Time) -> Option<String> {
        let Breaker { failures, undos, percent, at_least, .. } = self.breaker;
        let least = [*failures, *undos, percent.map(|_| *at_least)].into_iter().flatten().min()?;
        let mut settled: Vec<(Time, &Act)> = self
            .all
            .iter()
            .filter_map(|act| Some((act.outcome.settled_at()?, *act)))
            .filter(|(settled, _)| *settled <= at)
            .collect();
        // Of those that settled at one moment, what went wrong counts as the last.
        settled.sort_by_key(|(settled, act)| (Reverse(*settled), !self.went_wrong(act, at)));
        let least = usize::try_from(least).unwrap_or(usize::MAX);
        let row = settled.iter().take(least).filter(|(_, act)| self.went_wrong(act, at)).count();
        (row == least).then(|| format!("the last {row} acts all went wrong"))
    }

    /// Whether it had gone wrong by `at`, in a way that is watched.
    fn went_wrong(&self, act: &Act, at: Time) -> bool {
        let by = |wrong: Option<(Time, Wrong)>| wrong.is_some_and(|(when, _)| when <= at);
        by(failed(self.breaker, act)) || by(undone(self.breaker, act))
    }
}

fn failed(breaker: &Breaker, act: &Act) -> Option<(Time, Wrong)> {
    let watched = breaker.failures.is_some() || breaker.percent.is_some();
    let at = act.outcome.settled_at().filter(|_| act.outcome.is_bad() && watched)?;
    Some((at, Wrong::Failed))
}

fn undone(breaker: &Breaker, act: &Act) -> Option<(Time, Wrong)> {
    let watched = breaker.undos.is_some() || breaker.percent.is_some();
    let soon = |at: &Time| *at <= act.intended_at.plus(breaker.undone_within);
    let at = act.undone_at.filter(|at| watched && soon(at))?;
    Some((at, Wrong::Undone))
}
