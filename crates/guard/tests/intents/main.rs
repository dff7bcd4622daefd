//! The guarantees of budgets and of the kill switch, model-checked: every interleaving of two workers that decide with the
//! real guard and commit as the store does, with crashes, leases that are lost, and clocks that jump.
//!
//! What is checked is written in [`model`]: no sliding window holds more intents of a class than its budget, whatever became
//! of the acts; no intent commits after the kill switch was answered; none that was decided under a looser policy commits
//! after the tighter one is in force; no step is intended twice. The second test takes one part of the protocol away
//! at a time, and demands a counterexample: a model that cannot fail shows nothing.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod model;
mod store;

use model::{Model, Protocol};
use stateright::{Checker as _, Model as _};

/// Threads of the checker; more would only take them from other tests.
const THREADS: usize = 2;

#[test]
fn no_order_of_events_breaks_a_guarantee() {
    let checked = Model::new(Protocol::WHOLE).checker().threads(THREADS).spawn_bfs().join();
    println!(
        "model of intents: {} states, {} of them different, depth {}",
        checked.state_count(),
        checked.unique_state_count(),
        checked.max_depth()
    );
    // All properties are asserted, those of the kind "sometimes" too: acts are possible, and limits are met.
    checked.assert_properties();
    assert!(checked.unique_state_count() > 10_000, "{}", checked.unique_state_count());
}

#[test]
fn without_any_one_part_a_guarantee_is_broken() {
    for (protocol, broken) in [
        (Protocol { budget: false, ..Protocol::WHOLE }, model::WITHIN_BUDGET),
        (Protocol { epoch: false, ..Protocol::WHOLE }, model::STOPPED),
        (Protocol { epoch: false, ..Protocol::WHOLE }, model::TIGHTENED),
        (Protocol { kill_switch: false, ..Protocol::WHOLE }, model::STOPPED),
        (Protocol { fence: false, ..Protocol::WHOLE }, model::ONCE),
        (Protocol { ahead: false, ..Protocol::WHOLE }, model::WITHIN_BUDGET),
    ] {
        let checked = Model::new(protocol)
            .checker()
            .threads(THREADS)
            .finish_when(stateright::HasDiscoveries::AnyOf([broken].into()))
            .spawn_bfs()
            .join();
        let path = checked.discovery(broken);
        let found = path.unwrap_or_else(|| panic!("{protocol:?} does not break `{broken}`"));
        println!("without a part of {protocol:?}: `{broken}` breaks after {found}");
    }
}
