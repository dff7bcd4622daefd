//! Tests of the test driver: what it reads, what it refuses, and that a wrong case fails.

use std::sync::Arc;

use stanch_model::run::RunState;

use super::{CaseResult, RowKind, codes, parse, run};
use crate::{check, graph};

const PLAYBOOK: &str = "playbook: p
title: t
max_mode: auto
on: { alert: \"alert.severity >= SEVERITY.medium\" }
steps:
  - { id: find, do: edr.find_host, with: { address: \"${{ alert.src.ip }}\" }, on_error: continue }
  - { id: sure, ask: Sure?, options: [yes, no], within: 1h, otherwise: no }
  - { id: nap, wait: 10m }
  - { id: isolate, do: edr.isolate_host, with: { host: \"${{ steps.find.host }}\" }, expires: 1h }
  - { id: purge, do: mail.delete_message, with: { message: a }, approve: { count: 2 } }
";

/// Runs the one case of `case` against the playbook.
fn result(case: &str) -> CaseResult {
    let catalog = check::tests::catalog::catalog();
    let (playbook, findings) = check::load(PLAYBOOK, &catalog);
    let playbook = playbook.unwrap_or_else(|| panic!("{findings:#?}"));
    let graph = Arc::new(graph::compile(&playbook, &catalog).unwrap());
    let (cases, findings) = parse(case);
    assert!(findings.is_empty(), "{findings:#?}");
    run(&graph, &playbook, &cases[0])
}

const GOOD: &str = "- name: all of it
  alert: { severity: 3, src: { ip: 192.0.2.8 } }
  mode: auto
  answers:
    find: { found: true, host: WS-01, owner: ann }
    sure: yes
  expect:
    actions: [{ name: edr.isolate_host, target: ws-01 }, { name: mail.delete_message, target: a }]
    reads: [edr.find_host]
    state: succeeded
";

#[test]
fn a_case_that_is_right_passes_and_shows_what_was_done() {
    let result = result(GOOD);
    assert_eq!(result.differences, Vec::<String>::new());
    assert!(result.passed);
    assert_eq!(result.state, Some(RunState::Succeeded));
    let rows: Vec<String> = result
        .effects
        .iter()
        .map(|row| {
            let (kind, step) = (row.kind, &row.step);
            format!("{step} {kind:?} {} {} | {}", row.name, row.target, row.outcome)
        })
        .collect();
    assert_eq!(
        rows,
        [
            "find Read edr.find_host  | answered",
            "sure Ask ask  | yes, said a person",
            "nap Wait wait  | 10m",
            "isolate Act edr.isolate_host ws-01 | verified",
            "purge Approval mail.delete_message  | approved",
            "purge Act mail.delete_message a | verified",
        ]
    );
}

#[test]
fn in_assist_one_question_covers_both_acts() {
    let result = result(&GOOD.replace("auto", "assist"));
    let asked = result.effects.iter().filter(|row| row.kind == RowKind::Approval);
    let asked: Vec<&str> = asked.map(|row| row.name.as_str()).collect();
    assert_eq!(asked, ["edr.isolate_host, mail.delete_message"]);
    assert!(result.passed);
}

/// Each change of a case that passes makes it fail, and says what is different.
#[test]
fn a_case_that_is_wrong_fails() {
    let check = |from: &str, to: &str, expect: &[&str]| {
        assert!(GOOD.contains(from), "{from}");
        let result = result(&GOOD.replace(from, to));
        assert_eq!(result.differences, expect, "{from} → {to}");
        assert_eq!(result.passed, expect.is_empty());
    };
    check("state: succeeded", "state: failed", &["state: expected failed, got succeeded"]);
    check(
        "state: succeeded",
        "state: not_started",
        &["state: expected not_started, got succeeded"],
    );
    check("reads: [edr.find_host]", "reads: []", &["reads: expected none; got edr.find_host"]);
    check("    reads: [edr.find_host]\n", "", &[]);
    check(
        "target: ws-01",
        "target: WS-01",
        &["actions: expected edr.isolate_host on WS-01, mail.delete_message on a; \
           got edr.isolate_host on ws-01, mail.delete_message on a"],
    );
    check(
        "severity: 3",
        "severity: 2",
        &[
            "state: expected succeeded, got not_started",
            "actions: expected edr.isolate_host on ws-01, mail.delete_message on a; got none",
            "reads: expected edr.find_host; got none",
        ],
    );
    check(
        "    sure: yes",
        "    sure: maybe",
        &["answers: `maybe` is no option of `sure`; known are: `yes`, `no`"],
    );
    check("    sure: yes\n", "", &[]);
    check(
        "    sure: yes",
        "    shure: yes",
        &["answers: line 6: the playbook has no step `shure`; did you mean `sure`?"],
    );
    check(
        "owner: ann",
        "owner: 7",
        &["answers: `edr.find_host` never returns that: /owner: 7 is not of type \"string\""],
    );
    check(
        "find: { found: true, host: WS-01, owner: ann }",
        "find: found",
        &[
            "answers: `edr.find_host` returns a mapping, not the word `found`",
            "state: expected succeeded, got failed (step `isolate`: `host` is ``, which is no host)",
            "actions: expected edr.isolate_host on ws-01, mail.delete_message on a; got none",
        ],
    );
    check(
        "  mode: auto",
        "  mode: auto\n  approve: no",
        &[
            "state: expected succeeded, got refused (step `purge`: denied by a person)",
            "actions: expected edr.isolate_host on ws-01, mail.delete_message on a; \
             got edr.isolate_host on ws-01",
        ],
    );
}

#[test]
fn the_mode_is_no_more_than_the_playbook_allows() {
    let catalog = check::tests::catalog::catalog();
    let text = PLAYBOOK.replace("max_mode: auto", "max_mode: assist");
    let playbook = check::load(&text, &catalog).0.unwrap();
    let graph = Arc::new(graph::compile(&playbook, &catalog).unwrap());
    let result = run(&graph, &playbook, &parse(GOOD).0[0]);
    assert_eq!(result.differences, ["mode: auto is more than the playbook's max_mode assist"]);
}

#[test]
fn every_code_has_an_example_that_has_it() {
    for code in codes::CODES {
        let (_, findings) = parse(code.example);
        let found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert!(found.contains(&code.code), "{}: {found:?}", code.code);
        assert!(findings.iter().all(|finding| finding.is_error() && !finding.help.is_empty()));
    }
    let listed: Vec<String> = codes::CODES.iter().map(|code| code.code.to_owned()).collect();
    let numbers: Vec<String> = (1..=codes::CODES.len()).map(|n| format!("TS{n:04}")).collect();
    assert_eq!(listed, numbers);
}

/// What is found in a file, each at its place.
#[track_caller]
fn finds(text: &str, expect: &[&str]) {
    let (_, findings) = parse(text);
    let found: Vec<String> = findings.iter().map(|f| format!("{f} ({})", f.help)).collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn faults_are_found_where_they_are() {
    finds(
        "- nane: a\n  alert: { severty: 3, src: { ip: 7, port: 1 }, techniques: T1486 }\n  mode: automatic\n  expect:\n    actions:\n      - { nam: x }\n    sate: failed\n",
        &[
            "1:3 TS0004 a case has no key `nane` (did you mean `name`?)",
            "1:3 TS0005 the case has no `name` (add `name: …`, what the case shows)",
            "2:12 TS0004 `alert` has no key `severty` (did you mean `severity`?)",
            "2:35 TS0009 `alert.src.ip` is a text, not `7` (put the value in quotes)",
            "2:38 TS0004 `alert.src` has no key `port` (known are: `ip`)",
            "2:61 TS0009 `alert.techniques` is a list of texts, not `T1486` (write `[one, two]`)",
            "3:9 TS0007 `mode` is never `automatic` (known are: `shadow`, `assist`, `auto`)",
            "5:5 TS0005 `expect` has no `state` (add `state:` succeeded, failed, refused or not_started)",
            "6:11 TS0004 an act has no key `nam` (did you mean `name`?)",
            "6:11 TS0005 the act has no `name` (add `name:`, the name after `do:`)",
            "7:5 TS0004 `expect` has no key `sate` (did you mean `state`?)",
        ],
    );
    finds(
        "a: 1\n",
        &[
            "1:2 TS0001 a test file is a list of cases (begin each case with `- name: …`, at the left margin)",
        ],
    );
    finds("[]\n", &["1:1 TS0006 the file has no case (begin each case with `- name: …`)"]);
    finds(
        "- [a]\n",
        &[
            "1:4 TS0006 a case is a mapping, not a list (write `- name: …`, and what belongs to it below)",
        ],
    );
    let begin = "- name: a\n  alert: {}\n  expect: { actions: [], state: failed }\n";
    finds(begin, &[]);
    finds(
        &format!("{begin}  answers: {{ x: [1], y: , z: {{ error: '' }} }}\n"),
        &[
            "4:18 TS0006 an answer is a mapping or a word, not a list (write the action's output as a mapping, `{ error: … }`, or an option)",
            "4:22 TS0006 an answer is a mapping or a word, not nothing (write the action's output as a mapping, `{ error: … }`, or an option)",
            "4:39 TS0006 `error` is a text, not a single value (write it out, in quotes if need be)",
        ],
    );
    finds(
        &format!("{begin}  incident: {{ severity: 6 }}\n"),
        &[
            "4:25 TS0009 `incident.severity` is a severity, not `6` (write a number from 1 (info) to 5 (critical))",
        ],
    );
    finds(
        &format!("{begin}{begin}"),
        &[
            "4:9 TS0008 another case is called `a` (choose another name; the first stands on line 1)",
        ],
    );
}

#[test]
fn hostile_files_are_refused_in_time() {
    let hostile = [
        format!("- {}", "[".repeat(50_000)),
        format!("-{}a", " -".repeat(50_000)),
        "- a: 1\n---\n- b: 2\n".to_owned(),
        "- a: &x 1\n".to_owned(),
        "- !tag a\n".to_owned(),
        "- a: \u{0}\n- b: 2\n".to_owned(),
        format!("- {}", "a".repeat(2 * 1024 * 1024)),
    ];
    for text in hostile {
        let (cases, findings) = parse(&text);
        assert!(cases.is_empty() && findings.iter().any(stanch_model::Diagnostic::is_error));
    }
}
