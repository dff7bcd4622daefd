//! Random events: nothing panics, what is illegal changes nothing, the same events give the same run.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use proptest::{prelude::*, strategy::ValueTree as _};
use serde_json::{Value, json};
use stanch_model::{
    Time,
    guard::{ApprovalState, ApprovalTerms, Decision},
    plan::StepKey,
    run::RunState,
};

use super::{graph, started, state, story::approval};
use crate::{
    Graph,
    run::{Effect, Run, RunEvent, Status},
};

const STEPS: &str = "  - set: { n: \"${{ alert.count }}\" }
  - id: both
    parallel:
      - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h, on_error: continue }
      - if: vars.n == 1
        then:
          - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, on_error: continue }
          - if: steps.find.found
            then: [{ id: isolate, do: edr.isolate_host, with: { host: \"${{ steps.find.host }}\" }, expires: 1h }]
            else: [{ set: { n: 2 } }]
      - { id: sure, ask: Sure?, options: [yes, no], within: 1h, otherwise: no }
      - { id: nap, wait: 1m }
  - if: steps.sure.answer == 'no'
    then: [{ end: succeeded, note: not sure }]
  - { id: last, do: firewall.block_address, with: { address: 192.0.2.9 }, expires: 1h }
";
static GRAPH: LazyLock<Arc<Graph>> = LazyLock::new(|| graph(STEPS));
const KEYS: [&str; 8] = ["block", "find", "isolate", "sure", "nap", "last", "both", "nobody"];

/// What the dice say: an answer to something that is outstanding, or any event at all.
#[derive(Clone, Copy, Debug)]
struct Roll {
    kind: u8,
    key: usize,
    detail: u8,
    fitting: bool,
}

fn roll() -> impl Strategy<Value = Roll> {
    (0..22_u8, 0..KEYS.len(), any::<u8>(), prop::bool::weighted(0.7))
        .prop_map(|(kind, key, detail, fitting)| Roll { kind, key, detail, fitting })
}

fn output(detail: u8) -> Value {
    match detail % 5 {
        0 => json!({}),
        1 => json!({ "found": true, "host": "ws-09" }),
        2 => json!({ "found": true, "host": "no host!" }),
        3 => Value::Null,
        _ => json!({ "found": "odd", "host": 7, "extra": [1] }),
    }
}

fn decision(detail: u8) -> Decision {
    let within = std::time::Duration::from_secs(1);
    match detail % 3 {
        0 => Decision::Allow { reasons: Vec::new() },
        1 => Decision::Refuse { reasons: Vec::new() },
        _ => Decision::Ask {
            terms: ApprovalTerms { count: 1, not_requester: true, within },
            reasons: Vec::new(),
        },
    }
}

/// Any event, whether or not it fits.
fn anything(run: &Run, roll: Roll) -> RunEvent {
    let key = StepKey(KEYS[roll.key].to_owned());
    let (why, by) = ("why".to_owned(), "ann".to_owned());
    let odd = roll.detail % 2 == 1;
    let number = (roll.detail % 3).to_string();
    let fingerprints =
        run.steps.values().filter_map(|step| Some(step.action.as_ref()?.fingerprint()));
    match roll.kind {
        0 => started(),
        1 => match run.steps.values().find_map(|step| step.action.clone()) {
            Some(action) => RunEvent::Planned { key, action: Box::new(action) },
            None => RunEvent::Simulated { key },
        },
        2 => RunEvent::Simulated { key },
        3 => RunEvent::Read { key, output: output(roll.detail) },
        4 => RunEvent::Decided { key, decision: decision(roll.detail) },
        5 => RunEvent::Asked { key, approval: approval(&number), plan_hash: String::new() },
        6 => RunEvent::Answered {
            approval: approval(&number),
            state: match roll.detail % 5 {
                0 => ApprovalState::Denied,
                1 => ApprovalState::Expired,
                2 => ApprovalState::Void,
                3 => ApprovalState::Waiting,
                _ => ApprovalState::Approved,
            },
            by,
            people: u32::from(roll.detail),
            fingerprints: fingerprints.collect(),
        },
        7 => RunEvent::Intended { key },
        8 => RunEvent::Accepted { key, output: output(roll.detail) },
        9 => RunEvent::Verified { key },
        10 => RunEvent::Unverified { key, why },
        11 => RunEvent::Failed { key, why },
        12 => RunEvent::Unsure { key, why },
        13 => RunEvent::Probed { key, present: odd },
        14 => RunEvent::Unresolved { key, why },
        15 => RunEvent::Resolved { key, happened: odd, by },
        16 => RunEvent::TimerSet { key, due_at: Time::from_micros(i64::from(roll.detail)) },
        17 => RunEvent::TimerFired { key },
        18 => RunEvent::QuestionAsked { key, due_at: Time::default() },
        19 => RunEvent::QuestionAnswered {
            key,
            answer: if odd { "yes" } else { "no" }.to_owned(),
            by,
        },
        20 => RunEvent::Cancelled { by, reason: why },
        _ => RunEvent::Ended {
            state: if odd { RunState::Succeeded } else { RunState::Failed },
            note: String::new(),
        },
    }
}

/// An event that answers something that the run asked for.
fn fitting(run: &Run, roll: Roll) -> RunEvent {
    if !run.started() {
        return started();
    }
    let unknown = run.steps.iter().find(|(_, step)| step.status == Status::Unknown);
    if let Some((key, _)) = unknown.filter(|_| roll.detail.is_multiple_of(4)) {
        let (key, by) = (key.clone(), "ann".to_owned());
        return RunEvent::Resolved { key, happened: roll.detail > 128, by };
    }
    let outstanding = run.outstanding();
    let Some(effect) = outstanding.get(roll.key % outstanding.len().max(1)) else {
        return anything(run, roll);
    };
    let (key, bad) = (effect.key().cloned(), roll.detail.is_multiple_of(4));
    let key = key.unwrap_or_else(|| StepKey(String::new()));
    let (why, by) = ("why".to_owned(), "ann".to_owned());
    match effect {
        Effect::Plan { action, .. } => RunEvent::Planned { key, action: action.clone() },
        Effect::Read { .. } if bad => RunEvent::Failed { key, why },
        Effect::Read { .. } => RunEvent::Read { key, output: output(roll.detail) },
        Effect::Authorise { .. } if bad => {
            RunEvent::Asked { key, approval: approval("1"), plan_hash: String::new() }
        }
        Effect::Authorise { .. } => RunEvent::Intended { key },
        Effect::Act { .. } | Effect::Probe { .. } => match roll.detail % 6 {
            3 => RunEvent::Unresolved { key, why },
            0 => RunEvent::Unsure { key, why },
            1 => RunEvent::Probed { key, present: roll.detail > 128 },
            _ => RunEvent::Accepted { key, output: output(roll.detail) },
        },
        Effect::Verify { .. } if bad => RunEvent::Unverified { key, why },
        Effect::Verify { .. } => RunEvent::Verified { key },
        Effect::Sleep { .. } if bad => RunEvent::TimerSet { key, due_at: Time::default() },
        Effect::Sleep { .. } => RunEvent::TimerFired { key },
        Effect::Ask { .. } if bad => RunEvent::QuestionAsked { key, due_at: Time::default() },
        Effect::Ask { .. } => RunEvent::QuestionAnswered { key, answer: "yes".to_owned(), by },
        Effect::End { state, note } => RunEvent::Ended { state: *state, note: note.clone() },
    }
}

fn play(graph: &Arc<Graph>, rolls: &[Roll]) -> (Run, Vec<(Time, RunEvent)>, usize) {
    let mut run = Run::new(Arc::clone(graph));
    let (mut journal, mut refused) = (Vec::new(), 0);
    for (number, roll) in rolls.iter().enumerate() {
        let event = if roll.fitting { fitting(&run, *roll) } else { anything(&run, *roll) };
        let at = Time::from_micros(i64::try_from(number).unwrap());
        let before = state(&run);
        match run.apply(at, &event) {
            Ok(_) => journal.push((at, event)),
            Err(_) => {
                refused += 1;
                assert_eq!(
                    state(&run),
                    before,
                    "`{}` was refused and changed the run",
                    event.word()
                );
            }
        }
        let alive = run.ended().is_some() || !run.outstanding().is_empty() || run.is_waiting();
        assert!(alive || !run.started(), "nothing is left to do: {}", state(&run));
        assert!(run.outstanding().iter().all(|effect| run.still_wants(effect)));
    }
    (run, journal, refused)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_in_any_order(rolls in prop::collection::vec(roll(), 1..80)) {
        let graph = Arc::clone(&GRAPH);
        let (run, journal, _) = play(&graph, &rolls);
        let (twin, _, _) = play(&graph, &rolls);
        prop_assert_eq!(state(&run), state(&twin));
        let mut again = Run::new(graph);
        for (at, event) in &journal {
            // What is journaled survives its way through JSON.
            let text = serde_json::to_string(event).unwrap();
            let event: RunEvent = serde_json::from_str(&text).unwrap();
            prop_assert!(again.apply(*at, &event).is_ok());
        }
        prop_assert_eq!(state(&again), state(&run));
    }
}

/// The dice reach every corner: all kinds of events are taken, runs end, and many events are refused.
#[test]
fn the_dice_reach_every_event() {
    let graph = Arc::clone(&GRAPH);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(roll(), 1..80);
    let mut seen = BTreeSet::new();
    let (mut ended, mut refused) = (0, 0);
    for _ in 0..300 {
        let rolls = strategy.new_tree(&mut runner).unwrap().current();
        let (run, journal, no) = play(&graph, &rolls);
        seen.extend(journal.iter().map(|(_, event)| event.word()));
        ended += usize::from(run.ended().is_some());
        refused += no;
    }
    assert_eq!(seen.len(), super::journal::WORDS.len(), "{seen:?}");
    assert!(ended > 40 && refused > 400, "{ended} {refused}");
}
