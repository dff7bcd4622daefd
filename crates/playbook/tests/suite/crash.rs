//! Death at every moment: the run goes on from its journal, the same acts happen, each once, and it ends as
//! it would have.

use std::sync::Arc;

use stanch_model::plan::StepKey;
use stanch_playbook::{Graph, testing::Case};

use crate::{
    driver::{Driver, Outcome, Schedule},
    load::{Loaded, corpus, shipped},
    world::{Fault, World},
};

/// Schedules by which it is found out whether the order matters to a case.
pub(crate) const SHUFFLES: u64 = 6;

/// The outcomes that a case may have, by the order in which things come back.
pub(crate) fn outcomes(
    graph: &Arc<Graph>,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
) -> Vec<Outcome> {
    let mut found: Vec<Outcome> = Vec::new();
    let schedules = (0..SHUFFLES).map(Schedule::Shuffled).chain([Schedule::Queue]);
    for schedule in schedules {
        let world = World::new(graph, case, fault.cloned());
        let driver = Driver::start(graph, world, schedule, false);
        let outcome = driver.outcome();
        if !found.contains(&outcome) {
            found.push(outcome);
        }
    }
    found
}

/// Dies at every moment of one way through a case; the number of deaths, and what went wrong.
pub(crate) fn die_everywhere(
    graph: &Arc<Graph>,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
    schedule: Schedule,
    wrong: &mut Vec<String>,
) -> usize {
    let world = World::new(graph, case, fault.cloned());
    let whole = Driver::start(graph, world, schedule, true);
    let possible = outcomes(graph, case, fault);
    let mut deaths = 0;
    for moment in &whole.moments {
        if moment.journaled == 0 || moment.journaled == whole.journal.len() {
            continue;
        }
        deaths += 1;
        let journal = &whole.journal[..moment.journaled];
        let resumed = Driver::resume(graph, moment.world.clone(), journal);
        let mut say = |what: String| {
            let at = format!("{} `{}` {fault:?} {schedule:?}", graph.playbook, case.name);
            wrong.push(format!("{at}: died after {} records: {what}", moment.journaled));
        };
        if let Err(why) = resumed.check() {
            say(why);
        }
        // Where a person had to find out, the truth counts, and it may be that nothing happened.
        let outcome = resumed.outcome();
        let told = resumed.world.unresolved > whole.world.unresolved;
        if !told && !possible.contains(&outcome) {
            say(format!("came to {outcome:?}, not to one of {possible:?}"));
        }
    }
    deaths
}

fn check(loaded: &[Loaded], schedules: impl Iterator<Item = Schedule> + Clone) -> (usize, usize) {
    let (mut deaths, mut certain) = (0, 0);
    let mut wrong = Vec::new();
    for Loaded { graph, cases, .. } in loaded {
        for case in cases.iter().filter(|case| case.expect.state.is_some()) {
            certain += usize::from(outcomes(graph, case, None).len() == 1);
            for schedule in schedules.clone() {
                deaths += die_everywhere(graph, case, None, schedule, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
    (deaths, certain)
}

#[test]
fn a_run_survives_death_at_every_moment() {
    let schedules = || [Schedule::Queue].into_iter().chain((0..3).map(Schedule::Shuffled));
    let (shipped, certain) = check(&shipped(), schedules());
    assert!(certain >= 15, "the order matters nearly everywhere: {certain}");
    let (corpus, _) = check(&corpus(), schedules());
    println!("cases: {} deaths ({shipped} in shipped playbooks)", shipped + corpus);
    assert!(shipped + corpus > 1_000, "{shipped} + {corpus}");
}
