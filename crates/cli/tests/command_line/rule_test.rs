//! `rule test`: cases that pass, fail, and cannot be run.

use crate::{folder, run, run_in};

const RULE: &str = "\
title: Root logged in
id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f02
logsource: { product: linux, service: sshd }
detection:
  selection: { event: login_accepted, user: root }
  condition: selection
level: low
";

const CASES: &str = "\
- name: root
  format: sshd
  events: ['Mar  4 05:06:07 web sshd[7]: Accepted password for root from 192.0.2.9 port 4 ssh2']
  match: true
- name: somebody else
  format: sshd
  events: ['Mar  4 05:06:07 web sshd[7]: Accepted password for eve from 192.0.2.9 port 4 ssh2']
  match: MATCH
";

#[test]
fn cases_pass_and_fail_by_place() {
    let folder = folder(&[("r.yaml", RULE), ("r.test.yaml", &CASES.replace("MATCH", "false"))]);
    let ran = run_in(folder.path(), &["rule", "test", "."]);
    let expect = "pass ./r.test.yaml:1:9 root\npass ./r.test.yaml:5:9 somebody else\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, expect), "{}", ran.err);
    std::fs::write(folder.path().join("r.test.yaml"), CASES.replace("MATCH", "true")).unwrap();
    let ran = run_in(folder.path(), &["rule", "test", "r.yaml"]);
    assert!(
        ran.out.contains("FAIL r.test.yaml:5:9 somebody else\n     wanted a match, saw 0"),
        "{}",
        ran.out
    );
    assert_eq!((ran.code, ran.err.as_str()), (1, "1 passed, 1 failed\n"));
    let report = run_in(folder.path(), &["rule", "test", "--json", "r.test.yaml"]).json();
    assert_eq!((&report["passed"], &report["failed"]), (&1.into(), &1.into()));
    assert_eq!(report["cases"][1]["passed"], false);
}

#[test]
fn a_rule_that_is_refused_or_gone_fails() {
    let cases = CASES.replace("MATCH", "false");
    let broken = RULE.replace("condition: selection", "condition: selektion");
    let folder = folder(&[("a.yaml", &broken), ("a.test.yaml", &cases), ("b.test.yaml", &cases)]);
    let ran = run_in(folder.path(), &["rule", "test", "."]);
    assert!(
        ran.out.contains("SG0022") && ran.out.contains("./b.yaml, is not there"),
        "{}",
        ran.out
    );
    assert_eq!(ran.code, 1);
}

#[test]
fn nothing_to_test_is_no_success() {
    let folder = folder(&[("r.yaml", RULE)]);
    assert_eq!(run_in(folder.path(), &["rule", "test", "."]).code, 2);
    assert_eq!(run_in(folder.path(), &["rule", "test", "r.yaml"]).code, 2);
}

#[test]
fn our_own_rules_pass() {
    let content = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
    let ran = run(&["rule", "test", content]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.lines().count() > 12, "{}", ran.out);
}
