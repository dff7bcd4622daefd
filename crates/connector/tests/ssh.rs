//! SSH against a real OpenSSH server on loopback, and a real nftables in a network namespace.
//!
//! Needs `sshd` (Debian: `apt-get install openssh-server`), and for the firewall root, `ip` and
//! `nft` (`apt-get install nftables iproute2`). What is missing is said; in CI it is a failure.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod sshd;

use std::{fs, process::Command};

use serde_json::{Value, json};
use sshd::Sshd;
use stanch_connector::{Outcome, Presence};
use stanch_model::manifest::Manifest;

const MANIFEST: &str = r#"
connector: box
title: A machine
description: For the tests of the hands.
transport: ssh
actions:
  run:
    title: Run
    effect: irreversible
    idempotency: natural
    timeout: 10s
    target: { kind: process, input: script }
    input: { type: object, required: [script], properties: { script: { type: string } } }
    output: { type: object, required: [out], properties: { out: { type: string } } }
    call: { ssh: [sh, -c, "${{ input.script }}"] }
    returns: { out: response.stdout }
    probe:
      call: { ssh: [sh, -c, "${{ input.script }}"] }
      done: response.body.there
    verify:
      call: { ssh: [sh, -c, "${{ input.script }}"] }
      done: response.exit == 0
    examples:
      - { title: Nothing, input: { script: "true" }, output: { out: "" } }
  echo:
    title: Echo
    effect: read
    idempotency: natural
    input: { type: object, required: [text], properties: { text: { type: string } } }
    output: { type: object, required: [out], properties: { out: { type: string } } }
    call: { ssh: [printf, "%s|%s", "${{ input.text }}", "${{ input.text }}"] }
    returns: { out: response.stdout }
    examples:
      - { title: Twice, input: { text: a }, output: { out: a|a } }
"#;

fn manifest() -> Manifest {
    common::manifest(MANIFEST)
}

async fn run(manifest: &Manifest, instance: Value, script: &str) -> Outcome {
    let hands = common::hands(manifest, instance);
    hands.act(&common::planned(manifest, "run", json!({ "script": script })), "k").await
}

#[tokio::test]
async fn a_command_ends_in_one_of_four_ways() {
    let Some(server) = Sshd::start(None) else { return };
    let manifest = manifest();
    for (script, expect) in [
        ("echo hello", "Accepted { output: Object {\"out\": String(\"hello\\n\")} }"),
        ("echo no such set >&2; echo more >&2; exit 3", "exit status 3: no such set"),
        ("kill -TERM $$", "Unknown"),
        ("head -c 2000000 /dev/zero", "Unknown { why: \"the command's output is longer"),
        ("head -c 300000 /dev/zero >&2", "Unknown { why: \"the command's error output is longer"),
    ] {
        let outcome = format!("{:?}", run(&manifest, server.instance(), script).await);
        assert!(outcome.contains(expect), "{script}: {outcome}");
        assert!(!outcome.contains("Failed") || outcome.contains("retry: false"), "{outcome}");
    }
    // The server's process for this session goes away under a command that was sent.
    let lost = run(&manifest, server.instance(), "kill -KILL $PPID; sleep 5").await;
    assert!(matches!(&lost, Outcome::Unknown { why } if why.contains("lost")), "{lost:?}");
    let mut slow = manifest.clone();
    slow.actions.get_mut("run").unwrap().timeout = std::time::Duration::from_millis(700);
    let late = run(&slow, server.instance(), "sleep 30").await;
    assert!(matches!(&late, Outcome::Unknown { why } if why.contains("700ms")), "{late:?}");

    let hands = common::hands(&manifest, server.instance());
    for (script, expect) in [
        ("echo '{\"there\": true}'", Ok(Presence::Present)),
        ("echo '{\"there\": false}'", Ok(Presence::Absent)),
        ("echo nonsense", Err(true)),
        ("exit 1", Err(false)),
    ] {
        let planned = common::planned(&manifest, "run", json!({ "script": script }));
        let found = hands.probe(&planned, "k", &Value::Null).await;
        assert_eq!(found.map_err(|error| error.retry), expect, "{script}");
    }
}

#[tokio::test]
async fn an_argument_stays_one_argument() {
    let Some(server) = Sshd::start(None) else { return };
    let manifest = manifest();
    let hands = common::hands(&manifest, server.instance());
    for text in ["a b", "'; id; '", "$(id)", "`id`", "*", "", "\\", "ü", "-n"] {
        let planned = common::planned(&manifest, "echo", json!({ "text": text }));
        let expect = Outcome::Accepted { output: json!({ "out": format!("{text}|{text}") }) };
        assert_eq!(hands.act(&planned, "k").await, expect, "{text:?}");
    }
    for text in ["a\nid", "a\0b"] {
        let planned = common::planned(&manifest, "echo", json!({ "text": text }));
        let outcome = hands.act(&planned, "k").await;
        assert!(matches!(outcome, Outcome::Failed { retry: false, .. }), "{text:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_another_server_or_without_a_key() {
    let (Some(server), Some(other)) = (Sshd::start(None), Sshd::start(None)) else { return };
    let manifest = manifest();
    let marker = server.folder().join("was-here");
    let script = format!("touch {}", marker.display());

    let mut wrong_key = server.instance();
    wrong_key["host_key"] = json!(other.host_key());
    let text = format!("{:?}", run(&manifest, wrong_key, &script).await);
    assert!(text.contains("another one") && text.contains("retry: false"), "{text}");
    for fingerprint in [server.fingerprint(), other.fingerprint()] {
        assert!(text.contains(&fingerprint), "{fingerprint} is missing: {text}");
    }

    for (change, expect) in [
        (json!({ "host_key": null }), "host_key"),
        (json!({ "host_key": "no key" }), "host_key"),
        (json!({ "credential": null }), "private key"),
        (json!({ "credential": "env:TOKEN" }), "OpenSSH"),
        (json!({ "credential": other.credential() }), "authorized_keys"),
        (json!({ "allow_private": false }), "allow_private"),
        (json!({ "base_url": "ssh://127.0.0.1" }), "ssh://USER@HOST"),
    ] {
        let mut instance = server.instance();
        instance.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let text = format!("{:?}", run(&manifest, instance, &script).await);
        assert!(text.contains(expect) && text.contains("retry: false"), "{change}: {text}");
    }
    let mut closed = server.instance();
    closed["base_url"] = json!("ssh://root@127.0.0.1:1");
    let text = format!("{:?}", run(&manifest, closed, &script).await);
    assert!(text.contains("retry: true"), "{text}");
    assert!(!marker.exists(), "a refused call ran its command");
    assert!(matches!(run(&manifest, server.instance(), &script).await, Outcome::Accepted { .. }));
    assert!(marker.exists(), "the positive control");
}

#[tokio::test]
async fn an_address_is_blocked_seen_and_let_through_on_a_real_firewall() {
    let Some(namespace) = sshd::Namespace::new() else { return };
    let content = common::content_folder().join("nftables");
    let table = content.join("stanch.nft");
    for _ in 0..2 {
        assert!(namespace.run(&["nft", "-f", table.to_str().unwrap()]), "twice is once");
    }
    let forced = format!(
        "{} {}",
        namespace.enter(),
        fs::canonicalize(content.join("stanch-nft")).unwrap().display()
    );
    let Some(server) = Sshd::start(Some(&forced)) else { return };
    let manifest = common::manifest(&fs::read_to_string(content.join("connector.yaml")).unwrap());
    let hands = common::hands(&manifest, server.instance());

    for (address, expires) in
        [("203.0.113.66", Some(3_600)), ("203.0.113.67", None), ("2001:DB8::66", Some(60))]
    {
        let mut planned = common::planned(&manifest, "block", json!({ "address": address }));
        planned.expires = expires.map(std::time::Duration::from_secs);
        let canonical = planned.target.clone().unwrap().value;
        let output = json!({ "address": canonical });
        assert_eq!(hands.probe(&planned, "k", &Value::Null).await, Ok(Presence::Absent));
        for _ in 0..2 {
            let accepted = Outcome::Accepted { output: output.clone() };
            assert_eq!(hands.act(&planned, "k").await, accepted, "{address}: natural");
        }
        assert_eq!(hands.probe(&planned, "k", &Value::Null).await, Ok(Presence::Present));
        assert_eq!(hands.verify(&planned, "k", &output).await, Ok(true));
        assert_eq!(hands.undo_verify(&planned, "k", &output).await, Ok(false));
        let timeout = namespace.listing().contains(&format!("{canonical} timeout"));
        assert_eq!(timeout, expires.is_some(), "{address}: {}", namespace.listing());
        for _ in 0..2 {
            let undone = hands.undo(&planned, "k", &output).await;
            assert!(
                matches!(undone, Outcome::Accepted { .. }),
                "{address}, gone already: {undone:?}"
            );
        }
        assert_eq!(hands.undo_verify(&planned, "k", &output).await, Ok(true));
        assert_eq!(hands.verify(&planned, "k", &output).await, Ok(false));
    }
    // The same digits in a longer address are another address.
    let long = common::planned(&manifest, "block", json!({ "address": "203.0.113.220" }));
    let short = common::planned(&manifest, "block", json!({ "address": "203.0.113.22" }));
    assert!(matches!(hands.act(&long, "k").await, Outcome::Accepted { .. }));
    assert_eq!(hands.probe(&short, "k", &Value::Null).await, Ok(Presence::Absent));
    assert!(namespace.run(&["nft", "flush", "ruleset"]));
    let without = hands.probe(&long, "k", &Value::Null).await;
    assert!(without.is_err(), "a firewall without the table is no firewall: {without:?}");
}

#[test]
fn the_forced_command_lets_nothing_else_through() {
    let script = common::content_folder().join("nftables/stanch-nft");
    let folder = tempfile::tempdir().unwrap();
    let add = "'nft' 'add' 'element' 'inet' 'stanch' 'blocked4' ";
    let hostile = [
        String::new(),
        "id".to_owned(),
        "'nft' 'flush' 'ruleset'".to_owned(),
        "'nft' '-f' '/tmp/x'".to_owned(),
        "'nft' '-j' 'list' 'set' 'inet' 'stanch' 'blocked5'".to_owned(),
        "'nft' '-j' 'list' 'set' 'inet' 'stanch' 'blocked4'; id".to_owned(),
        "'nft' '-j' 'list' 'set' 'inet' 'stanch' 'blocked4' 'x'".to_owned(),
        "'nft' '-j' 'list' 'set' 'inet' 'stanch' 'blocked4'\nid".to_owned(),
        format!("{add}'{{ 1.2.3.4, 5.6.7.8 }}'"),
        format!("{add}'{{ 0.0.0.0/0 }}'"),
        format!("{add}'{{ 1.2.3.4 timeout 1s; flush ruleset }}'"),
        format!("{add}'{{ 1.2.3.4 timeout s }}'"),
        format!("{add}'{{ 1.2.3.4 }}; flush ruleset; {{ }}'"),
        format!("{add}'{{ $(id) }}'"),
        "'nft' 'add element inet stanch blocked4 { 1.2.3.4 }; delete element inet stanch blocked4 { 1.2.3.5 }'".to_owned(),
        "'nft' 'add element inet stanch blocked4 { 1.2.3.4 }; delete table inet stanch { 1.2.3.4 }'".to_owned(),
    ];
    for asked in hostile {
        #[expect(clippy::disallowed_methods, reason = "the test runs the script")]
        let output = Command::new("sh")
            .arg(&script)
            .env_clear()
            .env("SSH_ORIGINAL_COMMAND", &asked)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(77), "{asked:?}: {output:?}");
    }
}
