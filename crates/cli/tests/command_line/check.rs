//! `check`: planted faults with their places, and what is no fault.

use crate::{folder, run_in};

const PLAYBOOK: &str = "\
playbook: block
title: Block an address
max_mode: assist
steps:
  - id: block
    do: firewall.block_address
    with: { address: \"${{ alert.src.ip }}\" }
    expires: 1h
";

const RULE: &str = "\
title: Shadow copies deleted
id: 3c1de1a5-4b0b-4d0e-9a32-0e0f5f6a6f01
logsource: { product: windows, category: process_creation }
detection:
  selection:
    CommandLine|contains: delete shadows
  condition: selection
level: high
";

/// The finding lines, without helps.
#[track_caller]
fn check(name: &str, text: &str, expect: &[&str]) {
    let folder = folder(&[(name, text)]);
    let ran = run_in(folder.path(), &["check", name]);
    let lines: Vec<&str> = ran.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(lines, expect, "{}", ran.err);
    let refused = expect.iter().any(|line| !line.contains(" warning: "));
    assert_eq!(ran.code, i32::from(refused), "{}", ran.out);
}

#[test]
fn what_is_sound_is_silent() {
    check("block.yaml", PLAYBOOK, &[]);
    check("rule.yml", RULE, &[]);
}

#[test]
fn faults_are_named_by_file_line_column_and_code() {
    check(
        "p.yaml",
        &PLAYBOOK.replace("expires", "expire"),
        &["p.yaml:8:5 PB0004 a `do` step has no key `expire`"],
    );
    check(
        "p.yaml",
        &PLAYBOOK.replace("block_address", "block_adress"),
        &["p.yaml:6:9 PB0023 no action or capability is called `firewall.block_adress`"],
    );
    check(
        "r.yml",
        &RULE.replace("|contains", "|contians"),
        &["r.yml:6:17 SG0030 unknown modifier `contians`"],
    );
    check(
        "c.yaml",
        "connector: Lab\ntitle: t\ndescription: d\ntransport: http\nactions: {}\n",
        &["c.yaml:1:1 CN0005 `Lab` is no name", "c.yaml:5:1 CN0003 connector has no action"],
    );
    check(
        "x.yaml",
        "nothing: here\n",
        &["x.yaml:1:1 SG0002 neither `detection` nor `correlation` nor `filter` is there"],
    );
}

#[test]
fn a_help_stands_below_each_finding() {
    let folder = folder(&[("p.yaml", &PLAYBOOK.replace("expires", "expire"))]);
    let ran = run_in(folder.path(), &["check", "p.yaml"]);
    assert!(ran.out.contains("\n    help: did you mean `expires`?\n"), "{}", ran.out);
    assert_eq!(ran.err, "1 files checked: 1 errors, 0 warnings\n");
}

#[test]
fn bytes_that_are_no_text_are_placed() {
    let folder = folder(&[]);
    let text = [b"title: t\nlogsource: { product: \xc3\xbc\xff }\n".as_slice()].concat();
    std::fs::write(folder.path().join("r.yml"), text).unwrap();
    let ran = run_in(folder.path(), &["check", "r.yml"]);
    assert!(ran.out.starts_with("r.yml:2:24 SG0001 the file is no UTF-8"), "{}", ran.out);
    assert_eq!(ran.code, 1);
}

#[test]
fn folders_are_walked_and_manifests_in_them_count() {
    let manifest = "\
connector: radio
title: A radio
description: for tests
transport: http
actions:
  play:
    title: Play a song
    capability: radio.play
    effect: read
    idempotency: natural
    input: { type: object, additionalProperties: false, properties: { song: { type: string } } }
    output: { type: object, additionalProperties: false, properties: {} }
    call: { http: { method: GET, path: /play } }
    examples: [{ title: t, input: { song: s }, output: {} }]
";
    let step = "  - do: radio.play\n    with: { song: s }\n";
    let playbook = format!("playbook: p\ntitle: t\nsteps:\n{step}");
    let folder = folder(&[
        ("deep/er/p.yaml", &playbook),
        ("connectors/radio/connector.yaml", manifest),
        (".hidden/broken.yaml", "playbook: ["),
        ("notes.txt", "playbook: ["),
    ]);
    let whole = run_in(folder.path(), &["check", "."]);
    assert_eq!((whole.code, whole.out.as_str()), (0, ""), "{}", whole.err);
    assert_eq!(whole.err, "2 files checked: 0 errors, 0 warnings\n");
    // Alone the playbook calls what nobody offers.
    let alone = run_in(folder.path(), &["check", "deep"]);
    assert!(alone.out.contains("PB0023"), "{}", alone.out);
    assert_eq!(alone.code, 1);
}

#[test]
fn json_is_one_document() {
    let folder = folder(&[("p.yaml", &PLAYBOOK.replace("expires", "expire"))]);
    let ran = run_in(folder.path(), &["check", "--json", "p.yaml"]);
    let report = ran.json();
    let found = &report["findings"][0];
    assert_eq!((&report["errors"], &report["files"]), (&1.into(), &1.into()));
    assert_eq!((&found["path"], &found["kind"]), (&"p.yaml".into(), &"playbook".into()));
    assert_eq!((&found["code"], &found["span"]["line"]), (&"PB0004".into(), &8.into()));
    assert_eq!(ran.code, 1);
}

#[test]
fn a_test_file_that_cannot_be_read_is_refused() {
    let folder =
        folder(&[("r.yml", RULE), ("r.test.yml", "- name: n\n  match: true\n  event: []\n")]);
    let ran = run_in(folder.path(), &["check", "."]);
    assert!(ran.out.starts_with("./r.test.yml:3:3 TS0101 "), "{}", ran.out);
    assert_eq!(ran.code, 1);
}

#[test]
fn what_is_not_there_is_a_fault_of_the_command_line() {
    let folder = folder(&[("a.txt", "")]);
    for args in [&["check", "gone.yaml"][..], &["check", "."], &["check"]] {
        assert_eq!(run_in(folder.path(), args).code, 2, "{args:?}");
    }
}
