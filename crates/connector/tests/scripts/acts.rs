//! Actions whose calls are scripts: the same three outcomes as over any other transport.

use std::sync::Arc;

use serde_json::{Value, json};
use stanch_connector::{Hands, Outcome, Presence, Secrets};
use stanch_model::manifest::Manifest;

use crate::{
    checks,
    common::{self, SECRET},
    scripts,
};

checks! {
    the_three_outcomes,
    looked_up_and_undone,
    credentials_are_struck_out,
    without_scripts,
}

/// A script that does what it is told, as something that changes, something that can be undone, and something
/// that only reads.
const HEAD: &str = r#"
connector: scripted
title: Scripts
description: For the tests of the hands.
transport: script
actions:
"#;

fn text() -> String {
    let code = r#"
            import json, sys, time
            d = json.load(sys.stdin)
            how = d["input"]["how"]
            if how == "sleep": time.sleep(600)
            if how == "credential": how = d["credential"]
            if how == "raise": raise SystemExit("no such thing: " + d["credential"])
            if how.startswith("exit "): sys.exit(int(how[5:]))
            if how == "noise": print("noise")
            seen = {"how": how, "key": d["key"], "place": d["config"].get("place"), "ttl": d["ttl_seconds"]}
            if "output" in d: seen["before"] = d["output"]
            print(json.dumps({} if how == "nothing" else seen))"#;
    let call = format!("script:\n          interpreter: python\n          code: |{code}\n");
    let action = |name: &str, effect: &str, rest: &str, timeout: &str| {
        format!(
            r#"
  {name}:
    title: Do as told
    effect: {effect}
    idempotency: key
    timeout: {timeout}
    target: {{ kind: host, input: host }}
    input: {{ type: object, required: [host, how], properties: {{ host: {{ type: string }}, how: {{ type: string }} }} }}
    output: {{ type: object, required: [how, key], properties: {{ how: {{ type: string }}, key: {{ type: string }} }} }}
    call:
      {call}
    returns: {{ how: response.body.how, key: response.body.key }}
    probe:
      call:
        {call}
      done: response.body.how == 'there'
    verify:
      call:
        {call}
      done: response.body.before.how == 'there'
{rest}
    examples:
      - {{ title: One, input: {{ host: ws-01, how: there }}, output: {{ how: there, key: k }} }}
"#
        )
    };
    let undo = format!(
        "    undo:\n      title: Take it back\n      call:\n        {call}\n      verify:\n        call:\n          {}\n        done: response.body.how == 'there'\n",
        call.replace("\n", "\n  ")
    );
    let all = |more: &str, timeout: &str| {
        [("wipe", "irreversible", ""), ("hold", "reversible", &undo), ("look", "read", "")]
            .map(|(name, effect, rest)| action(&format!("{name}{more}"), effect, rest, timeout))
            .concat()
    };
    // Those of the second kind are only told to sleep.
    format!("{HEAD}{}{}", all("", "60s"), all("_soon", "1s"))
}

fn manifest() -> Manifest {
    common::manifest(&text())
}

fn hands(manifest: &Manifest) -> Hands {
    let instance = json!({ "config": { "place": "here" }, "credential": "env:TOKEN" });
    let catalog = Arc::new(common::catalog(manifest, instance));
    Hands::new(catalog, Secrets::new(common::secret)).with_scripts(scripts())
}

async fn act(name: &str, how: &str) -> Outcome {
    let manifest = manifest();
    let planned = common::planned(&manifest, name, json!({ "host": "ws-01", "how": how }));
    hands(&manifest).act(&planned, "k1").await
}

async fn the_three_outcomes() {
    for name in ["wipe", "hold", "look"] {
        let output = json!({ "how": "there", "key": "k1" });
        assert_eq!(act(name, "there").await, Outcome::Accepted { output }, "{name}");
    }
    // What the script says for certain is certain, whatever it could have done.
    for (how, again) in [("exit 75", true), ("exit 77", false)] {
        let outcome = act("wipe", how).await;
        assert!(matches!(outcome, Outcome::Failed { retry, .. } if retry == again), "{outcome:?}");
    }
    // What may have been done is unknown; a question can be asked again.
    for (how, says) in [
        ("sleep", "SB0006: the script was stopped: it did not end within 1s"),
        ("exit 1", "SB0007: the script ended with status 1"),
        ("noise", "SB0008: the output is no JSON"),
        ("nothing", "its answer is not as expected"),
    ] {
        let more = if how == "sleep" { "_soon" } else { "" };
        for name in ["wipe", "hold"] {
            match act(&format!("{name}{more}"), how).await {
                Outcome::Unknown { why } => assert!(why.contains(says), "{why}"),
                other => panic!("{name} {how}: {other:?}"),
            }
        }
        match act(&format!("look{more}"), how).await {
            Outcome::Failed { why, retry: true, .. } => assert!(why.contains(says), "{why}"),
            other => panic!("look {how}: {other:?}"),
        }
    }
}

async fn looked_up_and_undone() {
    let manifest = manifest();
    let hands = hands(&manifest);
    let planned =
        |how: &str| common::planned(&manifest, "hold", json!({ "host": "ws-01", "how": how }));
    let there = planned("there");
    assert_eq!(hands.probe(&there, "k1", &Value::Null).await, Ok(Presence::Present));
    assert_eq!(hands.probe(&planned("gone"), "k1", &Value::Null).await, Ok(Presence::Absent));
    assert!(hands.probe(&planned("exit 1"), "k1", &Value::Null).await.unwrap_err().retry);
    assert_eq!(hands.verify(&there, "k1", &json!({ "how": "there" })).await, Ok(true));
    assert_eq!(hands.verify(&there, "k1", &json!({ "how": "other" })).await, Ok(false));
    let undone = hands.undo(&there, "k1", &json!({ "how": "there" })).await;
    assert_eq!(undone, Outcome::Accepted { output: json!({}) });
    assert!(matches!(
        hands.undo(&planned("exit 1"), "k1", &json!({})).await,
        Outcome::Unknown { .. }
    ));
    assert_eq!(hands.undo_verify(&there, "k1", &json!({})).await, Ok(true));
}

/// A script gets the credential, and nobody gets it from the script.
async fn credentials_are_struck_out() {
    let expect = json!({ "how": "[redacted]", "key": "k1" });
    assert_eq!(act("look", "credential").await, Outcome::Accepted { output: expect });
    match act("wipe", "raise").await {
        Outcome::Unknown { why } => {
            assert!(why.ends_with("no such thing: [redacted]") && !why.contains(SECRET), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

async fn without_scripts() {
    let manifest = manifest();
    let planned = common::planned(&manifest, "wipe", json!({ "host": "ws-01", "how": "there" }));
    let outcome = common::hands(&manifest, json!({})).act(&planned, "k1").await;
    let why = "SB0009: scripts are not run here".to_owned();
    assert_eq!(outcome, Outcome::Failed { why, retry: false, retry_after: None });
}
