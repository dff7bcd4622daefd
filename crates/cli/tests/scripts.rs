//! Scripts from an alert to the incident's books, run by the real server; and what the command line says of them.
#![expect(clippy::unwrap_used, reason = "a test may panic, and says why")]

mod support;

use std::{fs, path::Path};

use serde_json::{Value, json};
use support::{Server, deliver, eventually, stanch};

/// A connector whose one action is a script in a file beside it.
const CONNECTOR: &str = r#"
connector: rated
title: Ratings
description: For the test.
transport: script
actions:
  score:
    title: Rate a text
    effect: read
    idempotency: natural
    input: { type: object, required: [text], properties: { text: { type: string } } }
    output:
      type: object
      required: [score, secret]
      properties: { score: { type: integer }, secret: { type: string } }
    call: { script: { interpreter: python, file: score.py } }
    returns: { score: response.body.score, secret: response.body.secret }
    examples:
      - { title: A word, input: { text: word }, output: { score: 4, secret: hidden } }
"#;

/// Rates a text, and looks for the server's store as well.
const SCORE: &str = r#"
import json, sys
d = json.load(sys.stdin)
try:
    secret = open(d["config"]["store"], "rb").read(6).decode()
except OSError:
    secret = "hidden"
print(json.dumps({"score": len(d["input"]["text"]) * int(d["config"]["weight"]), "secret": secret}))
"#;

const PLAYBOOK: &str = r#"
playbook: rate
title: Rate what was seen
description: For the test.
max_mode: auto
on: { alert: "alert.src.ip == '10.20.0.13'" }
steps:
  - { id: rating, do: rated.score, with: { text: "${{ alert.src.ip }}" } }
  - do: incident.comment
    with: { text: "scored ${{ steps.rating.score }}, the store is ${{ steps.rating.secret }}" }
"#;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_script_rates_an_alert() {
    let folder = tempfile::tempdir().unwrap();
    let (content, data) = (folder.path().join("content"), folder.path().join("data"));
    write(&content, "connectors/rated/connector.yaml", CONNECTOR);
    write(&content, "connectors/rated/score.py", SCORE);
    write(&content, "playbooks/rate.yaml", PLAYBOOK);
    let store = data.join("stanch.db");
    let config = json!({ "connectors": [{
        "name": "rated", "connector": "rated", "config": { "weight": "2", "store": store },
    }] });
    write(folder.path(), "stanch.yaml", &config.to_string());
    let config = folder.path().join("stanch.yaml");
    let args = ["--config", config.to_str().unwrap(), "--content", content.to_str().unwrap()];
    let server = Server::start(&data, &args);
    // Which layers there are is said at the start.
    let layers = eventually("the layers to be named", || {
        server.log().iter().find_map(|line| line.strip_prefix("sandbox: ").map(str::to_owned))
    });
    assert!(layers.starts_with("landlock ABI "), "{layers}");

    let token = server.source_token("suricata", "high");
    let alert = json!({
        "timestamp": "2025-03-04T05:06:07.000000+0000", "flow_id": 7, "event_type": "alert",
        "src_ip": "10.20.0.13", "src_port": 40_388, "dest_ip": "203.0.113.66", "dest_port": 80,
        "proto": "TCP",
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": 1, "rev": 1, "severity": 2,
            "signature": "rated", "category": "Misc activity",
        },
    });
    deliver(&server, "suricata", &token, format!("{alert}\n").as_bytes());
    let me = server.token("me", "responder");
    let said = eventually("the comment", || {
        let incidents = server.json(&me, &["incident", "list"]);
        let id = incidents.pointer("/items/0/id").and_then(Value::as_str)?.to_owned();
        let text = server.json(&me, &["incident", "show", &id]).to_string();
        text.contains("scored ").then_some(text)
    });
    // Ten letters, weighed twice; the store is there, and no script sees it.
    assert!(said.contains("scored 20, the store is hidden"), "{said}");
    assert!(store.is_file());
}

#[test]
fn a_manifest_is_checked_with_the_script_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rated/connector.yaml", CONNECTOR);
    let path = folder.path().join("rated/connector.yaml");
    let refused = stanch(&["check", path.to_str().unwrap()], &[]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stdout.contains("there is no file `score.py` beside the manifest"),
        "{refused:?}"
    );
    write(folder.path(), "rated/score.py", SCORE);
    let fine = stanch(&["check", path.to_str().unwrap()], &[]);
    assert!(fine.ok(), "{fine:?}");
}

#[test]
fn the_status_says_what_there_is() {
    let status = stanch(&["sandbox", "status", "--json"], &[]);
    let found: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status.ok(), found["usable"].as_bool().unwrap(), "{status:?}");
    let layers = found["layers"].as_array().unwrap();
    let names: Vec<&str> = layers.iter().map(|layer| layer["layer"].as_str().unwrap()).collect();
    assert_eq!(names, ["landlock", "seccomp", "rlimits", "bubblewrap"]);
    for entry in layers.iter().chain(found["interpreters"].as_array().unwrap()) {
        let is_there =
            entry.get("enforced").map_or(entry["path"].is_string(), |there| *there == true);
        assert_eq!(entry["why"].is_null(), is_there, "what is missing says why: {entry}");
    }
    let table = stanch(&["sandbox", "status"], &[]);
    for layer in names {
        assert!(table.stdout.lines().any(|line| line.starts_with(layer)), "{table:?}");
    }
}

/// Whatever is typed there, no script begins with more rights than it should have.
#[test]
fn sandbox_exec_does_as_it_is_told_or_nothing() {
    for task in ["", "{}", "{\"check\":\"everything\"}", "{\"become\":{}}"] {
        let refused = stanch(&["sandbox-exec", task], &[]);
        assert!(refused.code == 70 && refused.stdout.is_empty(), "{task}: {refused:?}");
        assert!(refused.stderr.contains("reading the task"), "{task}: {refused:?}");
    }
}
