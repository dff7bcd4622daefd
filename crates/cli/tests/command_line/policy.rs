//! `policy check` and `policy diff`, and `check` over policies.

use super::{folder, run, run_in};

const POLICY: &str = "\
policy: house
title: Ours
budgets:
  - { class: edr.isolate_host, limit: 3, window: 1h }
rights:
  - permit: { who: { group: responders }, what: edr.* }
";

#[test]
fn a_sound_policy_says_whom_it_limits() {
    let folder = folder(&[("p.yaml", POLICY)]);
    let ran = run_in(folder.path(), &["policy", "check", "p.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert_eq!(ran.err, "the policy can be used; its rights limit people\n");
    let json = run_in(folder.path(), &["policy", "check", "p.yaml", "--json"]).json();
    assert_eq!(json["limited"], serde_json::json!(["people"]));
    assert_eq!(json["policy"]["budgets"][0]["limit"], 3);
}

#[test]
fn faults_are_named_by_file_line_column_and_code() {
    let text = POLICY.replace("window: 1h", "window: 0s").replace("who", "whom");
    let folder = folder(&[("p.yaml", &text)]);
    let expect = "\
p.yaml:4:7 GD0006 a time here is longer than nothing and at most 366d
    help: write it as in 1h
p.yaml:6:15 GD0004 unknown key `whom`
    help: the keys here are who, what, on
";
    for args in [["policy", "check", "p.yaml"].as_slice(), &["check", "p.yaml"]] {
        let ran = run_in(folder.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (1, expect), "{}", ran.err);
    }
}

#[test]
fn the_policy_of_a_configuration_is_checked_as_well() {
    let text = format!("connectors: []\npolicy:\n  {}", POLICY.replace('\n', "\n  "));
    let folder = folder(&[("stanch.yaml", text.trim_end())]);
    let ran = run_in(folder.path(), &["policy", "check", "stanch.yaml"]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
}

#[test]
fn a_diff_says_which_way_each_change_goes() {
    let looser = POLICY.replace("limit: 3", "limit: 4").replace("title: Ours", "title: Theirs");
    let folder = folder(&[("old.yaml", POLICY), ("new.yaml", &looser)]);
    let ran = run_in(folder.path(), &["policy", "diff", "old.yaml", "new.yaml"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let expect = "\
direction  what     change
neutral    title    `Ours` is now `Theirs`
loosening  budgets  edr.isolate_host 3 in 1h by tenant is now edr.isolate_host 4 in 1h by tenant
";
    assert_eq!(ran.out, expect);
    let told = "1 of 2 changes loosen: by the old policy that takes 2 people, and 1d\n";
    assert_eq!(ran.err, told);
    let back = run_in(folder.path(), &["policy", "diff", "new.yaml", "old.yaml"]);
    assert_eq!(back.code, 0, "{}", back.out);
    assert!(back.out.contains("tightening"), "{}", back.out);
    assert_eq!(back.err, "nothing loosens: it would be in force at once\n");
}

#[test]
fn shipped_policies_are_sound_and_compare_with_what_is_built_in() {
    let content = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/policies");
    let ran = run(&["check", content]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let hospital = format!("{content}/hospital.yaml");
    let ran = run(&["policy", "diff", "built-in", &hospital, "--json"]);
    let changes = ran.json();
    assert!(changes.as_array().unwrap().len() > 5, "{changes}");
}

#[test]
fn what_is_not_there_or_refused_is_told_apart() {
    let folder = folder(&[("p.yaml", POLICY), ("bad.yaml", "policy: p\nflet: {}\n")]);
    assert_eq!(run_in(folder.path(), &["policy", "check", "gone.yaml"]).code, 2);
    let ran = run_in(folder.path(), &["policy", "diff", "p.yaml", "bad.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("bad.yaml:2:1 GD0004"), "{}", ran.out);
}
