//! What a hostile or broken target can do to an HTTP call, and what each case is taken for.

#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot set up")]

mod common;
mod target;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use stanch_connector::{HandError, Hands, Outcome, Presence, Secrets};
use stanch_model::manifest::{Catalog, EffectClass, Manifest};
use target::{raw, target};
use tokio::net::TcpListener;

const MANIFEST: &str = r#"
connector: target
title: A hostile target
description: For the tests of the hands.
transport: http
actions:
  act:
    title: Act
    effect: reversible
    idempotency: key
    timeout: 500ms
    target: { kind: host, input: host }
    input: { type: object, required: [host], properties: { host: { type: string }, note: { type: string } } }
    output: { type: object, required: [state], properties: { state: { type: string } } }
    call:
      http:
        method: POST
        path: "/${{ config.case }}/${{ input.host }}"
        headers: { X-Note: "${{ has(input.note) ? input.note : 'none' }}" }
        body: { host: "${{ input.host }}", ttl: "${{ ttl_seconds }}" }
    returns: { state: response.body.state }
    probe:
      call: { http: { method: GET, path: "/${{ config.case }}/${{ input.host }}", accept: [200, 404] } }
      done: "response.status == 200 && response.body.state == 'done'"
    verify:
      call: { http: { method: GET, path: "/${{ config.case }}/${{ input.host }}", accept: [200, 404] } }
      done: "response.status == 200 && response.body.state == 'done'"
    undo:
      title: Undo
      call: { http: { method: DELETE, path: "/${{ config.case }}/${{ input.host }}" } }
      verify:
        call: { http: { method: GET, path: "/${{ config.case }}/${{ input.host }}", accept: [200, 404] } }
        done: response.status == 404
    examples:
      - { title: One host, input: { host: ws-01 }, output: { state: done } }
  read:
    title: Read
    effect: read
    idempotency: natural
    timeout: 500ms
    input: { type: object }
    output: { type: object, required: [state], properties: { state: { type: string } } }
    call: { http: { method: GET, path: "/${{ config.case }}/x" } }
    returns: { state: response.body.state }
    examples:
      - { title: Nothing, input: {}, output: { state: done } }
"#;

fn manifest() -> Manifest {
    common::manifest(MANIFEST)
}

fn instance(base: &str, case: &str) -> Value {
    json!({
        "base_url": base, "allow_private": true, "credential": "env:TOKEN",
        "config": { "case": case },
    })
}

async fn act_at(base: &str, case: &str, action: &str) -> Outcome {
    let manifest = manifest();
    let hands = common::hands(&manifest, instance(base, case));
    hands.act(&common::planned(&manifest, action, json!({ "host": "ws-01" })), "run_1/step").await
}

/// The outcome in one word, and its text.
fn word(outcome: &Outcome) -> (String, String) {
    match outcome {
        Outcome::Accepted { output } => ("accepted".to_owned(), output.to_string()),
        Outcome::Failed { why, retry: false, retry_after: None } => {
            ("failed".to_owned(), why.clone())
        }
        Outcome::Failed { why, retry: true, retry_after: None } => {
            ("retry".to_owned(), why.clone())
        }
        Outcome::Failed { why, retry, retry_after: Some(wait) } => {
            (format!("retry {retry} after {}s", wait.as_secs()), why.clone())
        }
        Outcome::Unknown { why } => ("unknown".to_owned(), why.clone()),
    }
}

#[tokio::test]
async fn each_way_to_fail_is_taken_for_what_it_is() {
    let base = format!("http://{}", target().await);
    for (case, act, read) in [
        ("done", "accepted", "accepted"),
        ("error_after_success", "unknown", "retry"),
        ("refused", "failed", "failed"),
        ("absent", "failed", "failed"),
        ("conflict", "unknown", "retry"),
        ("rate_limit", "retry true after 7s", "retry true after 7s"),
        ("rate_limit_for_ever", "retry true after 3600s", "retry true after 3600s"),
        ("maintenance", "retry true after 3s", "retry true after 3s"),
        ("drip", "unknown", "retry"),
        ("too_large", "unknown", "retry"),
        ("wrong_json", "unknown", "retry"),
        ("plain_text", "unknown", "retry"),
        ("login_page", "unknown", "retry"),
        ("wrong_output", "unknown", "retry"),
        ("no_output", "unknown", "retry"),
        ("elsewhere", "failed", "failed"),
        ("elsewhere_found", "unknown", "failed"),
        ("other_port", "failed", "failed"),
        ("same_host", "accepted", "accepted"),
        ("for_ever", "failed", "failed"),
    ] {
        let acted = act_at(&base, case, "act").await;
        assert_eq!(word(&acted).0, act, "act, {case}: {acted:?}");
        let read_back = act_at(&base, case, "read").await;
        assert_eq!(word(&read_back).0, read, "read, {case}: {read_back:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_unknown_once_it_stood() {
    for (answer, reset) in [
        (&b""[..], true),
        (b"", false),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{", true),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
            false,
        ),
        (b"HTTP/1.1 20", false),
        (b"not even HTTP\r\n\r\n", false),
    ] {
        let base = format!("http://{}", raw(answer, reset).await);
        let acted = act_at(&base, "x", "act").await;
        assert_eq!(word(&acted).0, "unknown", "{answer:?} {reset}: {acted:?}");
        let read = act_at(&base, "x", "read").await;
        assert_eq!(word(&read).0, "retry", "{answer:?} {reset}: {read:?}");
    }
}

#[tokio::test]
async fn what_failed_before_the_first_byte_is_certain_not_to_have_happened() {
    // A port that was free a moment ago refuses; TLS against a plain server ends in the handshake.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let plain = target().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = (silent.local_addr().unwrap(), silent);
    for base in [
        format!("http://{free}"),
        format!("https://{plain}"),
        format!("https://{}", silent.0),
        "http://no-such-name.invalid".to_owned(),
    ] {
        let acted = act_at(&base, "done", "act").await;
        assert_eq!(word(&acted).0, "retry", "{base}: {acted:?}");
    }
}

#[tokio::test]
async fn inside_addresses_are_refused_unless_it_was_said() {
    let manifest = manifest();
    let port = target().await.port();
    let planned = common::planned(&manifest, "act", json!({ "host": "ws-01" }));
    for (host, private_ok) in [
        ("127.0.0.1", true),
        ("localhost", true),
        ("[::ffff:127.0.0.1]", true),
        ("0x7f.1", true),
        ("2130706433", true),
        ("169.254.169.254", false),
        ("[::ffff:169.254.169.254]", false),
        ("0.0.0.0", false),
    ] {
        let mut instance = instance(&format!("http://{host}:{port}"), "done");
        let allowed = common::hands(&manifest, instance.clone()).act(&planned, "k").await;
        let expect = if private_ok { "accepted" } else { "failed" };
        assert_eq!(word(&allowed).0, expect, "{host}, allowed: {allowed:?}");
        instance["allow_private"] = json!(false);
        let refused = common::hands(&manifest, instance).act(&planned, "k").await;
        let (outcome, why) = word(&refused);
        assert_eq!(outcome, "failed", "{host}: {why}");
        assert!(private_ok == why.contains("allow_private"), "{host}: {why}");
    }
    let outside = act_at("http://8.8.8.8", "done", "act").await;
    assert!(word(&outside).1.contains("use https"), "plain http leaves the house: {outside:?}");
}

#[tokio::test]
async fn credential_and_key_are_sent_and_never_come_back() {
    let base = format!("http://{}", target().await);
    let (outcome, output) = word(&act_at(&base, "echo", "act").await);
    assert_eq!(outcome, "accepted");
    assert!(output.contains("Bearer [redacted]"), "{output}");
    assert!(output.contains("run_1/step"), "{output}");
    assert!(!output.contains(common::SECRET), "{output}");
    let read = word(&act_at(&base, "echo", "read").await).1;
    assert!(read.contains("None"), "natural actions send no key: {read}");
    let refused = word(&act_at(&base, "refused", "act").await).1;
    assert!(refused.contains("you\\u{1b}[2J may not") && !refused.contains("second"), "{refused}");
}

#[tokio::test]
async fn an_input_cannot_begin_a_header_or_name_another_target() {
    let manifest = manifest();
    let base = format!("http://{}", target().await);
    let hands = common::hands(&manifest, instance(&base, "echo"));
    for note in ["a\r\nX-Admin: 1", "a\nb", "a\0b"] {
        let input = json!({ "host": "ws-01", "note": note });
        let outcome = hands.act(&common::planned(&manifest, "act", input), "k").await;
        assert_eq!(word(&outcome).0, "failed", "{note:?}: {outcome:?}");
        assert!(word(&outcome).1.contains("X-Note"), "{outcome:?}");
    }
    let refused_key = common::planned(&manifest, "act", json!({ "host": "ws-01" }));
    assert_eq!(word(&hands.act(&refused_key, "k\r\nX: 1").await).0, "failed");

    let honest = common::planned(&manifest, "act", json!({ "host": "WS-01." }));
    assert_eq!(word(&hands.act(&honest, "k").await).0, "accepted", "another spelling is the same");
    let mut other = honest.clone();
    other.input = json!({ "host": "dc-01" });
    assert!(word(&hands.act(&other, "k").await).1.contains("another target"));
    let mut nothing = honest.clone();
    nothing.target = None;
    assert_eq!(word(&hands.act(&nothing, "k").await).0, "failed");
    let mut bad_input = honest.clone();
    bad_input.input = json!({ "host": 7 });
    assert_eq!(word(&hands.act(&bad_input, "k").await).0, "failed");
}

#[tokio::test]
async fn a_plan_holds_for_the_manifest_that_it_was_made_with() {
    let manifest = manifest();
    let base = format!("http://{}", target().await);
    let hands = common::hands(&manifest, instance(&base, "done"));
    let mut planned = common::planned(&manifest, "act", json!({ "host": "ws-01" }));
    planned.manifest_digest = "0".repeat(64);
    let (outcome, why) = word(&hands.act(&planned, "k").await);
    assert_eq!((outcome.as_str(), why.contains("changed")), ("failed", true), "{why}");
    let undone = hands.undo(&planned, "k", &json!({ "state": "done" })).await;
    assert_eq!(word(&undone).0, "accepted", "what was done is undone under any manifest");
    let mut raised = common::planned(&manifest, "act", json!({ "host": "ws-01" }));
    raised.effect = EffectClass::Read;
    assert_eq!(word(&hands.act(&raised, "k").await).0, "failed", "the effect is the manifest's");
}

#[tokio::test]
async fn questions_are_answered_or_said_to_be_open() {
    let manifest = manifest();
    let base = format!("http://{}", target().await);
    let planned = common::planned(&manifest, "act", json!({ "host": "ws-01" }));
    let output = json!({ "state": "done" });
    for (case, probe, undone) in [
        ("done", Ok(Presence::Present), Ok(false)),
        ("absent", Ok(Presence::Absent), Ok(true)),
        ("refused", Err(false), Err(false)),
        ("error_after_success", Err(true), Err(true)),
        ("rate_limit", Err(true), Err(true)),
        ("drip", Err(true), Err(true)),
        ("wrong_json", Err(true), Err(true)),
        ("plain_text", Err(true), Ok(false)),
        ("no_output", Err(true), Ok(false)),
        ("elsewhere", Err(false), Err(false)),
    ] {
        let hands = common::hands(&manifest, instance(&base, case));
        let retry = |error: HandError| error.retry;
        let found = hands.probe(&planned, "k", &Value::Null).await.map_err(retry);
        assert_eq!(found, probe, "probe, {case}");
        let seen = hands.verify(&planned, "k", &output).await.map_err(retry);
        assert_eq!(seen, probe.map(|p| p == Presence::Present), "verify, {case}");
        let gone = hands.undo_verify(&planned, "k", &output).await.map_err(retry);
        assert_eq!(gone, undone, "undo verify, {case}");
    }
}

#[tokio::test]
async fn what_is_not_there_any_more_is_said() {
    let manifest = manifest();
    let planned = common::planned(&manifest, "act", json!({ "host": "ws-01" }));
    let catalog = common::catalog(&manifest, instance("http://127.0.0.1:1", "done"));
    type Break = fn(&mut Catalog);
    let broken: [(&str, Break); 3] = [
        ("connector", |catalog| catalog.manifests = BTreeMap::new()),
        ("instance", |catalog| catalog.instances = BTreeMap::new()),
        ("action", |catalog| catalog.manifests.get_mut("target").unwrap().actions.clear()),
    ];
    for (part, remove) in broken {
        let mut catalog = catalog.clone();
        remove(&mut catalog);
        let hands = Hands::new(Arc::new(catalog), Secrets::new(common::secret));
        let (outcome, why) = word(&hands.act(&planned, "k").await);
        assert_eq!(outcome, "failed");
        assert!(why.contains(part), "{why}");
        assert!(hands.probe(&planned, "k", &Value::Null).await.is_err());
    }
    let mut unset = instance("http://127.0.0.1:1", "done");
    unset["credential"] = json!("env:UNSET");
    let (outcome, why) = word(&common::hands(&manifest, unset).act(&planned, "k").await);
    assert_eq!(outcome, "failed");
    assert!(why.contains("UNSET") && why.contains("here"), "{why}");
}
