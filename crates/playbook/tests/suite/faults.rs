//! Every fault at every step: the run ends properly, and survives death at every moment of that too.

use stanch_model::{plan::StepKey, run::RunState};
use stanch_playbook::graph::NodeKind;

use crate::{
    crash::die_everywhere,
    driver::{Driver, Schedule},
    load::{Loaded, corpus, shipped},
    world::{Fault, World},
};

/// Whether the fault can strike the step at all.
fn can_strike(loaded: &Loaded, key: &StepKey, fault: Fault) -> bool {
    let node = &loaded.graph.nodes[loaded.graph.index_of(&key.0).unwrap()];
    match &node.kind {
        NodeKind::Do { call, .. } => {
            let read = call.manifest.effect == stanch_model::manifest::EffectClass::Read;
            !read || matches!(fault, Fault::Failed | Fault::Cancelled)
        }
        NodeKind::Ask { .. } | NodeKind::Wait { .. } => fault == Fault::Cancelled,
        _ => false,
    }
}

/// How a run may end in which a fault struck the step; nothing if the fault has no say in it.
fn due(loaded: &Loaded, key: &StepKey, fault: Fault) -> Option<RunState> {
    let node = &loaded.graph.nodes[loaded.graph.index_of(&key.0).unwrap()];
    let NodeKind::Do { call, .. } = &node.kind else { return None };
    let goes_on = call.on_error == stanch_playbook::ast::OnError::Continue;
    match fault {
        Fault::Denied | Fault::Expired | Fault::Refused => Some(RunState::Refused),
        Fault::Cancelled => Some(RunState::Cancelled),
        Fault::Failed
        | Fault::LostAlways
        | Fault::Unverified
        | Fault::Undecided
        | Fault::UnresolvedLost
            if !goes_on =>
        {
            Some(RunState::Failed)
        }
        _ => None,
    }
}

fn check(loaded: &[Loaded], step_by: usize) -> (usize, usize) {
    let (mut faults, mut deaths) = (0, 0);
    let mut wrong = Vec::new();
    for one in loaded {
        for case in one.cases.iter().filter(|case| case.expect.state.is_some()) {
            let calm = World::new(&one.graph, case, None);
            let calm = Driver::start(&one.graph, calm, Schedule::Queue, false);
            for step in calm.run.step_views() {
                let key = StepKey(step.key);
                for fault in Fault::ALL.into_iter().filter(|f| can_strike(one, &key, *f)) {
                    faults += 1;
                    let struck = (key.clone(), fault);
                    for schedule in [Schedule::Queue, Schedule::Shuffled(7)] {
                        let world = World::new(&one.graph, case, Some(struck.clone()));
                        let run = Driver::start(&one.graph, world, schedule, false);
                        let at = format!("{} `{}` {struck:?}", one.graph.playbook, case.name);
                        if let Err(why) = run.check() {
                            wrong.push(format!("{at}: {why}"));
                        }
                        let state = run.outcome().state;
                        if !state.is_final() {
                            wrong.push(format!("{at}: {state:?}"));
                        }
                    }
                    let way = (Schedule::Queue, step_by);
                    deaths += die_everywhere(&one.graph, case, Some(&struck), way, &mut wrong);
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
    let (faults, deaths) = check(&shipped(), 1);
    println!("cases: {faults} faults, {deaths} deaths");
    assert!(faults > 100 && deaths > 1_000, "{faults} {deaths}");
}

#[test]
fn every_fault_at_every_step_of_the_corpus() {
    let (faults, deaths) = check(&corpus(), 2);
    println!("cases: {faults} faults, {deaths} deaths");
    assert!(faults > 100 && deaths > 1_000, "{faults} {deaths}");
}

/// Where nothing else is under way, the fault alone decides how the run ends.
#[test]
fn a_fault_ends_the_run_as_it_must() {
    let mut count = 0;
    for one in shipped().iter().chain(&corpus()) {
        for case in one.cases.iter().filter(|case| case.expect.state == Some(RunState::Succeeded)) {
            let calm = World::new(&one.graph, case, None);
            let calm = Driver::start(&one.graph, calm, Schedule::Queue, false);
            for key in calm.world.acts.keys() {
                for fault in Fault::ALL {
                    let Some(due) = due(one, key, fault) else { continue };
                    let asked = matches!(fault, Fault::Denied | Fault::Expired);
                    let asks = |(_, event): &(_, stanch_playbook::RunEvent)| matches!(event, stanch_playbook::RunEvent::Asked { key: at, .. } if at == key);
                    if asked && !calm.journal.iter().any(asks) {
                        continue;
                    }
                    let world = World::new(&one.graph, case, Some((key.clone(), fault)));
                    let run = Driver::start(&one.graph, world, Schedule::Queue, false);
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
