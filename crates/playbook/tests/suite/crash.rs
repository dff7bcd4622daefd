//! Death at every moment: the run goes on from its journal, the same acts happen, each once, and it ends as
//! it would have.

use stanch_model::plan::StepKey;
use stanch_playbook::{Graph, ast::Until, graph::NodeKind, testing::Case};

use crate::{
    driver::{Driver, Outcome, Schedule},
    load::{Loaded, corpus, shipped},
    world::{Fault, World},
};

/// Schedules by which it is found out whether the order matters to a case.
pub(crate) const SHUFFLES: u64 = 8;

/// The outcomes that a case may have, by the order in which things come back.
pub(crate) fn outcomes(
    loaded: &Loaded,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
) -> Vec<Outcome> {
    let mut found: Vec<Outcome> = Vec::new();
    let schedules = (0..SHUFFLES).map(Schedule::Shuffled).chain([Schedule::Queue]);
    for schedule in schedules {
        let world = World::new(loaded, case, fault.cloned());
        let outcome = Driver::start(world, schedule, false).outcome();
        if !found.contains(&outcome) {
            found.push(outcome);
        }
    }
    found
}

/// Dies at every moment of one way through a case, or at so many of them at the most; the number of
/// deaths, and what went wrong.
pub(crate) fn die_everywhere(
    loaded: &Loaded,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
    (schedule, most): (Schedule, usize),
    wrong: &mut Vec<String>,
) -> usize {
    let world = World::new(loaded, case, fault.cloned());
    let whole = Driver::start(world, schedule, true);
    // A fault in one branch races with what the others do, and what is right then no list can tell.
    let races = is_race(loaded) || (fault.is_some() && has_branches(loaded));
    let possible = match (fault, races) {
        (_, true) => Vec::new(),
        (None, false) => outcomes(loaded, case, None),
        (Some(_), false) => vec![whole.outcome()],
    };
    let mut deaths = 0;
    for moment in whole.moments.iter().step_by(whole.moments.len() / most + 1) {
        if moment.journaled == 0 || moment.journaled == whole.journal.len() {
            continue;
        }
        deaths += 1;
        let journal = &whole.journal[..moment.journaled];
        let resumed = Driver::resume(moment.world.clone(), journal);
        let mut say = |what: String| {
            let at = format!("{} `{}` {fault:?} {schedule:?}", loaded.graph.playbook, case.name);
            wrong.push(format!("{at}: died after {} records: {what}", moment.journaled));
        };
        if let Err(why) = resumed.check() {
            say(why);
        }
        if !races && let Err(why) = explain(loaded, case, fault, &resumed, &possible) {
            say(why);
        }
    }
    deaths
}

/// Whether several ways are under way at once, in the playbook or in one that it calls.
pub(crate) fn has_branches(loaded: &Loaded) -> bool {
    any_node(loaded, &|kind| match kind {
        NodeKind::Parallel { .. } => true,
        NodeKind::ForEach { each, .. } => each.width > 1,
        _ => false,
    })
}

/// Whether it counts who comes first.
fn is_race(loaded: &Loaded) -> bool {
    any_node(loaded, &|kind| matches!(kind, NodeKind::Parallel { until: Until::Any, .. }))
}

/// Whether there is such a step in the playbook or in one that it calls.
pub(crate) fn any_node(loaded: &Loaded, is: &dyn Fn(&NodeKind) -> bool) -> bool {
    fn any(graph: &Graph, loaded: &Loaded, is: &dyn Fn(&NodeKind) -> bool) -> bool {
        let inside = |name| loaded.called.get(name).is_some_and(|graph| any(graph, loaded, is));
        graph.nodes.iter().any(|node| is(&node.kind)) || graph.calls().any(inside)
    }
    any(&loaded.graph, loaded, is)
}

/// Whether the end after a death is one that the run could have had without it, or why it may differ.
fn explain(
    loaded: &Loaded,
    case: &Case,
    fault: Option<&(StepKey, Fault)>,
    resumed: &Driver<'_>,
    possible: &[Outcome],
) -> Result<(), String> {
    let outcome = resumed.outcome();
    // An intent that was not sent before the death is not sent after it if the run ends meanwhile.
    let steps = resumed.runs.iter().flat_map(|one| one.run.step_views());
    let dropped: Vec<String> = steps
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
    let races = possible.len() > 1 || has_branches(loaded);
    let racing = races && possible.iter().any(|one| one.state == outcome.state);
    if racing && outcome.acts.iter().all(|act| possible.iter().any(|one| one.acts.contains(act))) {
        return Ok(());
    }
    // What an act returned is not known if only the target's word tells that it happened.
    let overflowed =
        |key| fault.is_some_and(|(at, fault)| at == key && *fault == Fault::Overflowed);
    if resumed.world.found.iter().any(|key| is_output_used(loaded, key) || overflowed(key)) {
        return Ok(());
    }
    // Where the target cannot be asked, a person finds out; it may be that it did not happen.
    for key in &resumed.world.unresolved {
        if fault.is_some_and(|(at, _)| at != key) {
            return Ok(());
        }
        for fault in [Fault::Unresolved, Fault::UnresolvedLost] {
            if outcomes(loaded, case, Some(&(key.clone(), fault))).iter().any(same) {
                return Ok(());
            }
        }
    }
    // The time of a step, or the kill switch, is looked at anew.
    let anew = matches!(fault, Some((_, Fault::TimedOut | Fault::Stopped)));
    if anew && outcomes(loaded, case, None).iter().any(same) {
        return Ok(());
    }
    Err(format!("came to {outcome:?}, not to one of {possible:?}"))
}

/// Whether an expression uses more of a step than whether it worked.
fn is_output_used(loaded: &Loaded, key: &StepKey) -> bool {
    let id = key.0.rsplit('/').next().unwrap();
    let prefix = format!("steps.{id}.");
    let mut uses = loaded.expressions.split(prefix.as_str()).skip(1);
    uses.any(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest.split_at(end.unwrap_or(rest.len())).0 != "ok"
    })
}

fn check(loaded: &[Loaded], schedules: &[Schedule]) -> (usize, usize) {
    let (mut deaths, mut certain) = (0, 0);
    let mut wrong = Vec::new();
    for one in loaded {
        for case in one.cases.iter().filter(|case| case.expect.state.is_some()) {
            certain += usize::from(outcomes(one, case, None).len() == 1);
            for &schedule in schedules {
                deaths += die_everywhere(one, case, None, (schedule, usize::MAX), &mut wrong);
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
