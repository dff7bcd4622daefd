//! Tests of the backtest driver: what answers, on what acts rest, where it stops, and that the guard is heard.

use std::sync::Arc;

use serde_json::{Value, json};
use stanch_model::{
    Time,
    guard::{Decision, Reason},
    manifest::{Catalog, Example},
    plan::{PlannedAction, StepKey},
    run::RunState,
};

use super::{Around, End, Judged, Occasion, Recorded, Replay, Replayer};
use crate::{
    check, graph,
    graph::Graph,
    run::{Called, RunEvent},
};

/// A guard that says what it is told, and books that know one address.
#[derive(Default)]
struct Told {
    /// What it says to each act in turn; then everything goes through.
    says: Vec<Judged>,
    asked: Vec<(String, Time, bool)>,
}

impl Around for Told {
    fn ours(&self, action: &PlannedAction) -> Option<Value> {
        (action.name == "intel.lookup").then(|| json!({ "verdict": "malicious" }))
    }

    fn judge(&mut self, action: &PlannedAction, at: Time, again: bool) -> Judged {
        self.asked.push((action.name.clone(), at, again));
        if self.says.is_empty() { Judged::Through } else { self.says.remove(0) }
    }
}

fn catalog() -> Catalog {
    let mut catalog = check::tests::catalog::catalog();
    let example = |input: Value, output: Value| Example { title: String::new(), input, output };
    let edr = catalog.manifests.get_mut("lab_edr").unwrap();
    edr.actions.get_mut("find_host").unwrap().examples = vec![
        example(json!({ "address": "192.0.2.1" }), json!({ "found": true, "host": "first" })),
        example(json!({ "address": "192.0.2.8" }), json!({ "found": true, "host": "same" })),
    ];
    edr.actions.get_mut("isolate_host").unwrap().examples =
        vec![example(json!({ "host": "ws" }), json!({ "job": "j-1" }))];
    catalog
}

fn graph(text: &str) -> Arc<Graph> {
    let catalog = catalog();
    let (playbook, findings) = crate::parse::parse(text);
    let playbook = playbook.unwrap_or_else(|| panic!("{findings:#?}\n{text}"));
    Arc::new(graph::compile(&playbook, &catalog).unwrap())
}

fn steps(steps: &str) -> Replayer {
    let text = format!("playbook: p\ntitle: t\nmax_mode: auto\nsteps:\n{steps}");
    Replayer::new(graph(&text), Called::default())
}

fn occasion(address: &str) -> Occasion {
    let alert = json!({ "severity": 4, "src": { "ip": address }, "fields": {} });
    Occasion { alert, incident: json!({}), at: Time::from_micros(0) }
}

fn replay(replayer: &mut Replayer, address: &str, recorded: &Recorded) -> Replay {
    replayer.replay(occasion(address), recorded, &mut Told::default())
}

/// `name target basis` of each act, and how it ended.
fn outline(replay: &Replay) -> Vec<String> {
    let act = |act: &super::Act| {
        let target = act.action.target.as_ref().map_or("-", |target| target.value.as_str());
        let refused = if act.refused { " refused" } else { "" };
        format!("{} {target} {}{refused}", act.action.name, act.rests_on.word())
    };
    let end = match &replay.end {
        End::Ended(state) => format!("{state:?}"),
        End::NotKnown { name, why } => format!("not known: {name}: {why}"),
    };
    replay.acts.iter().map(act).chain([end]).collect()
}

const FIND: &str = "
  - { id: find, do: edr.find_host, with: { address: \"${{ alert.src.ip }}\" } }
  - { id: isolate, do: edr.isolate_host, with: { host: \"${{ steps.find.host }}\" }, expires: 1h }
  - { do: firewall.block_address, with: { address: \"${{ alert.src.ip }}\" }, expires: 1h }
";

/// A journal in which `find_host` was asked for that address.
fn journal(address: &str, answer: &Result<Value, String>) -> Vec<RunEvent> {
    let mut found = Vec::new();
    let mut run = crate::Run::new(graph(&format!(
        "playbook: q\ntitle: t\nsteps:\n  - {{ id: other, do: edr.find_host, with: {{ address: {address} }} }}\n"
    )));
    let mut events = vec![RunEvent::started(json!({}), json!({}))];
    while let Some(event) = events.pop() {
        for effect in run.apply(Time::from_micros(1), &event).unwrap() {
            match effect {
                crate::Effect::Plan { key, action } => {
                    events.push(RunEvent::Planned { key, action });
                }
                crate::Effect::Read { key, .. } => events.push(match answer.clone() {
                    Ok(output) => RunEvent::Read { key, output },
                    Err(why) => RunEvent::Failed { key, why },
                }),
                _ => {}
            }
        }
        found.push(event);
    }
    found
}

#[test]
fn what_was_recorded_answers_before_the_example_does() {
    let mut replayer = steps(FIND);
    let none = Recorded::default();
    let from_example = replay(&mut replayer, "192.0.2.8", &none);
    assert_eq!(
        outline(&from_example),
        ["edr.isolate_host same example", "firewall.block_address 192.0.2.8 example", "Succeeded"]
    );
    // No example has that input: the first one stands for it, and that is told.
    let other = replay(&mut replayer, "192.0.2.9", &none);
    assert_eq!(outline(&other)[0], "edr.isolate_host first example");

    let mut recorded = Recorded::default();
    recorded.add(&journal("192.0.2.8", &Ok(json!({ "found": true, "host": "ws-7" }))));
    recorded.add(&journal("192.0.2.8", &Ok(json!({ "found": true, "host": "later" }))));
    let from_record = replay(&mut replayer, "192.0.2.8", &recorded);
    assert_eq!(outline(&from_record)[0], "edr.isolate_host ws-7 recorded");
    assert_eq!(from_record, replay(&mut replayer, "192.0.2.8", &recorded));
    // It was recorded for another input.
    assert_eq!(outline(&replay(&mut replayer, "192.0.2.1", &recorded))[0], outline(&other)[0]);

    let mut recorded = Recorded::default();
    recorded.add(&journal("192.0.2.8", &Err("no such host".to_owned())));
    assert_eq!(outline(&replay(&mut replayer, "192.0.2.8", &recorded)), ["Failed"]);
}

#[test]
fn what_nothing_reads_changes_nothing_that_an_act_rests_on() {
    let mut replayer = steps(
        "
  - { id: find, do: edr.find_host, with: { address: \"${{ alert.src.ip }}\" } }
  - { id: collect, do: edr.collect, with: { host: ws } }
  - { id: block, do: firewall.block_address, with: { address: \"${{ alert.src.ip }}\" }, expires: 1h }
  - { do: firewall.block_address, with: { address: 192.0.2.77 }, expires: 1h }
",
    );
    let none = Recorded::default();
    assert_eq!(
        outline(&replay(&mut replayer, "192.0.2.8", &none)),
        [
            "firewall.block_address 192.0.2.8 alert",
            "firewall.block_address 192.0.2.77 alert",
            "Succeeded"
        ]
    );
}

#[test]
fn it_stops_at_what_nobody_knows_and_says_at_what() {
    let none = Recorded::default();
    for (text, expect) in [
        (
            "
  - { do: firewall.block_address, with: { address: 192.0.2.77 }, expires: 1h }
  - { id: collect, do: edr.collect, with: { host: ws } }
  - { end: failed, note: \"${{ string(steps.collect) }}\" }
",
            vec![
                "firewall.block_address 192.0.2.77 alert",
                "not known: edr.collect: no earlier run asked it, and its manifest has no example",
            ],
        ),
        (
            "
  - { id: come, wait: { signal: go, within: 1h } }
",
            vec!["not known: go: whether the signal would have come"],
        ),
        (
            "
  - { id: fill, ask: Who?, form: { who: { type: string } }, within: 1h }
",
            vec!["not known: fill: what people would have filled in"],
        ),
        (
            "
  - id: think
    script: python
    code: print('{}')
    output: { n: { type: integer } }
",
            vec!["not known: script think: no earlier run ran it with this input"],
        ),
    ] {
        let found = replay(&mut steps(text), "192.0.2.8", &none);
        assert_eq!(outline(&found), expect, "{text}");
    }
}

#[test]
fn people_say_yes_and_time_passes_at_once() {
    let mut replayer = steps(
        "
  - { id: sure, ask: Sure?, options: [no, yes], within: 1h, otherwise: no }
  - { id: which, ask: Which?, options: [host, address], within: 1h, otherwise: address }
  - { id: nap, wait: 2h }
  - if: \"steps.sure.answer == 'yes' && steps.which.answer == 'host'\"
    then:
      - { do: mail.delete_message, with: { message: a }, approve: { count: 2 } }
",
    );
    let mut told = Told::default();
    let found = replayer.replay(occasion("192.0.2.8"), &Recorded::default(), &mut told);
    assert_eq!(outline(&found), ["mail.delete_message a alert", "Succeeded"]);
    let assumed: Vec<_> = found.assumed.iter().map(|(id, said)| format!("{id}: {said}")).collect();
    assert_eq!(assumed, ["sure: yes", "which: host"]);
    let hours = 2 * 3_600 * 1_000_000;
    assert_eq!(told.asked, [("mail.delete_message".to_owned(), Time::from_micros(hours), false)]);
}

#[test]
fn the_guard_is_heard() {
    let refuse = || {
        let reason = Reason { rule: "budget".to_owned(), text: "no more".to_owned() };
        Judged::Refused(Decision::Refuse { reasons: vec![reason] })
    };
    let until = Time::from_micros(5_000_000);
    let mut told = Told { says: vec![Judged::Held(until), Judged::Through], ..Told::default() };
    let block = "
  - { do: firewall.block_address, with: { address: 192.0.2.77 }, expires: 1h }
  - { do: firewall.block_address, with: { address: 192.0.2.78 }, expires: 1h }
";
    let found = steps(block).replay(occasion("192.0.2.8"), &Recorded::default(), &mut told);
    assert_eq!(outline(&found).last().unwrap(), "Succeeded");
    assert_eq!(found.acts.iter().map(|act| act.at).collect::<Vec<_>>(), [until, until]);
    let asked: Vec<bool> = told.asked.iter().map(|(_, _, again)| *again).collect();
    assert_eq!(asked, [false, true, false]);

    let mut told = Told { says: vec![refuse()], ..Told::default() };
    let found = steps(block).replay(occasion("192.0.2.8"), &Recorded::default(), &mut told);
    assert_eq!(outline(&found), ["firewall.block_address 192.0.2.77 alert refused", "Refused"]);

    // A hold that never ends is no answer.
    let mut told = Told { says: vec![Judged::Held(until); 200], ..Told::default() };
    let found = steps(block).replay(occasion("192.0.2.8"), &Recorded::default(), &mut told);
    assert_eq!(outline(&found), ["not known: firewall.block_address: the guard holds it"]);
}

#[test]
fn our_own_books_answer_as_they_are_today() {
    let mut replayer = steps(
        "
  - { id: look, do: intel.lookup, with: { value: \"${{ alert.src.ip }}\" } }
  - if: \"steps.look.verdict == 'malicious'\"
    then:
      - { do: firewall.block_address, with: { address: \"${{ alert.src.ip }}\" }, expires: 1h }
",
    );
    let found = replay(&mut replayer, "192.0.2.8", &Recorded::default());
    assert_eq!(outline(&found), ["firewall.block_address 192.0.2.8 ours", "Succeeded"]);
}

#[test]
fn what_it_calls_is_replayed_too() {
    let child = "playbook: inner\ntitle: t\nmax_mode: auto\ninputs: { host: { type: string } }\n\
        outputs: { job: \"${{ steps.cut.job }}\" }\nsteps:\n\
        \x20 - { wait: 1m }\n\
        \x20 - { id: cut, do: edr.isolate_host, with: { host: \"${{ inputs.host }}\" }, expires: 1h }\n";
    let called: Called = [graph(child)].into_iter().collect();
    let outer = "playbook: outer\ntitle: t\nmax_mode: auto\nsteps:\n\
        \x20 - { id: first, call: inner, with: { host: ws-1 } }\n\
        \x20 - { do: firewall.block_address, with: { address: 192.0.2.77 }, expires: 1h }\n\
        \x20 - { end: failed, note: \"${{ string(steps.first.job) }}\" }\n";
    let catalog = catalog();
    let (playbook, _) = crate::parse::parse(outer);
    let (inner, _) = crate::parse::parse(child);
    let folder = check::Folder::new([&inner.unwrap()], &catalog);
    let context = check::Context::new(&catalog).with_playbooks(&folder);
    let graph = Arc::new(graph::compile_in(&playbook.unwrap(), &context).unwrap());
    let found = Replayer::new(graph, called).replay(
        occasion("192.0.2.8"),
        &Recorded::default(),
        &mut Told::default(),
    );
    assert_eq!(
        outline(&found),
        ["edr.isolate_host ws-1 alert", "firewall.block_address 192.0.2.77 example", "Failed"]
    );
    assert_eq!(found.acts[0].action.key, StepKey("first/cut".to_owned()));
    assert_eq!(found.acts[1].at, Time::from_micros(60_000_000));
    assert_eq!(found.end, End::Ended(RunState::Failed));
}
