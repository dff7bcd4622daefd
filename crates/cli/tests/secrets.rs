//! A planted secret is nowhere: not in the journal, the audit, the log at its loudest, an answer of the API,
//! an error, or any file of the data folder, though the target sends it back in every form it can think of.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use serde_json::{Value, json};
use support::{Server, deliver, eventually, http, stanch, stanch_with_stdin};

/// With characters that URLs, JSON, HTML and base64 each write in another way.
const CANARY: &str = r#"C4nary+/"&<\9?%zZ=q~Z"#;

const CONNECTOR: &str = r#"
connector: echo
title: A target that sends everything back
description: For the test of secrets.
transport: http
actions:
  look:
    title: Look
    effect: read
    idempotency: natural
    input: { type: object }
    output: { type: object, required: [echo], properties: { echo: { type: string }, whole: { type: object } } }
    call: { http: { method: GET, path: /look } }
    returns: { echo: response.body.echo, whole: response.body }
    examples: [{ title: Echo, input: {}, output: { echo: e } }]
  refuse:
    title: Be refused
    effect: read
    idempotency: natural
    input: { type: object }
    output: { type: object }
    call: { http: { method: GET, path: /refuse } }
    examples: [{ title: No, input: {}, output: {} }]
  push:
    title: Push
    effect: reversible
    idempotency: natural
    target: { kind: host, input: host }
    input: { type: object, required: [host], properties: { host: { type: string } } }
    output: { type: object, required: [echo], properties: { echo: { type: string } } }
    call: { http: { method: POST, path: /push } }
    returns: { echo: response.body.echo }
    probe: { call: { http: { method: GET, path: /absent, accept: [200, 404] } }, done: response.status == 200 }
    verify: { call: { http: { method: GET, path: /refuse } }, done: response.status == 200, every: 1s, within: 1s }
    undo:
      title: Pull
      call: { http: { method: POST, path: /refuse } }
      verify: { call: { http: { method: GET, path: /absent, accept: [200, 404] } }, done: response.status == 404 }
    examples: [{ title: Push, input: { host: ws-09 }, output: { echo: e } }]
"#;

const PLAYBOOK: &str = r#"
playbook: canary
title: Ask a target that sends everything back
max_mode: assist
on: { alert: "true" }
steps:
  - { id: look, do: echo.look, with: {} }
  - { id: refuse, do: echo.refuse, with: {}, on_error: continue }
  - { do: incident.comment, with: { text: "it said ${{ steps.look.echo }}" } }
  - { id: push, do: echo.push, with: { host: "${{ alert.host.name }}" } }
"#;

/// Every form in which a target could send it back, or we could write it down.
fn forms() -> Vec<String> {
    let percent: String = CANARY.bytes().map(|b| format!("%{b:02X}")).collect();
    let json = serde_json::to_string(CANARY).unwrap();
    vec![
        CANARY.to_owned(),
        json.trim_matches('"').to_owned(),
        STANDARD.encode(CANARY),
        URL_SAFE.encode(CANARY),
        STANDARD.encode(format!("user:{CANARY}")),
        STANDARD.encode(format!("u:{CANARY}:more")),
        percent.to_lowercase(),
        percent,
        "C4nary%2B%2F%22%26%3C%5C9%3F%25zZ%3Dq~Z".to_owned(),
        "C4nary+/&quot;&amp;&lt;\\9?%zZ=q~Z".to_owned(),
        hex::encode(CANARY),
        hex::encode_upper(CANARY),
    ]
}

/// What must be nowhere: the forms, without what only stands around the value.
fn needles() -> Vec<String> {
    let mut needles = forms();
    // In base64 the characters at the ends also hold what stands beside; the middle is the value's.
    for text in &mut needles {
        if text.len() > 24 && !text.contains(['%', '&', '<']) {
            *text = text.get(8..text.len() - 6).unwrap().to_owned();
        }
    }
    needles
}

/// A target that echoes, and counts how often it was shown the credential.
struct Target {
    url: String,
    shown: Arc<AtomicUsize>,
}

impl Target {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shown = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&shown);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, &count);
            }
        });
        Self { url, shown }
    }
}

fn answer(mut stream: TcpStream, shown: &AtomicUsize) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        request.extend_from_slice(&byte);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    if request.contains(&format!("Bearer {CANARY}")) {
        shown.fetch_add(1, Ordering::Relaxed);
    }
    let echo = forms().join(" , ");
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match path {
        "/refuse" => ("403 Forbidden", format!("{}{echo}", "x".repeat(190))),
        "/absent" => ("404 Not Found", json!({ "error": echo }).to_string()),
        _ => ("200 OK", json!({ "echo": echo, CANARY: [CANARY] }).to_string()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // Whoever asked may have gone.
    drop(stream.write_all(format!("{head}{body}").as_bytes()));
}

fn prepare(folder: &Path, target: &Target) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir_all(&data).unwrap();
    let config = format!(
        "connectors:\n  - {{ name: echo, connector: echo, base_url: \"{}\", allow_private: true, credential: \"secret:canary\" }}\n",
        target.url
    );
    fs::write(data.join("stanch.yaml"), config).unwrap();
    let content = folder.join("content");
    fs::create_dir_all(content.join("connectors/echo")).unwrap();
    fs::create_dir_all(content.join("playbooks")).unwrap();
    fs::write(content.join("connectors/echo/connector.yaml"), CONNECTOR).unwrap();
    fs::write(content.join("playbooks/canary.yaml"), PLAYBOOK).unwrap();
    data
}

#[track_caller]
fn clean(what: &str, bytes: &[u8]) {
    for needle in needles() {
        let found = bytes.windows(needle.len()).position(|part| part == needle.as_bytes());
        assert!(found.is_none(), "`{needle}` stands in {what}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => found.extend(files(&entry.path())),
            kind if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

#[test]
fn a_planted_secret_is_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::start();
    let data = prepare(folder.path(), &target);
    let content = folder.path().join("content");
    let args = ["--content", content.to_str().unwrap()];
    let server = Server::start_with("127.0.0.1:0", &data, &args, &[("STANCH_LOG", "trace")]);
    let admin = server.token("admin", "admin");
    let env = [("STANCH_URL", server.url.as_str()), ("STANCH_TOKEN", admin.as_str())];

    let set = stanch_with_stdin(&["secret", "set", "canary"], &env, &format!("{CANARY}\n"));
    assert!(set.ok(), "{set:?}");
    let token = server.source_token("ocsf", "high");
    let finding =
        fs::read(support::root().join("content/samples/ocsf/edr-findings.ndjson")).unwrap();
    let first = finding.split(|b| *b == b'\n').next().unwrap();
    assert_eq!(deliver(&server, "ocsf", &token, first)["accepted"], 1);
    let approval = eventually("the push to be planned", || {
        let waiting = server.json(&admin, &["approval", "list", "--state", "waiting"]);
        waiting["items"].as_array()?.first().cloned()
    });
    let approved = server.cli(&admin, &["approval", "approve", approval["id"].as_str().unwrap()]);
    assert!(approved.ok(), "{approved:?}");
    let run = eventually("the run to end", || {
        let runs = server.json(&admin, &["run", "list"]);
        let run = runs["items"].as_array()?.first()?.clone();
        run["ended_at"].is_string().then_some(run)
    });
    assert!(target.shown.load(Ordering::Relaxed) >= 5, "the target was shown it, and echoed");

    // What can be asked, by API and by command line.
    let run_id = run["id"].as_str().unwrap();
    let incident = run["incident"].as_str().unwrap();
    let mut struck = 0;
    for path in [
        "incidents",
        &format!("incidents/{incident}"),
        "alerts",
        "runs",
        &format!("runs/{run_id}"),
        "approvals",
        "containments",
        "audit?limit=500",
        "secrets",
        "sources",
        "dead-letters",
        "playbooks",
        "playbooks/canary",
        "measures",
        "health",
        "tokens",
    ] {
        let (status, body) = http(&server, "GET", &format!("/api/v1/{path}"), &admin, None);
        assert_eq!(status, 200, "{path}: {body}");
        clean(path, body.as_bytes());
        struck += body.matches("[redacted]").count();
    }
    assert!(struck > 20, "the echoes are there, with the secret struck out: {struck}");
    for args in [&["run", "show", run_id][..], &["secret", "list"], &["incident", "show", incident]]
    {
        let output = server.cli(&admin, args);
        assert!(output.ok(), "{output:?}");
        clean(&format!("{args:?}"), format!("{}{}", output.stdout, output.stderr).as_bytes());
    }
    clean("what `secret set` said", format!("{}{}", set.stdout, set.stderr).as_bytes());
    // What was logged and what is on disk; the write-ahead log as well.
    let log = server.log().join("\n");
    assert!(log.contains("TRACE"), "the log is as loud as can be");
    clean("the log", log.as_bytes());
    let all = files(&data);
    assert!(all.iter().any(|path| path.ends_with("secrets.key")), "{all:?}");
    for path in all {
        clean(&path.display().to_string(), &fs::read(&path).unwrap());
    }
}

#[test]
fn a_token_is_made_without_the_key_of_the_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::start();
    let data = prepare(folder.path(), &target);
    let config = fs::read_to_string(data.join("stanch.yaml")).unwrap();
    let config = format!("{config}secrets: {{ key: \"env:STANCH_TEST_KEY\" }}\n");
    fs::write(data.join("stanch.yaml"), config).unwrap();
    let content = folder.path().join("content");
    let args = ["--content", content.to_str().unwrap()];
    let key = "ab".repeat(32);
    let env = [("STANCH_TEST_KEY", key.as_str())];
    let server = Server::start_with("127.0.0.1:0", &data, &args, &env);
    let admin = server.token("admin", "admin");
    let client = [("STANCH_URL", server.url.as_str()), ("STANCH_TOKEN", admin.as_str())];
    assert!(stanch_with_stdin(&["secret", "set", "canary"], &client, CANARY).ok());
    assert!(!data.join("secrets.key").exists(), "the key is where it was said to be");
    server.kill();
    let make = ["token", "create", "--data", data.to_str().unwrap(), "--name", "n", "--feed"];
    let made = stanch(&make, &[]);
    assert!(made.ok(), "{made:?}");
    Server::start_with("127.0.0.1:0", &data, &args, &env).kill();
}

#[test]
fn the_wrong_key_ends_the_start_with_its_code_and_a_lost_one_can_be_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::start();
    let data = prepare(folder.path(), &target);
    let content = folder.path().join("content");
    let serve = |listen: &str| {
        let data = data.to_str().unwrap();
        let args =
            ["serve", "--listen", listen, "--data", data, "--content", content.to_str().unwrap()];
        stanch(&args, &[])
    };
    let server = Server::start(&data, &["--content", content.to_str().unwrap()]);
    let admin = server.token("admin", "admin");
    let env = [("STANCH_URL", server.url.as_str()), ("STANCH_TOKEN", admin.as_str())];
    assert!(stanch_with_stdin(&["secret", "set", "canary"], &env, CANARY).ok());
    let in_use = server.cli(&admin, &["secret", "remove", "canary"]);
    assert_eq!(in_use.code, 6, "{in_use:?}");
    assert!(in_use.stderr.contains("echo"), "it says who uses it: {in_use:?}");
    let data_text = data.to_str().unwrap();
    let rotated = stanch(&["secret", "rotate-key", "--data", data_text, "--json"], &[]);
    assert!(rotated.ok(), "{rotated:?}");
    assert_eq!(serde_json::from_str::<Value>(&rotated.stdout).unwrap()["values"], 1);
    server.kill();

    let key = data.join("secrets.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, format!("{}\n", "00".repeat(32))).unwrap();
    let refused = serve("127.0.0.1:0");
    assert!(!refused.ok() && refused.stderr.contains("[SC0005]"), "{refused:?}");
    assert!(refused.stderr.contains("secret remove --all"), "it says what to do: {refused:?}");
    fs::remove_file(&key).unwrap();
    let refused = serve("127.0.0.1:0");
    assert!(!refused.ok() && refused.stderr.contains("is not there"), "{refused:?}");
    fs::write(&key, right).unwrap();
    let refused = serve("127.0.0.1:0");
    assert!(refused.stderr.contains("[SC0003]"), "a new file is open to others: {refused:?}");

    fs::remove_file(&key).unwrap();
    let forgotten = stanch(&["secret", "remove", "--all", "--data", data_text], &[]);
    assert_eq!((forgotten.code, forgotten.stdout.as_str()), (0, "canary is forgotten\n"));
    let server = Server::start(&data, &["--content", content.to_str().unwrap()]);
    let verified = server.json(&admin, &["audit", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
}
