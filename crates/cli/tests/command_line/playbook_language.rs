//! `playbook check`, `fmt`, `graph` and `schema`.

use std::fs;

use crate::{folder, run, run_in};

const SOUND: &str = "\
playbook: block
title: Block an address
steps:
  # an hour
  - id: block
    do: firewall.block_address
    with: { address: \"${{ alert.src.ip }}\" }
    expires: 1h
";

#[test]
fn check_shows_the_place_and_the_help() {
    let text = SOUND.replace("alert.src.ip", "alert.src.ipp");
    let folder = folder(&[("block.yaml", &text)]);
    let ran = run_in(folder.path(), &["playbook", "check", "block.yaml"]);
    assert_eq!(ran.code, 1);
    for part in ["error[PB0016]", "block.yaml:7:37", "| ", "^^^", "help: did you mean `ip`?"] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
    assert_eq!(ran.err, "1 errors, 0 warnings\n");
    let ran = run_in(folder.path(), &["playbook", "check", "--json", "."]);
    assert_eq!(ran.json()[0]["fix"]["replacement"], "ip");
}

#[test]
fn check_makes_the_changes_that_findings_bring_along() {
    let text = SOUND.replace("alert.src.ip", "alert.src.ipp").replace("expires: 1h", "expire: 60m");
    let folder = folder(&[("block.yaml", &text)]);
    let ran = run_in(folder.path(), &["playbook", "check", "--fix", "block.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "block.yaml: 2 changes\n0 errors, 0 warnings\n");
    let mended = fs::read_to_string(folder.path().join("block.yaml")).unwrap();
    assert_eq!(mended, SOUND.replace("expires: 1h", "expires: 60m"));
}

#[test]
fn check_knows_the_playbooks_beside() {
    let calls = "playbook: calls\ntitle: t\nsteps:\n  - call: blok\n";
    let folder = folder(&[("block.yaml", SOUND), ("calls.yaml", calls)]);
    let ran = run_in(folder.path(), &["check", "calls.yaml"]);
    assert!(ran.out.contains("PB0049 there is no playbook `blok`"), "{}", ran.out);
    assert!(ran.out.contains("help: did you mean `block`?"), "{}", ran.out);
    let ran = run_in(folder.path(), &["playbook", "check", "--fix", "calls.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn fmt_writes_what_is_laid_out_otherwise_and_nothing_else() {
    let text = SOUND.replace("    do: firewall.block_address\n", "").replace(
        "    expires: 1h\n",
        "    expires:   1h\n    do: firewall.block_address # the edge\n",
    );
    let folder = folder(&[("a.yaml", &text), ("b.yaml", SOUND), ("c.yaml", "playbook: [\n")]);
    let ran = run_in(folder.path(), &["playbook", "fmt", "--check", "a.yaml", "b.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "a.yaml\n"));
    assert_eq!(fs::read_to_string(folder.path().join("a.yaml")).unwrap(), text);
    let ran = run_in(folder.path(), &["playbook", "fmt", "a.yaml", "b.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "a.yaml\n"));
    let laid_out = fs::read_to_string(folder.path().join("a.yaml")).unwrap();
    assert_eq!(laid_out, SOUND.replace("block_address\n", "block_address  # the edge\n"));
    let ran = run_in(folder.path(), &["playbook", "fmt", "--check", "a.yaml", "b.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let ran = run_in(folder.path(), &["playbook", "fmt", "c.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("c.yaml: the playbook cannot be read"), "{}", ran.err);
}

#[test]
fn graph_draws_and_refuses_what_cannot_run() {
    let folder = folder(&[("block.yaml", SOUND)]);
    let ran = run_in(folder.path(), &["playbook", "graph", "block.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.starts_with("flowchart TD\n  n0([\"Block an address<br>start\"])\n"),
        "{}",
        ran.out
    );
    let ran = run_in(folder.path(), &["playbook", "graph", "--format", "svg", "block.yaml"]);
    assert!(ran.out.starts_with("<svg ") && ran.out.trim_end().ends_with("</svg>"), "{}", ran.out);
    fs::write(folder.path().join("block.yaml"), SOUND.replace("firewall.", "firewal.")).unwrap();
    let ran = run_in(folder.path(), &["playbook", "graph", "block.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("block.yaml:6:9 PB0023"), "{}", ran.err);
}

#[test]
fn schema_is_one_document() {
    let schema = run(&["playbook", "schema"]).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["$defs"]["for_each"]["properties"]["width"]["maximum"].is_number());
}
