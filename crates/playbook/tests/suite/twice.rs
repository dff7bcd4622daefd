//! Everything delivered twice, too late or too early: refused, and the run stands where it stood.

use stanch_playbook::RunEvent;

use crate::{
    driver::{Driver, Schedule, replay, shown},
    load::{Loaded, corpus, shipped},
    world::{Fault, World},
};

/// Whether the second delivery cannot be told from a record of its own right: after a crash the guard
/// decides again, and the target is asked again.
fn may_repeat(event: &RunEvent) -> bool {
    matches!(event, RunEvent::Decided { .. } | RunEvent::Probed { present: false, .. })
}

fn check(loaded: &[Loaded], fault: Option<Fault>) -> usize {
    let mut count = 0;
    for Loaded { graph, cases, .. } in loaded {
        for case in cases.iter().filter(|case| case.expect.state.is_some()) {
            let keys: Vec<_> = match fault {
                None => vec![None],
                Some(fault) => {
                    let calm = World::new(graph, case, None);
                    let calm = Driver::start(graph, calm, Schedule::Queue, false);
                    calm.world.acts.keys().map(|key| Some((key.clone(), fault))).collect()
                }
            };
            for struck in keys {
                let world = World::new(graph, case, struck);
                let whole = Driver::start(graph, world, Schedule::Shuffled(3), false);
                for at in 1..=whole.journal.len() {
                    let run = replay(graph, &whole.journal[..at]);
                    let before = shown(&run);
                    for (number, (time, event)) in whole.journal.iter().enumerate() {
                        let is_next = number == at;
                        let is_last = number + 1 == at;
                        let mut again = run.clone();
                        let result = again.apply(*time, event);
                        count += 1;
                        if is_last && !may_repeat(event) {
                            result.expect_err(&format!("`{}` was taken twice", event.word()));
                            assert_eq!(shown(&again), before, "`{}`", event.word());
                        } else if is_next {
                            result.expect("the next record fits");
                        } else if result.is_err() {
                            assert_eq!(shown(&again), before, "`{}`", event.word());
                        }
                        if is_last && matches!(event, RunEvent::Decided { .. }) {
                            assert_eq!(shown(&again), before, "`{}`", event.word());
                        }
                    }
                }
            }
        }
    }
    count
}

#[test]
fn a_record_is_taken_once() {
    let (shipped, corpus) = (shipped(), corpus());
    let mut count = check(&shipped, None) + check(&corpus, None);
    for fault in [Fault::AnswerLost, Fault::LostOnce, Fault::UnresolvedLost, Fault::Void] {
        count += check(&shipped, Some(fault));
    }
    println!("cases: {count}");
    assert!(count > 10_000, "{count}");
}
