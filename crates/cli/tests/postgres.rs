//! `stanch serve --store postgres://…`: the job, a death, and a server that is paused while another takes over.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "a server is paused by another program")]

mod support;

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use stanch_rig::Postgres;
use support::{Lab, Server, deliver, eventually, http, stanch};

const PLAYBOOK: &str = "playbook: block-drill
title: Block what the drill names
max_mode: auto
on: { alert: \"alert.rule.title == 'drill'\" }
steps:
  - id: block
    do: firewall.block_address
    with: { address: \"${{ has(alert.fields.community_id) ? string(alert.fields.community_id) : '' }}\" }
    expires: 24h
";

/// A data folder whose server acts on `lab` and gives way after two seconds without a sign of life.
fn write_home(data: &Path, lab: &str, store: &str) {
    fs::create_dir_all(data.join("content/playbooks")).unwrap();
    fs::write(data.join("content/playbooks/block-drill.yaml"), PLAYBOOK).unwrap();
    let config = format!(
        "store: {{ url: \"{store}\", lease: 2s }}
connectors:
  - {{ name: practice, connector: lab, base_url: \"{lab}\", allow_private: true }}
bindings: {{ firewall.block_address: practice, edr.find_host: practice, edr.isolate_host: practice }}
"
    );
    fs::write(data.join("stanch.yaml"), config).unwrap();
}

fn start(data: &Path, more: &[&str]) -> Server {
    let content = data.join("content");
    let args = [&["--content", content.to_str().unwrap()], more].concat();
    Server::start(data, &args)
}

fn finding(address: &str) -> String {
    json!({
        "class_uid": 2004, "activity_id": 1, "severity_id": 4, "status_id": 1, "community_id": address,
        "metadata": { "version": "1.3.0", "product": { "name": "drill" } },
        "finding_info": { "uid": address, "title": "drill", "analytic": { "uid": address } },
    })
    .to_string()
}

fn alert(server: &Server, token: &str, address: &str) {
    let delivered = deliver(server, "ocsf", token, finding(address).as_bytes());
    assert_eq!(delivered["accepted"], 1, "{delivered}");
}

/// The run on the alert, once it stands so.
fn run_in_state(server: &Server, token: &str, state: &str) -> Value {
    eventually(&format!("a run to be {state}"), || {
        let runs = server.json(token, &["run", "list"]);
        let runs = runs["items"].as_array().or_else(|| runs.as_array()).unwrap().clone();
        runs.into_iter().find(|run| run["playbook"] == "block-drill" && run["state"] == state)
    })
}

fn signal(server: &Server, name: &str) {
    let sent = Command::new("kill").args([name, &server.pid().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Acts that were done, by idempotency key.
fn done(lab: &Lab) -> Vec<String> {
    let acts = lab.acts();
    let acted = acts.iter().filter(|act| act["outcome"] == "acted");
    acted.map(|act| act["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_decided_survives_the_server() {
    let Some(database) = Postgres::shared("serve on PostgreSQL") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (folder.path().join("data"), database.schema());
    let lab = Lab::start(&folder.path().join("lab"));
    write_home(&data, &lab.url, "postgres://unused@localhost/unused");
    let server = start(&data, &["--store", &url]);
    let token = server.token("t", "admin");
    alert(&server, &server.source_token("ocsf", "high"), "198.18.0.1");
    let run = run_in_state(&server, &token, "succeeded");
    server.kill();
    assert!(!data.join("stanch.db").exists(), "nothing was decided in the folder");

    // The same folder need not wait for the lease of the dead server.
    let server = start(&data, &["--store", &url]);
    let again = run_in_state(&server, &token, "succeeded");
    assert_eq!(again["id"], run["id"]);
    assert_eq!(done(&lab).len(), 1);
    let verified = server.cli(&token, &["audit", "verify"]);
    assert!(verified.ok() && verified.stdout.contains("the chain holds"), "{verified:?}");
    let data = data.to_str().unwrap();
    server.kill();
    let offline =
        stanch(&["token", "create", "--data", data, "--name", "x", "--role", "viewer"], &[]);
    assert!(!offline.ok() && offline.stderr.contains("in PostgreSQL"), "{offline:?}");
}

/// The first server is paused while its act is under way. The second one takes over, looks the act up
/// and does not repeat it; the first one wakes up, and nothing of what it still writes is taken.
#[test]
fn a_paused_server_cannot_write_after_another_took_over() {
    let Some(database) = Postgres::shared("serve: paused lease-holder") else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = database.schema();
    let lab = Lab::start(&folder.path().join("lab"));
    let homes = ["one", "two"].map(|name| folder.path().join(name));
    for home in &homes {
        write_home(home, &lab.url, &url);
    }
    let mut first = start(&homes[0], &[]);
    let token = first.token("t", "admin");
    let rule = json!({ "match": "PUT /firewall", "mode": "delay", "times": 1, "delay_ms": 1_000 });
    let spoiled = http_to(&lab, "/lab/failures", &rule);
    assert_eq!(spoiled, 201);
    let source = first.source_token("ocsf", "high");
    alert(&first, &source, "198.18.0.2");
    eventually("the act to be done", || (!done(&lab).is_empty()).then_some(()));
    signal(&first, "-STOP");

    let second = start(&homes[1], &[]);
    let run = run_in_state(&second, &token, "succeeded");
    let words = journal(&second, &token, &run);
    assert!(words.contains(&"found".to_owned()), "it was looked up: {words:?}");
    assert_eq!(done(&lab).len(), 1, "and not repeated: {:#?}", lab.acts());

    signal(&first, "-CONT");
    let ended = eventually("the first to end", || first.ended());
    assert!(!ended.success(), "{ended}");
    let log = first.log().join("\n");
    assert!(log.contains("took the lease `engine` over"), "{log}");
    assert_eq!(journal(&second, &token, &run), words, "nothing of the first one was taken");
    let verified = second.cli(&token, &["audit", "verify"]);
    assert!(verified.ok(), "{verified:?}");
    // It goes on where it is: the next alert is acted on once.
    alert(&second, &source, "198.18.0.3");
    eventually("the next act", || (done(&lab).len() == 2).then_some(()));
}

fn journal(server: &Server, token: &str, run: &Value) -> Vec<String> {
    let (status, body) =
        http(server, "GET", &format!("/api/v1/runs/{}", run["id"].as_str().unwrap()), token, None);
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let entries = body["journal"].as_array().unwrap();
    entries.iter().map(|entry| entry["payload"]["event"].as_str().unwrap().to_owned()).collect()
}

fn http_to(lab: &Lab, path: &str, body: &Value) -> u16 {
    let post = Command::new("curl")
        .args([
            "-sS",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "-H",
            "Content-Type: application/json",
        ])
        .args(["-d", &body.to_string(), &format!("{}{path}", lab.url)])
        .output()
        .unwrap();
    String::from_utf8(post.stdout).unwrap().parse().unwrap()
}

/// A server that waits for a lease can be told to stop, and gives the lease back when it is.
#[test]
fn a_server_that_is_told_to_stop_gives_way_at_once() {
    let Some(database) = Postgres::shared("serve: lease given back") else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = database.schema();
    let homes = ["one", "two"].map(|name| folder.path().join(name));
    for home in &homes {
        fs::create_dir_all(home).unwrap();
        fs::write(home.join("stanch.yaml"), format!("store: {{ url: \"{url}\", lease: 1h }}\n"))
            .unwrap();
    }
    let mut first = Server::start(&homes[0], &[]);
    signal(&first, "-TERM");
    let ended = eventually("the first to end", || first.ended());
    assert!(ended.success(), "{ended}: {:#?}", first.log());
    // Or it would be waited for an hour.
    let second = Server::start(&homes[1], &[]);
    assert!(second.log().iter().all(|line| !line.contains("waiting")), "{:#?}", second.log());
}

#[test]
fn a_store_that_cannot_be_used_says_why_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let check = |url: &str, expect: &str| {
        let args = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--store", url];
        let refused = stanch(&args, &[("DB", "hunter2-of-env")]);
        assert!(!refused.ok(), "{url}");
        assert!(refused.stderr.contains(expect), "{url}: {}", refused.stderr);
        assert!(!refused.stderr.contains("hunter2"), "{url}: {}", refused.stderr);
    };
    check("mysql://a@localhost/a", "begins with postgres://");
    check("postgres://a:hunter2@localhost/a", "?password=file:PATH");
    check("postgres://a@localhost/a?password=env:NOT_THERE", "NOT_THERE");
    check("postgres://a@db.example.org/a?sslmode=disable", "loopback");
    check(
        "postgres://a@127.0.0.1:1/a?password=env:DB",
        "could not open postgres://a@127.0.0.1:1/a",
    );
}
