//! Every fault at every step: the run ends properly, and survives death at every moment of that too.

use stanch_model::{manifest::EffectClass, plan::StepKey, run::RunState};
use stanch_playbook::{
    RunEvent,
    ast::{OnError, Otherwise, Until},
    graph::NodeKind,
};

use crate::{
    crash::{any_node, die_everywhere},
    driver::{Driver, Record, Schedule},
    load::{Loaded, corpus, node_of, shipped},
    world::{Fault, World},
};

/// Whether the fault can strike the step at all.
fn can_strike(loaded: &Loaded, key: &StepKey, fault: Fault) -> bool {
    let kind = &node_of(&loaded.graph, &loaded.called, &key.0).unwrap().kind;
    let ends = matches!(fault, Fault::Cancelled | Fault::OutOfTime);
    let times_out = fault == Fault::TimedOut && kind.timeout().is_some();
    match kind {
        NodeKind::Do { call, .. } => {
            let read = call.manifest.effect == EffectClass::Read;
            ends || times_out || fault == Fault::Failed || (!read && fault != Fault::TimedOut)
        }
        NodeKind::Script { script, .. } => {
            let read = script.effect == EffectClass::Read;
            let never = matches!(fault, Fault::TimedOut | Fault::Unverified | Fault::Overflowed);
            ends || fault == Fault::Failed || (!read && !never)
        }
        NodeKind::Ask { .. } | NodeKind::Wait { .. } | NodeKind::Call { .. } => ends,
        _ => false,
    }
}

/// Whether something in the playbook may catch a fault, or counts it without failing.
fn catches(loaded: &Loaded) -> bool {
    any_node(loaded, &|kind| match kind {
        NodeKind::Try { .. } => true,
        NodeKind::Parallel { until, .. } => *until == Until::Any,
        NodeKind::ForEach { .. } | NodeKind::While { .. } | NodeKind::Call { .. } => {
            kind.on_error() == OnError::Continue
        }
        _ => false,
    })
}

/// How a run may end in which a fault struck the step; nothing if the fault has no say in it.
fn due(loaded: &Loaded, key: &StepKey, fault: Fault) -> Option<RunState> {
    let kind = &node_of(&loaded.graph, &loaded.called, &key.0)?.kind;
    let NodeKind::Do { call, .. } = kind else { return None };
    match fault {
        Fault::Cancelled => return Some(RunState::Cancelled),
        Fault::OutOfTime => return Some(RunState::Failed),
        Fault::Stopped if !key.0.contains("sub") => return Some(RunState::Refused),
        _ if catches(loaded) => return None,
        _ => {}
    }
    let goes_on = call.on_error == OnError::Continue;
    match fault {
        Fault::Denied | Fault::Refused => Some(RunState::Refused),
        Fault::Expired if call.approve.as_ref().is_none_or(|a| a.otherwise == Otherwise::Deny) => {
            Some(RunState::Refused)
        }
        Fault::Failed
        | Fault::LostAlways
        | Fault::Unverified
        | Fault::Undecided
        | Fault::Overflowed
        | Fault::UnresolvedLost
            if !goes_on =>
        {
            Some(RunState::Failed)
        }
        _ => None,
    }
}

fn check(loaded: &[Loaded], deaths_max: usize) -> (usize, usize) {
    let (mut faults, mut deaths) = (0, 0);
    let mut wrong = Vec::new();
    for one in loaded {
        for case in one.cases.iter().filter(|case| case.expect.state.is_some()) {
            let calm = Driver::start(World::new(one, case, None), Schedule::Queue, false);
            for step in calm.runs.iter().flat_map(|one| one.run.step_views()) {
                let key = StepKey(step.key);
                for fault in Fault::ALL.into_iter().filter(|f| can_strike(one, &key, *f)) {
                    faults += 1;
                    let struck = (key.clone(), fault);
                    for schedule in [Schedule::Queue, Schedule::Shuffled(7)] {
                        let world = World::new(one, case, Some(struck.clone()));
                        let run = Driver::start(world, schedule, false);
                        let at = format!("{} `{}` {struck:?}", one.graph.playbook, case.name);
                        if let Err(why) = run.check() {
                            wrong.push(format!("{at}: {why}"));
                        }
                        let state = run.outcome().state;
                        if !state.is_final() {
                            wrong.push(format!("{at}: {state:?}"));
                        }
                    }
                    let way = (Schedule::Queue, deaths_max);
                    deaths += die_everywhere(one, case, Some(&struck), way, &mut wrong);
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(10)].join("\n")
    );
    (faults, deaths)
}

#[test]
fn every_fault_at_every_step_of_shipped_playbooks() {
    let (faults, deaths) = check(&shipped(), usize::MAX);
    println!("cases: {faults} faults, {deaths} deaths");
    assert!(faults > 100 && deaths > 1_000, "{faults} {deaths}");
}

#[test]
fn every_fault_at_every_step_of_the_corpus() {
    let (faults, deaths) = check(&corpus(), 6);
    println!("cases: {faults} faults, {deaths} deaths");
    assert!(faults > 100 && deaths > 1_000, "{faults} {deaths}");
}

/// Where nothing else is under way, the fault alone decides how the run ends.
#[test]
fn a_fault_ends_the_run_as_it_must() {
    let mut count = 0;
    for one in shipped().iter().chain(&corpus()) {
        for case in one.cases.iter().filter(|case| case.expect.state == Some(RunState::Succeeded)) {
            let calm = Driver::start(World::new(one, case, None), Schedule::Queue, false);
            for key in calm.world.acts.keys() {
                for fault in Fault::ALL {
                    let Some(due) = due(one, key, fault) else { continue };
                    let asked = matches!(fault, Fault::Denied | Fault::Expired);
                    let asks = |(_, _, event): &Record| matches!(event, RunEvent::Asked { key: at, .. } if at == key);
                    if asked && !calm.journal.iter().any(asks) {
                        continue;
                    }
                    let world = World::new(one, case, Some((key.clone(), fault)));
                    let run = Driver::start(world, Schedule::Queue, false);
                    let at = format!("{} `{}` {key} {fault:?}", one.graph.playbook, case.name);
                    assert_eq!(run.outcome().state, due, "{at}");
                    count += 1;
                }
            }
        }
    }
    println!("cases: {count}");
    assert!(count > 100, "{count}");
}
