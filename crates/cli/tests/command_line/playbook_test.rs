//! `playbook test`: cases that pass, fail, and cannot be run.

use crate::{folder, run, run_in};

const PLAYBOOK: &str = "\
playbook: block
title: Block an address
on: { alert: \"alert.severity >= SEVERITY.high\" }
max_mode: assist
steps:
  - id: block
    do: firewall.block_address
    with: { address: \"${{ alert.src.ip }}\" }
    expires: 1h
";

const CASES: &str = "\
- name: it is blocked
  alert: { severity: 4, src: { ip: 203.0.113.7 } }
  answers: { firewall.block_address: { address: 203.0.113.7 } }
  expect:
    actions: [{ name: firewall.block_address, target: TARGET }]
    state: succeeded
- name: a mild alert starts nothing
  alert: { severity: 2, src: { ip: 203.0.113.7 } }
  expect: { actions: [], state: not_started }
";

#[test]
fn cases_pass_and_fail_by_place() {
    let cases = CASES.replace("TARGET", "203.0.113.7");
    let folder = folder(&[("p.yaml", PLAYBOOK), ("p.test.yaml", &cases)]);
    let ran = run_in(folder.path(), &["playbook", "test", "p.yaml"]);
    let expect =
        "pass p.test.yaml:1:9 it is blocked\npass p.test.yaml:7:9 a mild alert starts nothing\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, expect), "{}", ran.err);
    std::fs::write(folder.path().join("p.test.yaml"), CASES.replace("TARGET", "203.0.113.8"))
        .unwrap();
    let ran = run_in(folder.path(), &["playbook", "test", "."]);
    assert!(
        ran.out.contains("FAIL ./p.test.yaml:1:9 it is blocked\n     actions: expected"),
        "{}",
        ran.out
    );
    assert_eq!((ran.code, ran.err.as_str()), (1, "1 passed, 1 failed\n"));
    let report = run_in(folder.path(), &["playbook", "test", "--json", "p.test.yaml"]).json();
    assert_eq!((&report["passed"], &report["failed"]), (&1.into(), &1.into()));
    assert_eq!(report["cases"][0]["state"], "succeeded");
}

#[test]
fn what_cannot_be_run_fails() {
    let cases = CASES.replace("TARGET", "203.0.113.7");
    let broken = PLAYBOOK.replace("expires", "expire");
    let folder = folder(&[
        ("a.yaml", &broken),
        ("a.test.yaml", &cases),
        ("b.test.yaml", &cases),
        ("c.yaml", PLAYBOOK),
        ("c.test.yaml", &cases.replace("state: succeeded", "state: success")),
    ]);
    let ran = run_in(folder.path(), &["playbook", "test", "."]);
    for shown in ["./a.yaml:9:5 PB0004", "./b.yaml, is not there", "FAIL ./c.test.yaml:6:12 TS0007"]
    {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    assert_eq!(ran.code, 1);
    // A test file that cannot be read is a finding of `check` as well.
    let ran = run_in(folder.path(), &["check", "c.test.yaml"]);
    assert!(ran.out.starts_with("c.test.yaml:6:12 TS0007 "), "{}", ran.out);
    assert_eq!(run_in(folder.path(), &["playbook", "test", "c.yaml", "gone"]).code, 2);
}

#[test]
fn our_own_playbooks_pass() {
    let content = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
    let ran = run(&["playbook", "test", content]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.lines().count() > 10, "{}", ran.out);
}
