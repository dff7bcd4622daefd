//! Random events: nothing panics, what is illegal changes nothing, the same events give the same run.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use proptest::{prelude::*, strategy::ValueTree as _};
use serde_json::{Map, Value, json};
use stanch_model::{
    Time,
    guard::{ApprovalState, ApprovalTerms, Decision},
    plan::StepKey,
    run::RunState,
};

use super::{started, state, story::approval, whole};
use crate::{
    Graph,
    run::{
        Effect, Run, RunEvent,
        step::{Status, StepRecord},
    },
};

const FIRST: &str = "max_mode: auto
steps:
  - set: { n: \"${{ alert.count }}\" }
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
const SECOND: &str = "max_mode: auto
inputs: { many: { type: integer, default: 1 } }
outputs: { all: \"${{ steps.each.ok }}\" }
steps:
  - try:
      - id: each
        for_each: \"[1, 2, 3]\"
        as: n
        width: 2
        on_error: continue
        steps:
          - { id: find, do: edr.find_host, with: { address: \"192.0.2.${{ n }}\" }, retry: { times: 1, every: 10s }, timeout: 1m }
          - { id: isolate, do: edr.isolate_host, with: { host: \"ws-${{ n }}\" }, expires: 1h, timeout: 1m, retry: { times: 2, every: 10s }, approve: { otherwise: escalate } }
      - id: sub
        call: other
        with: { host: a }
    on_error:
      - { id: told, do: intel.lookup, with: { value: \"${{ error.why }}\" }, on_error: continue }
  - id: race
    until: any
    parallel:
      - { id: sig, wait: { signal: done, within: 1h } }
      - { id: facts, ask: Facts?, form: { owner: { type: string } }, within: 1h }
      - { id: score, script: python, code: print(1), output: { score: { type: integer } }, on_error: continue, default: { score: 7 } }
  - id: poll
    while: \"!steps.look.found\"
    turns: 3
    on_error: continue
    steps:
      - { id: look, do: edr.find_host, with: { address: 192.0.2.8 } }
      - { wait: 1m }
  - id: purge
    script: bash
    code: rm it
    effect: irreversible
    target: { kind: host, value: ws-01 }
    output: { done: { type: boolean } }
  - switch: steps.score.score
    cases: [{ in: [7, 8], then: [{ end: succeeded }] }]
    else: [{ end: failed }]
";
static GRAPHS: LazyLock<[Arc<Graph>; 2]> = LazyLock::new(|| [whole(FIRST), whole(SECOND)]);
const KEYS: [&str; 20] = [
    "block",
    "find",
    "isolate",
    "sure",
    "nap",
    "last",
    "both",
    "nobody",
    "each",
    "each[0]/find",
    "each[1]/isolate",
    "each[2]/find",
    "sub",
    "told",
    "sig",
    "facts",
    "score",
    "poll[0]/look",
    "poll[1]/s15",
    "purge",
];

/// What the dice say: an answer to something that is outstanding, or any event at all.
#[derive(Clone, Copy, Debug)]
struct Roll {
    kind: u8,
    key: usize,
    detail: u8,
    fitting: bool,
}

fn roll() -> impl Strategy<Value = Roll> {
    (0..33_u8, 0..KEYS.len(), any::<u8>(), prop::bool::weighted(0.7))
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
            terms: ApprovalTerms { count: 1, within, ..ApprovalTerms::default() },
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
        run.steps.iter().filter_map(|step| Some(step.action.as_ref()?.fingerprint()));
    match roll.kind {
        0 => started(),
        1 => match run.steps.iter().find_map(|step| step.own_action()) {
            Some(action) => RunEvent::Planned { key, action },
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
        21 => RunEvent::Overflowed { key, bytes: 300_000 },
        22 => RunEvent::Found { key, output: output(roll.detail) },
        23 => RunEvent::Stopped { key, why },
        24 => RunEvent::TimedOut { key },
        25 => RunEvent::FormAnswered { key, values: form(odd), by },
        26 => RunEvent::FormLapsed { key },
        27 => RunEvent::Listening { key, due_at: Time::default() },
        28 => RunEvent::Signalled { key, data: form(odd), by },
        29 => RunEvent::ChildStarted { key, run: child(), digest: String::new() },
        30 => child_ended(key, roll.detail),
        31 => RunEvent::OutOfTime,
        _ => RunEvent::Ended {
            state: if odd { RunState::Succeeded } else { RunState::Failed },
            note: String::new(),
        },
    }
}

fn form(fits: bool) -> Map<String, Value> {
    let value = if fits { json!("ann") } else { json!(7) };
    Map::from_iter([("owner".to_owned(), value)])
}

fn child() -> stanch_model::RunId {
    format!("run_{:0>32}", 9).parse().unwrap()
}

fn child_ended(key: StepKey, detail: u8) -> RunEvent {
    let state = match detail % 5 {
        0 => RunState::Failed,
        1 => RunState::Refused,
        2 => RunState::Cancelled,
        3 => RunState::Waiting,
        _ => RunState::Succeeded,
    };
    let recorded = detail.is_multiple_of(9);
    RunEvent::ChildEnded { key, state, note: String::new(), outputs: form(true), recorded }
}

/// Something that may come to a step that waits for it.
fn comes(step: &StepRecord, detail: u8) -> Option<RunEvent> {
    let (key, by) = (step.key.clone(), "ann".to_owned());
    let late = detail.is_multiple_of(3);
    Some(match &step.status {
        _ if step.deadline.is_some() && detail.is_multiple_of(11) => RunEvent::TimedOut { key },
        Status::Unknown => RunEvent::Resolved { key, happened: detail > 128, by },
        Status::Calling(Some(_)) | Status::CallingOff(_) => child_ended(key, detail),
        Status::Listening(_) if late => RunEvent::TimerFired { key },
        Status::Listening(_) => RunEvent::Signalled { key, data: form(true), by },
        Status::Questioned(_) if step.key.0 == "facts" && late => RunEvent::FormLapsed { key },
        Status::Questioned(_) if step.key.0 == "facts" => {
            RunEvent::FormAnswered { key, values: form(true), by }
        }
        Status::Sleeping(Some(_)) | Status::Retrying(Some(_)) => RunEvent::TimerFired { key },
        _ => return None,
    })
}

/// An event that answers something that the run asked for.
fn fitting(run: &Run, roll: Roll) -> RunEvent {
    if !run.started() {
        return started();
    }
    let waiting: Vec<_> = run.opened().filter_map(|step| comes(step, roll.detail)).collect();
    let comes = waiting.get(roll.key % waiting.len().max(1));
    if let Some(event) = comes.filter(|_| roll.detail.is_multiple_of(2)) {
        return event.clone();
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
        Effect::Script { .. } if bad => RunEvent::Failed { key, why },
        Effect::Script { .. } => RunEvent::Read { key, output: json!({ "score": 7 }) },
        Effect::Authorise { .. } if bad => {
            RunEvent::Asked { key, approval: approval("1"), plan_hash: String::new() }
        }
        Effect::Authorise { .. } => RunEvent::Intended { key },
        Effect::Act { .. } | Effect::Probe { .. } => match roll.detail % 9 {
            3 => RunEvent::Unresolved { key, why },
            0 => RunEvent::Unsure { key, why },
            1 => RunEvent::Probed { key, present: roll.detail > 128 },
            2 => RunEvent::Found { key, output: output(roll.detail) },
            4 => RunEvent::Failed { key, why },
            5 if key.0 == "purge" => RunEvent::Accepted { key, output: json!({ "done": true }) },
            6 => RunEvent::Overflowed { key, bytes: 300_000 },
            7 if bad => RunEvent::Stopped { key, why },
            _ => RunEvent::Accepted { key, output: output(roll.detail) },
        },
        Effect::Verify { .. } if bad => RunEvent::Unverified { key, why },
        Effect::Verify { .. } => RunEvent::Verified { key },
        Effect::Sleep { .. } if bad => RunEvent::TimerSet { key, due_at: Time::default() },
        Effect::Sleep { .. } => RunEvent::TimerFired { key },
        Effect::Ask { .. } if bad => RunEvent::QuestionAsked { key, due_at: Time::default() },
        Effect::Ask { .. } => RunEvent::QuestionAnswered { key, answer: "yes".to_owned(), by },
        Effect::Listen { due_at, .. } => RunEvent::Listening { key, due_at: *due_at },
        Effect::Call { .. } if bad => RunEvent::Failed { key, why },
        Effect::Call { .. } => RunEvent::ChildStarted { key, run: child(), digest: String::new() },
        Effect::CallOff { .. } => child_ended(key, roll.detail),
        Effect::Deadline { .. } => RunEvent::OutOfTime,
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
    fn any_events_in_any_order(which in 0..2_usize, rolls in prop::collection::vec(roll(), 1..120)) {
        let graph = Arc::clone(&GRAPHS[which]);
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
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(roll(), 1..120);
    let mut seen = BTreeSet::new();
    let (mut ended, mut refused) = (0, 0);
    for number in 0..600 {
        let rolls = strategy.new_tree(&mut runner).unwrap().current();
        let (run, journal, no) = play(&GRAPHS[number % 2], &rolls);
        seen.extend(journal.iter().map(|(_, event)| event.word()));
        ended += usize::from(run.ended().is_some());
        refused += no;
    }
    assert_eq!(seen.len(), super::journal::WORDS.len(), "{seen:?}");
    assert!(ended > 40 && refused > 400, "{ended} {refused}");
}
