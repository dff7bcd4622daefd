//! Stories of loops, branches, calls, retries, and everything else beside acts and approvals.

use serde_json::{Map, Value, json};
use stanch_model::plan::StepKey;

use super::{
    alert,
    story::{check, play, word},
    whole,
};
use crate::run::{Approved, Beginning, Run, RunEvent};

/// The outcome of a step as an expression at the end of the run sees it.
fn seen(run: &Run, id: &str) -> Value {
    let node = run.graph().index_of(id).unwrap();
    run.outcome(0, node).unwrap().map(|value| (**value).clone()).unwrap()
}

fn note(run: &Run, key: &str) -> String {
    run.step_note(&StepKey(key.to_owned())).unwrap().to_owned()
}

fn variable(run: &Run, name: &str) -> Value {
    run.frames[0].vars.get(name).map(|value| (**value).clone()).unwrap_or_default()
}

#[test]
fn a_switch_takes_the_first_way_that_is_equal() {
    let steps = "  - switch: alert.count
    cases:
      - { in: [7, 8], then: [{ id: a, wait: 1s }] }
      - { in: [1.0], then: [{ id: b, wait: 1s }] }
      - { in: [1], then: [{ id: c, wait: 1s }] }
    else: [{ id: d, wait: 1s }]
  - { id: after, wait: 1s }
";
    check(
        steps,
        "started => sleep b\ntimer_fired b => sleep after\ntimer_fired after => end succeeded",
    );
    check(&steps.replace("alert.count", "alert.host.name"), "started => sleep d");
    let open = "  - switch: alert.host.name\n    cases: [{ in: [ws-02], then: [{ wait: 1s }] }]\n";
    let run = check(open, "started => end failed");
    assert!(note(&run, "s1").contains("no case is for \"ws-01\""), "{}", note(&run, "s1"));
}

const TRY: &str = "  - try:
      - { id: find, do: edr.find_host, with: { address: 192.0.2.8 } }
      - id: block
        do: firewall.block_address
        with: { address: 192.0.2.7 }
        expires: 1h
      - { id: more, wait: 1s }
    on_error:
      - id: told
        do: intel.lookup
        with: { value: \"${{ error.step + ' ' + error.why + ' ' + string(steps.find.ok) }}\" }
        on_error: continue
  - { id: after, wait: 1s }
";

#[test]
fn a_try_catches_what_fails_in_it() {
    let run = check(
        TRY,
        r#"
started            => plan find
planned find       => read find
read find {"host": "a"} => plan block
planned block      => authorise block
intended block     => act block
failed block no room => plan told
planned told       => read told
failed told        => sleep after
timer_fired after  => end succeeded
steps s1 succeeded, find succeeded, block failed, told failed, after succeeded
"#,
    );
    assert_eq!(
        run.action(&StepKey("told".to_owned())).unwrap().input["value"],
        "block no room true"
    );
    assert_eq!(note(&run, "s1"), "caught step `block`: no room");
    assert_eq!(seen(&run, "find")["ok"], true, "what worked in it is known after it");
    assert_eq!(seen(&run, "block")["ok"], false);
    check(TRY, "started => plan find\nplanned find => read find\nfailed find => plan told");
    // Without a failure its handler is passed by.
    check(
        TRY,
        r"
started          => plan find
planned find     => read find
read find        => plan block
planned block    => authorise block
intended block   => act block
accepted block   => verify block
verified block   => sleep more
timer_fired more => sleep after
",
    );
}

#[test]
fn a_try_catches_a_no_but_not_the_kill_switch_a_cancel_or_the_end_of_time() {
    let begin = "started => plan find\nplanned find => read find\nread find => plan block\nplanned block => authorise block\n";
    check(
        TRY,
        &format!(
            "{begin}decided block refuse => plan told\nsteps s1 intended, find succeeded, block refused, told intended"
        ),
    );
    check(TRY, &format!("{begin}asked block 1 =>\nanswered 1 denied => plan told"));
    check(TRY, &format!("{begin}cancelled => end cancelled"));
    check(TRY, &format!("{begin}out_of_time => end failed"));
    check(
        TRY,
        &format!("{begin}intended block => act block\nstopped block engaged => end refused"),
    );
    let run = check(TRY, begin);
    let mut run = run;
    let switch =
        stanch_model::guard::Reason { rule: "kill_switch".to_owned(), text: "on".to_owned() };
    let decision = stanch_model::guard::Decision::Refuse { reasons: vec![switch] };
    let event = RunEvent::Decided { key: StepKey("block".to_owned()), decision };
    let effects = run.apply(stanch_model::Time::default(), &event).unwrap();
    assert_eq!(effects.iter().map(word).collect::<Vec<_>>(), ["end refused"]);
}

/// What is out when another branch fails comes back first: the handler sees what became of it.
#[test]
fn a_handler_waits_for_what_is_in_flight() {
    let steps = "  - try:
      - parallel:
          - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
          - { id: find, do: edr.find_host, with: { address: 192.0.2.8 } }
          - { id: nap, wait: 1h }
          - { id: look, do: edr.find_host, with: { address: 192.0.2.9 } }
    on_error:
      - if: steps.block.ok && steps.look.ok && !steps.find.ok
        then: [{ end: succeeded, note: blocked all the same }]
  - end: failed
";
    let begin = "
started        => plan block, plan find, sleep nap, plan look
planned block  => authorise block
planned find   => read find
planned look   => read look
read look      =>
intended block => act block
timer_set nap  =>
failed find    =>
steps s1 intended, s2 failed, block intended, find failed, nap refused, look succeeded
timer_fired nap => illegal
accepted block => verify block
";
    check(steps, &format!("{begin}verified block => end succeeded"));
    check(steps, &format!("{begin}unverified block => end failed"));
    // One whose outcome nobody knows is waited for as well.
    let lost = begin.replace("accepted block => verify block", "unsure block => probe block");
    check(steps, &format!("{lost}unresolved block =>\nresolved block happened => end succeeded"));
    // And what the target does not show is not sent again.
    check(steps, &format!("{lost}probed block absent => end failed"));
}

#[test]
fn a_handler_that_fails_is_caught_further_out() {
    let steps = "  - try:
      - try: [{ id: a, do: edr.find_host, with: { address: 192.0.2.1 } }]
        on_error: [{ id: b, do: edr.find_host, with: { address: 192.0.2.2 } }]
    on_error: [{ end: succeeded, note: \"${{ error.step }}\" }]
";
    let story = "started => plan a\nplanned a => read a\nfailed a => plan b\nplanned b => read b\nfailed b => end succeeded";
    let run = check(steps, story);
    assert_eq!(run.due.as_ref().unwrap().1, "b");
}

const EACH: &str = "  - id: each
    for_each: \"['a', 'b', 'c']\"
    as: name
    steps:
      - { id: isolate, do: edr.isolate_host, with: { host: \"${{ name }}\" }, expires: 1h, on_error: continue }
      - if: steps.isolate.ok
        then: [{ id: noted, set: { all: \"${{ vars.all + name }}\" } }]
";

/// One turn of `EACH` or its kin, in which the act is verified.
fn turn(number: usize, then: &str) -> String {
    format!(
        "planned each[{number}]/isolate  => authorise each[{number}]/isolate
intended each[{number}]/isolate => act each[{number}]/isolate
accepted each[{number}]/isolate {{\"job\": \"j{number}\"}} => verify each[{number}]/isolate
verified each[{number}]/isolate => {then}
"
    )
}

#[test]
fn a_loop_goes_through_a_list_one_after_another() {
    let steps = format!("  - set: {{ all: x }}\n{EACH}  - {{ id: after, wait: 1s }}\n");
    let story = format!(
        "started => plan each[0]/isolate\n{}planned each[1]/isolate => authorise each[1]/isolate\n\
         intended each[1]/isolate => act each[1]/isolate\nfailed each[1]/isolate => plan each[2]/isolate\n{}",
        turn(0, "plan each[1]/isolate"),
        turn(2, "sleep after"),
    );
    let run = check(&steps, &story);
    assert_eq!(variable(&run, "all"), "xac", "a turn sees what the one before it set");
    assert_eq!(
        seen(&run, "each"),
        json!({ "ok": true, "count": 3, "failed": 0, "results": [
            { "isolate": { "ok": true, "job": "j0" }, "noted": { "ok": true } },
            { "isolate": { "ok": false, "job": "" }, "noted": { "ok": false } },
            { "isolate": { "ok": true, "job": "j2" }, "noted": { "ok": true } },
        ]})
    );
    assert_eq!(note(&run, "each"), "3 turns");
    let targets: Vec<&str> = (0..3)
        .map(|n| run.action(&StepKey(format!("each[{n}]/isolate"))).unwrap())
        .map(|action| action.target.as_ref().unwrap().value.as_str())
        .collect();
    assert_eq!(targets, ["a", "b", "c"]);
}

#[test]
fn turns_at_once_are_as_many_as_the_loop_is_wide_and_see_nothing_of_each_other() {
    let steps = format!("  - set: {{ all: x }}\n{EACH}")
        .replace("    as: name\n", "    as: name\n    width: 2\n");
    let run = check(
        &steps,
        &format!(
            "started => plan each[0]/isolate, plan each[1]/isolate\n{}{}{}",
            turn(1, "plan each[2]/isolate"),
            turn(2, ""),
            turn(0, "end succeeded")
        ),
    );
    assert_eq!(
        variable(&run, "all"),
        "xc",
        "the last of the list counts, whoever was last in time"
    );
}

#[test]
fn a_list_that_is_empty_or_too_long_is_not_begun() {
    let over = |list: &str, more: &str| {
        format!(
            "  - id: each\n    for_each: \"{list}\"\n    as: n\n{more}    steps: [{{ wait: 1s }}]\n  - {{ id: after, wait: 1s }}\n"
        )
    };
    let run = check(&over("[]", ""), "started => sleep after");
    assert_eq!(seen(&run, "each"), json!({ "ok": true, "count": 0, "failed": 0, "results": [] }));
    let run = check(&over("[1, 2, 3]", "    limit: 2\n"), "started => end failed");
    assert_eq!(note(&run, "each"), "the list has 3 elements, and `limit` allows 2");
    let run = check(
        &over("[1, 2, 3]", "    limit: 2\n    on_error: continue\n"),
        "started => sleep after",
    );
    assert_eq!(seen(&run, "each")["ok"], false);
    let run = check(&over("alert.host", ""), "started => end failed");
    assert!(note(&run, "each").contains("not a list"), "{}", note(&run, "each"));
}

#[test]
fn a_turn_that_fails_ends_the_loop_or_is_counted() {
    let steps = EACH.replace(", on_error: continue", "").replace("vars.all + name", "name");
    let failing = "started => plan each[0]/isolate
planned each[0]/isolate  => authorise each[0]/isolate
intended each[0]/isolate => act each[0]/isolate
failed each[0]/isolate no => ";
    let run = check(&steps, &format!("{failing}end failed"));
    assert_eq!(note(&run, "each"), "step `each[0]/isolate`: no");
    let goes_on = steps.replace("    as: name\n", "    as: name\n    on_error: continue\n");
    let run = check(
        &goes_on,
        &format!(
            "{failing}plan each[1]/isolate\n{}{}",
            turn(1, "plan each[2]/isolate"),
            turn(2, "end succeeded")
        ),
    );
    let each = seen(&run, "each");
    assert_eq!(
        (&each["ok"], &each["count"], &each["failed"]),
        (&json!(false), &json!(3), &json!(1))
    );
    assert_eq!(each["results"][0]["isolate"]["ok"], false);
    assert_eq!(each["results"][1]["isolate"]["ok"], true);
    assert_eq!(note(&run, "each"), "3 turns, 1 failed; the last: step `each[0]/isolate`: no");
    // A no in a turn is no failure that is counted.
    check(
        &goes_on,
        "started => plan each[0]/isolate\nplanned each[0]/isolate => authorise each[0]/isolate\ndecided each[0]/isolate refuse => end refused",
    );
}

#[test]
fn loops_in_loops_have_keys_of_their_own() {
    let steps = "  - id: outer
    for_each: \"[1, 2]\"
    as: a
    steps:
      - id: inner
        for_each: \"['x', 'y']\"
        as: b
        width: 2
        steps:
          - { id: look, do: intel.lookup, with: { value: \"${{ string(a) + b }}\" } }
      - { id: sum, set: { n: \"${{ steps.inner.count }}\" } }
";
    let read =
        |key: &str, then: &str| format!("planned {key} => read {key}\nread {key} => {then}\n");
    let run = check(
        steps,
        &[
            "started => plan outer[0]/inner[0]/look, plan outer[0]/inner[1]/look\n".to_owned(),
            read("outer[0]/inner[1]/look", ""),
            read(
                "outer[0]/inner[0]/look",
                "plan outer[1]/inner[0]/look, plan outer[1]/inner[1]/look",
            ),
            read("outer[1]/inner[0]/look", ""),
            read("outer[1]/inner[1]/look", "end succeeded"),
        ]
        .concat(),
    );
    let asked = |key: &str| run.action(&StepKey(key.to_owned())).unwrap().input["value"].clone();
    assert_eq!(asked("outer[1]/inner[1]/look"), "2y");
    assert_eq!(seen(&run, "outer")["results"][1]["inner"]["count"], 2);
    assert!(run.graph().node_of("outer[1]/inner[1]/look").is_some());
    assert!(run.graph().node_of("outer[1]/look").is_none(), "one loop is missing in the path");
    assert!(run.graph().node_of("sub/outer").is_none(), "a step of a called playbook");
}

#[test]
fn a_loop_on_a_condition_sees_what_its_last_turn_came_to() {
    let steps = "  - id: poll
    while: \"!steps.look.found\"
    turns: 3
    steps:
      - { id: look, do: edr.find_host, with: { address: 192.0.2.8 }, on_error: continue }
      - { wait: 1m }
  - { id: after, wait: 1s }
";
    let round = |n: usize, found: bool| {
        format!(
            "planned poll[{n}]/look => read poll[{n}]/look\nread poll[{n}]/look {{\"found\": {found}}} => sleep poll[{n}]/s3\n"
        )
    };
    let run = check(
        steps,
        &format!(
            "started => plan poll[0]/look\n{}timer_fired poll[0]/s3 => plan poll[1]/look\n{}timer_fired poll[1]/s3 => sleep after",
            round(0, false),
            round(1, true)
        ),
    );
    assert_eq!((note(&run, "poll").as_str(), &seen(&run, "poll")["ok"]), ("2 turns", &json!(true)));
    let used_up = format!(
        "started => plan poll[0]/look\n{}timer_fired poll[0]/s3 => plan poll[1]/look\n{}timer_fired poll[1]/s3 => plan poll[2]/look\n{}timer_fired poll[2]/s3 => ",
        round(0, false),
        round(1, false),
        round(2, false)
    );
    let run = check(steps, &format!("{used_up}end failed"));
    assert_eq!(note(&run, "poll"), "its 3 turns are used up, and the condition still holds");
    let goes_on = steps.replace("    turns: 3\n", "    turns: 3\n    on_error: continue\n");
    let run = check(&goes_on, &format!("{used_up}sleep after"));
    assert_eq!(seen(&run, "poll")["ok"], false);
    // Not even once.
    check(&steps.replace("!steps.look.found", "steps.look.found"), "started => sleep after");
    // A turn that fails.
    let fails = goes_on.replace(", on_error: continue", "");
    check(
        &fails,
        "started => plan poll[0]/look\nplanned poll[0]/look => read poll[0]/look\nfailed poll[0]/look => sleep after",
    );
}

const RACE: &str = "  - id: race
    until: any
    parallel:
      - { id: look, do: intel.lookup, with: { value: a } }
      - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
      - if: alert.count == 1
        then: [{ set: { who: third } }, { id: nap, wait: 1h }]
  - { id: after, do: intel.lookup, with: { value: \"${{ string(steps.look.ok) + string(steps.block.ok) }}\" } }
";

#[test]
fn the_first_branch_that_succeeds_ends_the_others() {
    let begin = "started => plan look, plan block, sleep nap\nplanned look => read look\nplanned block => authorise block\n";
    let run = check(
        RACE,
        &format!(
            "{begin}intended block => act block\ntimer_set nap =>\nread look => plan after\ntimer_fired nap => illegal
steps race succeeded, look succeeded, block intended, s4 succeeded, s5 succeeded, nap refused, after intended
planned after => read after\nread after =>\naccepted block => verify block\nverified block => end succeeded"
        ),
    );
    assert_eq!(note(&run, "race"), "branch 1 was done first");
    assert_eq!(
        variable(&run, "who"),
        Value::Null,
        "what a branch that was called back set is not seen"
    );
    let asked = run.action(&StepKey("after".to_owned())).unwrap();
    assert_eq!(asked.input["value"], "truefalse", "and what it did later neither");
    // A branch that fails leaves it to the others; if all do, it fails.
    check(
        RACE,
        &format!(
            "{begin}failed look =>\nintended block => act block\naccepted block => verify block\nverified block => plan after"
        ),
    );
    let two = RACE.replace("      - if: alert.count == 1\n        then: [{ set: { who: third } }, { id: nap, wait: 1h }]\n", "");
    let run = check(
        &two,
        "started => plan look, plan block\nplanned look => read look\nplanned block => authorise block\nfailed look =>\nfailed block no => end failed",
    );
    assert_eq!(note(&run, "race"), "no branch succeeded: step `block`: no");
    // A no is no failure that another branch makes good.
    check(RACE, &format!("{begin}decided block refuse =>\nread look => end refused"));
}

/// Which of two branches is quicker does not matter to what comes of them.
#[test]
fn branches_that_set_one_variable_end_in_the_order_of_the_text() {
    let steps = "  - set: { n: zero }
  - parallel:
      - if: alert.count == 1
        then: [{ id: a, wait: 1s }, { set: { n: \"${{ vars.n + ' one' }}\" } }]
      - if: alert.count == 1
        then: [{ id: b, wait: 1s }, { set: { n: \"${{ vars.n + ' two' }}\" } }]
";
    for (first, second) in [("a", "b"), ("b", "a")] {
        let story = format!(
            "started => sleep a, sleep b\ntimer_fired {first} =>\ntimer_fired {second} => end succeeded"
        );
        let run = check(steps, &story);
        assert_eq!(variable(&run, "n"), "zero two", "{first} first");
    }
}

const RETRIED: &str = "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, retry: { times: 2, every: 10s }, timeout: 1m }
  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h, retry: { times: 1, every: 10s }, timeout: 30s }
";

#[test]
fn what_certainly_failed_is_tried_again_later() {
    let begin = "
started          => plan find
planned find     => deadline find, read find
failed find busy => sleep find
steps find waiting
failed find      => illegal
timer_set find   =>
timer_fired find => read find
";
    let run = check(
        RETRIED,
        &format!(
            r#"{begin}read find         => plan block
planned block     => authorise block
intended block    => deadline block, act block
failed block full => sleep block
timer_set block   =>
timer_fired block => authorise block
intended block    => act block
accepted block    => verify block
verified block    => end succeeded
steps find succeeded, block verified
"#
        ),
    );
    assert_eq!(note(&run, "find"), "");
    let run = check(
        RETRIED,
        &format!(
            "{begin}failed find busy => sleep find\ntimer_fired find => read find\nfailed find still busy => end failed"
        ),
    );
    assert_eq!(note(&run, "find"), "still busy");
    // What may have happened is looked up, not repeated; and what was accepted is not certain to be not there.
    let begin = format!(
        "{begin}read find => plan block\nplanned block => authorise block\nintended block => deadline block, act block\n"
    );
    check(
        RETRIED,
        &format!(
            "{begin}unsure block => probe block\nunresolved block =>\nresolved block not => end failed"
        ),
    );
    check(
        RETRIED,
        &format!("{begin}accepted block => verify block\nunverified block => end failed"),
    );
    // A refusal is not tried again.
    check(
        RETRIED,
        &format!(
            "{begin}failed block => sleep block\ntimer_fired block => authorise block\ndecided block refuse => end refused"
        ),
    );
}

#[test]
fn pauses_between_tries_double_and_end_before_the_timeout() {
    let steps = "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, retry: { times: 10, every: 10s }, timeout: 1m }\n";
    let mut run = check(steps, "started => plan find\nplanned find => deadline find, read find");
    let key = StepKey("find".to_owned());
    let mut now = stanch_model::Time::default();
    let mut pauses = Vec::new();
    loop {
        let failed = RunEvent::Failed { key: key.clone(), why: "busy".to_owned() };
        let effects = run.apply(now, &failed).unwrap();
        let Some(crate::Effect::Sleep { due_at, .. }) = effects.first() else { break };
        pauses.push((*due_at - now).as_secs());
        now = *due_at;
        run.apply(now, &RunEvent::TimerFired { key: key.clone() }).unwrap();
    }
    assert_eq!(pauses, [10, 20], "the third would end after the minute");
    assert_eq!(note(&run, "find"), "busy");
}

#[test]
fn a_step_that_takes_too_long_fails_and_what_is_out_is_followed() {
    let found = "started => plan find\nplanned find => deadline find, read find\n";
    let run = check(RETRIED, &format!("{found}timed_out find => end failed\nread find => illegal"));
    assert_eq!(note(&run, "find"), "it took longer than 1m");
    let run = check(
        RETRIED,
        &format!("{found}failed find busy => sleep find\ntimed_out find => end failed"),
    );
    assert_eq!(note(&run, "find"), "it took longer than 1m; the last time: busy");
    let out = format!(
        "{found}read find => plan block\nplanned block => authorise block\ntimed_out block => illegal\nintended block => deadline block, act block\n"
    );
    check(
        RETRIED,
        &format!("{out}timed_out block =>\ntimed_out block => illegal\nfailed block => end failed"),
    );
    check(
        RETRIED,
        &format!(
            "{out}timed_out block =>\naccepted block => verify block\nverified block => end succeeded"
        ),
    );
    check(
        RETRIED,
        &format!(
            "{out}timed_out block =>\nunsure block => probe block\nprobed block absent => end failed"
        ),
    );
    check(
        RETRIED,
        &format!(
            "{out}accepted block => verify block\ntimed_out block => end failed\nverified block => illegal"
        ),
    );
    check(
        RETRIED,
        &format!(
            "{out}failed block => sleep block\ntimer_fired block => authorise block\nasked block 1 =>\ntimed_out block => end failed\nanswered 1 approved block => illegal"
        ),
    );
}

#[test]
fn the_time_of_a_run_ends_it_once_what_is_out_came_back() {
    let steps = "  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h, on_error: continue }\n  - wait: 1s\n";
    let run = check(
        steps,
        "started => plan block\nplanned block => authorise block\nintended block => act block
out_of_time =>\nout_of_time => illegal\naccepted block => verify block\nverified block => end failed\nended failed =>",
    );
    assert_eq!(run.graph().timeout, crate::ast::TIMEOUT);
    assert!(run.deadline().is_some());
}

#[test]
fn what_failed_reads_as_its_default() {
    let steps = "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, default: { host: none }, on_error: continue }
  - end: succeeded
    note: \"${{ steps.find.host + string(steps.find.found) + string(steps.find.ok) }}\"
";
    let run = check(
        steps,
        "started => plan find\nplanned find => read find\nfailed find => end succeeded",
    );
    assert_eq!(run.due.as_ref().unwrap().1, "nonefalsefalse");
}

#[test]
fn inputs_and_outputs() {
    let graph = whole(
        "inputs: { host: { type: string }, hours: { type: integer, default: 24 } }
outputs: { found: \"${{ steps.find.found }}\", all: { n: [\"${{ inputs.hours }}\"] } }
steps:
  - { id: find, do: edr.find_host, with: { address: \"${{ inputs.host }}\" } }
",
    );
    let given = |inputs: Value| graph.given(inputs.as_object().cloned().unwrap());
    assert!(given(json!({})).unwrap_err().contains("needs the input `host`"));
    assert!(given(json!({ "host": 7 })).unwrap_err().contains("`host` does not fit"));
    let unknown = given(json!({ "host": "a", "hour": 7 })).unwrap_err();
    assert!(unknown.contains("no input `hour`") && unknown.contains("hours"), "{unknown}");
    let inputs = given(json!({ "host": "192.0.2.8" })).unwrap();
    let with = Box::new(Beginning { inputs, ..Beginning::default() });
    let begins = RunEvent::Started { alert: alert(), incident: json!({}), with };
    let story = "started => plan find\nplanned find => read find\nread find {\"found\": true} => end succeeded";
    let run = play(graph, begins, story);
    assert_eq!(
        Value::Object(run.outputs().clone()),
        json!({ "found": true, "all": { "n": [24] } })
    );
    assert_eq!(run.action(&StepKey("find".to_owned())).unwrap().input["address"], "192.0.2.8");

    let broken = "outputs: { a: \"${{ alert.techniques[0] }}\" }\nsteps: [{ id: nap, wait: 1s }]\n";
    let run = play(
        whole(broken),
        super::started(),
        "started => sleep nap\ntimer_fired nap => end failed",
    );
    assert!(run.due.as_ref().unwrap().1.starts_with("outputs: "), "{:?}", run.due);
}

const CALL: &str = "  - id: sub
    call: contain-host
    with: { host: \"${{ alert.host.name }}\" }
  - { id: after, do: intel.lookup, with: { value: \"${{ steps.sub.state }}\" } }
";

#[test]
fn a_call_comes_to_what_its_run_gives_back() {
    let begin = "started => call sub\nchild_ended sub succeeded => illegal\nchild_started sub =>\n";
    let run = check(
        CALL,
        &format!(
            "{begin}steps sub waiting\nchild_started sub => illegal\nchild_ended sub waiting => illegal\nchild_ended sub succeeded {{\"state\": \"contained\"}} => plan after"
        ),
    );
    assert_eq!(run.action(&StepKey("after".to_owned())).unwrap().input["value"], "contained");
    assert_eq!(run.step_views()[0].input, json!({ "host": "ws-01" }));
    check(CALL, &format!("{begin}child_ended sub failed => end failed"));
    check(CALL, &format!("{begin}child_ended sub refused => end refused"));
    check(CALL, &format!("{begin}child_ended sub cancelled => end failed"));
    check(CALL, "started => call sub\nfailed sub => end failed");
    let goes_on = CALL
        .replace("    with: { host", "    on_error: continue\n    with: { host")
        .replace("steps.sub.state", "string(steps.sub.ok)");
    check(&goes_on, &format!("{begin}child_ended sub failed => plan after"));
    check(&goes_on, &format!("{begin}child_ended sub refused => end refused"));
}

#[test]
fn a_run_that_ends_calls_its_calls_off_and_waits_for_them() {
    let begin = "started => call sub\nchild_started sub =>\ncancelled => call_off sub\n";
    let run = check(CALL, begin);
    assert_eq!(run.outstanding().iter().map(word).collect::<Vec<_>>(), ["call_off sub"]);
    check(CALL, &format!("{begin}child_ended sub cancelled => end cancelled\nsteps sub refused"));
    check(CALL, &format!("{begin}child_ended sub succeeded => end cancelled\nsteps sub succeeded"));
    check(CALL, "started => call sub\ncancelled => end cancelled\nchild_started sub => illegal");
}

#[test]
fn the_run_of_a_called_playbook_goes_on_from_its_caller() {
    let run = check(CALL, "started => call sub");
    let text = |text: &str| text.to_owned();
    let approved = Approved {
        acts: [(text("print"), 2)].into(),
        versions: [(text("deeper"), text("d"))].into(),
    };
    let begins = run.start_of_child(&StepKey("sub".to_owned()), Map::new(), approved);
    let graph = whole(
        "steps: [{ id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }]\n",
    );
    let child =
        play(graph, begins, "started => plan sub/block\nplanned sub/block => authorise sub/block");
    assert_eq!(child.approved.get("print"), Some(&2));
    assert_eq!(child.inherited("deeper", "d").acts.get("print"), Some(&2));
    assert_eq!(child.inherited("deeper", "e"), Approved::default(), "another version");
    assert_eq!(child.given["alert"]["host"]["name"], "ws-01");
}

#[test]
fn a_pause_until_a_moment() {
    let steps = |until: &str| {
        format!(
            "  - {{ id: nap, wait: {{ until: \"{until}\" }} }}\n  - {{ id: after, wait: 1s }}\n"
        )
    };
    check(&steps("'1970-01-02T00:00:00Z'"), "started => sleep nap\ntimer_fired nap => sleep after");
    check(&steps("'1969-12-31T00:00:00Z'"), "started => sleep after");
    for (wrong, why) in [
        ("'tomorrow'", "no moment"),
        ("'1990-01-01T00:00:00Z'", "more than a year ahead"),
        ("alert.count", "no text"),
    ] {
        let run = check(&steps(wrong), "started => end failed");
        assert!(note(&run, "nap").contains(why), "{}", note(&run, "nap"));
    }
}

#[test]
fn a_signal_comes_or_lapses() {
    let steps = "  - { id: sig, wait: { signal: vendor-done, within: 4h } }
  - end: succeeded
    note: \"${{ steps.sig.ok ? string(steps.sig.data.n) : 'none' }}\"
";
    let begin =
        "started => listen sig\nlistening sig =>\nlistening sig => illegal\nsteps sig waiting\n";
    let run = check(steps, &format!("{begin}signalled sig {{\"n\": 7}} => end succeeded"));
    assert_eq!(run.due.as_ref().unwrap().1, "7");
    assert_eq!(note(&run, "sig"), "sent by ann");
    let run = check(
        steps,
        &format!("{begin}timer_fired sig => end succeeded\nsignalled sig {{}} => illegal"),
    );
    assert_eq!(run.due.as_ref().unwrap().1, "none");
    let early = check(steps, "started => listen sig");
    assert_eq!(early.listening_for(), [(StepKey("sig".to_owned()), "vendor-done".to_owned())]);
    check(steps, "started => listen sig\nsignalled sig {\"n\": 1} => end succeeded");
}

#[test]
fn a_form_is_filled_in_as_it_says_or_lapses() {
    let steps = "  - id: facts
    ask: Describe ${{ alert.host.name }}
    form: { owner: { type: string }, count: { type: integer, minimum: 1 } }
    within: 4h
  - end: succeeded
    note: \"${{ steps.facts.owner + string(steps.facts.count) + string(steps.facts.ok) }}\"
";
    let begin = "started => ask facts\nquestion_asked facts =>\n";
    let wrong = [
        "{}",
        r#"{"owner": "ann"}"#,
        r#"{"owner": "ann", "count": 0}"#,
        r#"{"owner": "ann", "count": 1, "more": 1}"#,
    ];
    for values in wrong {
        check(steps, &format!("{begin}form_answered facts {values} => illegal"));
    }
    check(steps, &format!("{begin}question_answered facts yes => illegal"));
    let right = r#"{"owner": "ann", "count": 2}"#;
    let run = check(
        steps,
        &format!(
            "{begin}form_answered facts {right} => end succeeded\nform_lapsed facts => illegal"
        ),
    );
    assert_eq!(run.due.as_ref().unwrap().1, "ann2true");
    let run = check(steps, &format!("{begin}form_lapsed facts => end succeeded"));
    assert_eq!(run.due.as_ref().unwrap().1, "0false");
    check(
        "  - { id: q, ask: Well?, options: [a, b], within: 1h, otherwise: a }\n",
        "started => ask q\nform_answered q {} => illegal\nform_lapsed q => illegal",
    );
}

const SCRIPT: &str = "  - id: verdict
    script: python
    code: print()
    with: { text: \"${{ alert.host.name }}\", key: \"${{ secrets.api }}\" }
    output: { score: { type: integer } }
    retry: { times: 1, every: 1s }
  - end: succeeded
    note: \"${{ string(steps.verdict.score) }}\"
";

#[test]
fn a_script_reads_json_and_writes_what_it_declares() {
    let begin = "started => plan verdict\nplanned verdict => deadline verdict, script verdict\n";
    let run = check(SCRIPT, &format!("{begin}read verdict {{\"score\": 3}} => end succeeded"));
    assert_eq!(run.due.as_ref().unwrap().1, "3");
    let action = run.action(&StepKey("verdict".to_owned())).unwrap();
    assert_eq!(action.input, json!({ "text": "ws-01", "key": { "secret": "api" } }));
    assert_eq!((action.connector.as_str(), action.action.as_str()), ("script", "python"));
    for wrong in ["{}", r#"{"score": "3"}"#, r#"{"score": 3, "more": 1}"#, "[]"] {
        let run = check(
            SCRIPT,
            &format!(
                "{begin}read verdict {wrong} => sleep verdict\ntimer_fired verdict => script verdict\nread verdict {wrong} => end failed"
            ),
        );
        assert!(note(&run, "verdict").contains("does not fit"), "{}", note(&run, "verdict"));
    }
    let other = SCRIPT.replace("print()", "print(1)");
    let other = check(&other, begin).action(&StepKey("verdict".to_owned())).unwrap().clone();
    assert_ne!(other.fingerprint(), action.fingerprint(), "another script is another act");
}

#[test]
fn a_script_that_changes_something_is_an_act() {
    let steps = "  - id: purge
    script: bash
    code: rm it
    effect: irreversible
    target: { kind: host, value: \"${{ alert.host.name }}\" }
    output: { done: { type: boolean } }
";
    let begin = "started => plan purge\nplanned purge => authorise purge\nintended purge => live_script purge\n";
    let run = check(
        steps,
        &format!(
            "{begin}accepted purge {{\"done\": true}} => end succeeded\nsteps purge succeeded"
        ),
    );
    assert_eq!(
        run.action(&StepKey("purge".to_owned())).unwrap().target.as_ref().unwrap().value,
        "ws-01"
    );
    check(steps, &format!("{begin}accepted purge {{}} => end failed"));
    check(steps, &format!("{begin}failed purge => end failed"));
    // Nobody can be asked what became of it but a person.
    let lost = check(steps, begin);
    assert_eq!(lost.outstanding().iter().map(word).collect::<Vec<_>>(), ["probe purge"]);
    check(steps, &format!("{begin}unresolved purge =>\nresolved purge happened => end succeeded"));
}

#[test]
fn a_secret_stays_a_reference_whatever_the_schema_says() {
    let steps = "  - { id: look, do: intel.lookup, with: { value: \"${{ secrets.token }}\" } }\n";
    let run = check(steps, "started => plan look\nplanned look => read look");
    assert_eq!(run.step_views()[0].input, json!({ "value": { "secret": "token" } }));
}

#[test]
fn what_returns_too_much_fails() {
    let steps =
        "  - { id: find, do: edr.find_host, with: { address: 192.0.2.8 }, on_error: continue }
  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
";
    let big = "x".repeat(256 * 1_024);
    let begin = "started => plan find\nplanned find => read find\n";
    let run = check(steps, &format!("{begin}read find {{\"host\": \"{big}\"}} => plan block"));
    assert_eq!(note(&run, "find"), "its output is larger than 256 KiB");
    let acts = format!(
        "{begin}read find => plan block\nplanned block => authorise block\nintended block => act block\n"
    );
    for output in [format!("accepted block {{\"rule\": \"{big}\"}}"), "overflowed block".to_owned()]
    {
        let run =
            check(steps, &format!("{acts}{output} => verify block\nverified block => end failed"));
        assert!(note(&run, "block").starts_with("it is done, but"), "{}", note(&run, "block"));
        assert_eq!(run.step_views()[1].output, Value::Null);
    }
    let key = StepKey("a".to_owned());
    let read = RunEvent::Read { key: key.clone(), output: json!({ "host": big }) }.bounded();
    assert!(matches!(read, RunEvent::Failed { .. }));
    let accepted =
        RunEvent::Accepted { key: key.clone(), output: json!({ "host": big }) }.bounded();
    assert!(matches!(accepted, RunEvent::Overflowed { bytes: 262_155, .. }), "{accepted:?}");
    let small = RunEvent::Read { key, output: json!({}) };
    assert_eq!(small.clone().bounded(), small);
}

#[test]
fn what_the_probe_finds_keeps_what_could_be_read_of_it() {
    let steps =
        "  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h }
  - end: succeeded
    note: \"${{ steps.block.rule }}\"
";
    let begin = "started => plan block\nplanned block => authorise block\nintended block => act block\nunsure block => probe block\n";
    for (found, rule) in [
        (r#"found block {"rule": "r-7"}"#, "r-7"),
        ("found block", ""),
        ("probed block present", ""),
    ] {
        let run = check(
            steps,
            &format!("{begin}{found} => verify block\nverified block => end succeeded"),
        );
        assert_eq!(run.due.as_ref().unwrap().1, rule);
    }
}

#[test]
fn nobody_answered_so_others_are_asked_once() {
    let steps = "  - { id: block, do: firewall.block_address, with: { address: 192.0.2.7 }, expires: 1h, approve: { count: 1, otherwise: escalate } }\n";
    let begin = "started => plan block\nplanned block => authorise block\nasked block 1 =>\nanswered 1 expired => authorise block\n";
    let run = check(steps, begin);
    assert!(run.is_escalated(&StepKey("block".to_owned())));
    check(steps, &format!("{begin}asked block 2 =>\nanswered 2 expired => end refused"));
    check(steps, &format!("{begin}asked block 2 =>\nanswered 2 approved block => authorise block"));
}

#[test]
fn a_run_has_at_most_a_thousand_steps() {
    let steps = "  - id: each
    for_each: \"[1, 2, 3, 4]\"
    as: a
    steps:
      - id: inner
        for_each: \"[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(x, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).map(l, l[0])\"
        as: b
        steps:
          - while: \"!(has(vars.n) && vars.n > 100)\"
            turns: 1000
            steps: [{ set: { n: \"${{ has(vars.n) ? vars.n + 1 : 0 }}\" } }]
          - set: { n: 0 }
";
    let run = check(steps, "started => end failed");
    assert_eq!(run.due.as_ref().unwrap().1, "more than 1000 steps");
    assert_eq!(run.step_views().len(), 1_000);
}
