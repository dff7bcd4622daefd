//! Death at every moment: the run goes on from its journal, the same acts happen, each once, and it ends as
//! it would have.

use std::sync::Arc;

use stanch_model::plan::StepKey;
use stanch_playbook::{Graph, graph::NodeKind, testing::Case};

use crate::{
    driver::{Driver, Outcome, Schedule},
    load::{Loaded, corpus, shipped},
    world::{Fault, World},
};

/// Schedules by which it is found out whether the order matters to a case.
pub(crate) const SHUFFLES: u64 = 8;

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

/// Dies at every moment of one way through a case, or at each `step`th; the number of deaths, and what
/// went wrong.
pub(crate) fn die_everywhere(
    graph: &Arc<Graph>,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
    (schedule, step): (Schedule, usize),
    wrong: &mut Vec<String>,
) -> usize {
    let world = World::new(graph, case, fault.cloned());
    let whole = Driver::start(graph, world, schedule, true);
    // A fault in one branch races with what the others do, and what is right then no list can tell.
    let races = fault.is_some() && has_branches(graph);
    let possible = match (fault, races) {
        (None, _) => outcomes(graph, case, None),
        (Some(_), false) => vec![whole.outcome()],
        (Some(_), true) => Vec::new(),
    };
    let mut deaths = 0;
    for moment in whole.moments.iter().step_by(step) {
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
        if !races && let Err(why) = explain(graph, case, fault, &resumed, &possible) {
            say(why);
        }
    }
    deaths
}

fn has_branches(graph: &Graph) -> bool {
    graph.nodes.iter().any(|node| matches!(node.kind, NodeKind::Parallel { .. }))
}

/// Whether the end after a death is one that the run could have had without it, or why it may differ.
fn explain(
    graph: &Arc<Graph>,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
    resumed: &Driver<'_>,
    possible: &[Outcome],
) -> Result<(), String> {
    let outcome = resumed.outcome();
    // An intent that was not sent before the death is not sent after it if the run ends meanwhile.
    let dropped: Vec<String> = resumed
        .run
        .step_views()
        .into_iter()
        .filter(|step| step.note.contains("it was not sent again"))
        .map(|step| step.key)
        .collect();
    let same = |wanted: &Outcome| {
        let mut wanted = wanted.clone();
        wanted.acts.retain(|(key, _)| !dropped.contains(key));
        wanted == outcome
    };
    if possible.iter().any(same) {
        return Ok(());
    }
    // Where branches race for the end, it counts who comes first.
    let racing = possible.len() > 1 && possible.iter().any(|one| one.state == outcome.state);
    if racing && outcome.acts.iter().all(|act| possible.iter().any(|one| one.acts.contains(act))) {
        return Ok(());
    }
    // What an act returned is not known if only the target's word tells that it happened.
    if resumed.world.found.iter().any(|key| is_output_used(graph, key)) {
        return Ok(());
    }
    // Where the target cannot be asked, a person finds out; it may be that it did not happen.
    for key in &resumed.world.unresolved {
        if fault.is_some_and(|(at, _)| at != key) {
            return Ok(());
        }
        for fault in [Fault::Unresolved, Fault::UnresolvedLost] {
            if outcomes(graph, case, Some(&(key.clone(), fault))).iter().any(same) {
                return Ok(());
            }
        }
    }
    Err(format!("came to {outcome:?}, not to one of {possible:?}"))
}

/// Whether an expression uses more of a step than whether it worked.
fn is_output_used(graph: &Graph, key: &StepKey) -> bool {
    let text = format!("{:?}", graph.nodes);
    let prefix = format!("steps.{key}.");
    let mut uses = text.split(prefix.as_str()).skip(1);
    uses.any(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest.split_at(end.unwrap_or(rest.len())).0 != "ok"
    })
}

fn check(loaded: &[Loaded], schedules: &[Schedule]) -> (usize, usize) {
    let (mut deaths, mut certain) = (0, 0);
    let mut wrong = Vec::new();
    for Loaded { graph, cases, .. } in loaded {
        for case in cases.iter().filter(|case| case.expect.state.is_some()) {
            certain += usize::from(outcomes(graph, case, None).len() == 1);
            for &schedule in schedules {
                deaths += die_everywhere(graph, case, None, (schedule, 1), &mut wrong);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(10)].join("\n")
    );
    (deaths, certain)
}

#[test]
fn a_run_survives_death_at_every_moment() {
    let shuffled = (0..3).map(Schedule::Shuffled);
    let schedules: Vec<Schedule> = shuffled.chain([Schedule::Queue]).collect();
    let (shipped, certain) = check(&shipped(), &schedules);
    assert!(certain >= 15, "the order matters nearly everywhere: {certain}");
    let (corpus, _) = check(&corpus(), &schedules);
    println!("cases: {} deaths ({shipped} in shipped playbooks)", shipped + corpus);
    assert!(shipped + corpus > 1_000, "{shipped} + {corpus}");
}
