//! Tickets in a real tracker: opened, commented on and resolved after approval, taken back, and neither lost
//! nor doubled when the server dies in the middle or somebody else was faster.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
};

use serde_json::{Value, json};
use support::{Server, deliver, eventually, root, run};

/// Everything that a ticket goes through.
const WHOLE: &str = "
playbook: whole
title: Open a ticket, write to it and resolve it
max_mode: assist
steps:
  - id: ticket
    do: ticket.create
    with: { title: \"${{ alert.rule.title }}\", text: \"Seen on ${{ alert.host.name }}.\" }
    approve: { count: 1, within: 1h }
  - id: note
    do: ticket.comment
    with: { ticket: \"${{ steps.ticket.ticket }}\", text: Nothing more to do. }
    approve: { count: 1, within: 1h }
  - id: done
    do: ticket.resolve
    with: { ticket: \"${{ steps.ticket.ticket }}\" }
    expires: 8h
";

const COMMENT: &str = "
playbook: write
title: Write to the first ticket
max_mode: assist
steps:
  - id: note
    do: ticket.comment
    with: { ticket: \"1\", text: \"about ${{ alert.host.name }}\" }
    approve: { count: 1, within: 1h }
";

const RESOLVE: &str = "
playbook: close
title: Resolve the first ticket
max_mode: assist
steps:
  - { id: done, do: ticket.resolve, with: { ticket: \"1\" }, expires: 8h }
";

/// What stands between us and the tracker, and what it does to the next change of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trick {
    /// Nothing.
    None,
    /// The tracker does it, and the answer never comes.
    KeepAnswer,
    /// Somebody changes the ticket just before.
    BeFaster,
}

struct Tracker {
    child: Child,
    /// Its own address, without the man in the middle.
    url: String,
    /// The address that the product is given.
    proxied: String,
    password: String,
    trick: Arc<Mutex<Trick>>,
    /// Tells that an answer is being kept.
    kept: mpsc::Receiver<()>,
}

impl Tracker {
    /// None where this machine cannot run it.
    fn start(test: &str, folder: &Path) -> Option<Self> {
        let cache = std::env::var("STANCH_CACHE").map_or_else(
            |_| PathBuf::from(std::env::var("HOME").unwrap()).join(".cache/stanch"),
            PathBuf::from,
        );
        let package = cache.join("roundup/roundup/rest.py");
        let need = run(Command::new("bash").arg(root().join("scripts/rig/need.sh")).args([
            test,
            "python3",
            "curl",
            package.to_str().unwrap(),
        ]));
        if need.code == 77 {
            return None;
        }
        assert!(need.ok(), "a counterpart is missing: {}", need.stderr);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new("bash")
            .arg(root().join("scripts/rig/roundup.sh"))
            .args([folder.to_str().unwrap(), &free.to_string()])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut password = String::new();
        let mut is_ready = false;
        for line in lines.map_while(Result::ok) {
            if let Some(said) = line.strip_prefix("PASSWORD=") {
                said.clone_into(&mut password);
            }
            is_ready = line == "READY";
            if is_ready {
                break;
            }
        }
        assert!(is_ready, "the tracker does not serve");
        let (told, kept) = mpsc::channel();
        let trick = Arc::new(Mutex::new(Trick::None));
        let url = format!("http://127.0.0.1:{free}");
        let proxied = format!("http://{}", listener.local_addr().unwrap());
        let between =
            Between { port: free, password: password.clone(), trick: trick.clone(), told };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let between = between.clone();
                std::thread::spawn(move || between.pass(stream));
            }
        });
        Some(Self { child, url, proxied, password, trick, kept })
    }

    fn play(&self, trick: Trick) {
        *self.trick.lock().unwrap() = trick;
    }

    /// What the tracker itself says, asked with curl.
    fn get(&self, path: &str) -> Value {
        let output = run(Command::new("curl").args([
            "-sS",
            "--fail",
            "-u",
            &format!("stanch:{}", self.password),
            &format!("{}/rest/data/{path}", self.url),
        ]));
        assert!(output.ok(), "{path}: {output:?}");
        serde_json::from_str(&output.stdout).unwrap()
    }

    fn ticket(&self, number: &str) -> (String, usize) {
        let issue = self.get(&format!("issue/{number}?@verbose=2"));
        let attributes = &issue["data"]["attributes"];
        let messages = attributes["messages"].as_array().unwrap().len();
        (attributes["status"]["name"].as_str().unwrap_or_default().to_owned(), messages)
    }

    fn tickets(&self) -> usize {
        self.get("issue")["data"]["collection"].as_array().unwrap().len()
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The man in the middle.
#[derive(Clone)]
struct Between {
    port: u16,
    password: String,
    trick: Arc<Mutex<Trick>>,
    told: mpsc::Sender<()>,
}

impl Between {
    fn pass(&self, mut stream: TcpStream) {
        let Some(request) = read(&mut stream) else { return };
        let is_change =
            request.starts_with(b"PATCH ") || request.starts_with(b"POST /rest/data/issue ");
        let trick = if is_change {
            std::mem::replace(&mut *self.trick.lock().unwrap(), Trick::None)
        } else {
            Trick::None
        };
        if trick == Trick::BeFaster {
            self.rename();
        }
        let mut tracker = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        tracker.write_all(&self.addressed(&request)).unwrap();
        let mut answer = Vec::new();
        tracker.read_to_end(&mut answer).unwrap();
        if trick == Trick::KeepAnswer {
            self.told.send(()).unwrap();
            // Until whoever asked is gone.
            while stream.read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
            return;
        }
        // Whoever asked may have gone.
        drop(stream.write_all(&answer));
    }

    /// The request as the tracker wants it: it answers to its own name alone.
    fn addressed(&self, request: &[u8]) -> Vec<u8> {
        let end = request.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
        let (head, body) = request.split_at(end);
        let head = String::from_utf8_lossy(head).into_owned();
        let lines = head.split("\r\n").map(|line| match line.split_once(": ") {
            Some((name, _)) if name.eq_ignore_ascii_case("host") => {
                format!("Host: 127.0.0.1:{}", self.port)
            }
            _ => line.to_owned(),
        });
        let head = lines.collect::<Vec<_>>().join("\r\n");
        [head.as_bytes(), body].concat()
    }

    /// Somebody else changes the first ticket.
    fn rename(&self) {
        let url = format!("http://127.0.0.1:{}", self.port);
        let login = format!("stanch:{}", self.password);
        let ticket = format!("{url}/rest/data/issue/1");
        let seen = run(Command::new("curl").args(["-sS", "-u", &login, &ticket]));
        let seen: Value = serde_json::from_str(&seen.stdout).unwrap();
        let etag = format!("If-Match: {}", seen["data"]["@etag"].as_str().unwrap());
        let origin = format!("Origin: {url}");
        let body = json!({ "@op": "replace", "title": "Renamed meanwhile" }).to_string();
        let changed = run(Command::new("curl").args([
            "-sS",
            "--fail",
            "-u",
            &login,
            "-X",
            "PATCH",
            "-H",
            &etag,
            "-H",
            &origin,
            "-H",
            "X-Requested-With: rest",
            "-H",
            "Content-Type: application/json",
            "-d",
            &body,
            &ticket,
        ]));
        assert!(changed.ok(), "{changed:?}");
    }
}

fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read(&mut byte).ok().filter(|read| *read == 1)?;
        bytes.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |text| text.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    bytes.extend_from_slice(&body);
    Some(bytes)
}

/// An installation with the tracker, and an alert.
struct World {
    folder: tempfile::TempDir,
    tracker: Tracker,
    alert: String,
    starter: String,
    reviewer: String,
}

impl World {
    fn set_up(test: &str) -> Option<(Self, Server)> {
        let folder = tempfile::tempdir().unwrap();
        let tracker = Tracker::start(test, &folder.path().join("tracker"))?;
        let data = folder.path().join("data");
        let playbooks = folder.path().join("content/playbooks");
        fs::create_dir_all(&data).unwrap();
        fs::create_dir_all(&playbooks).unwrap();
        for (name, text) in [("whole", WHOLE), ("write", COMMENT), ("close", RESOLVE)] {
            fs::write(playbooks.join(format!("{name}.yaml")), text).unwrap();
        }
        let config = format!(
            "connectors:\n  - name: tracker\n    connector: roundup\n    base_url: {}\n    allow_private: true\n    credential: secret:roundup\n    config: {{ user: stanch, origin: \"{}\" }}\nbindings: {{ ticket.create: tracker, ticket.comment: tracker, ticket.resolve: tracker }}\n# The tokens of this test belong to nobody.\npolicy: {{ approval: {{ not_requester: false }} }}\n",
            tracker.proxied, tracker.url
        );
        fs::write(data.join("stanch.yaml"), config).unwrap();
        let mut world = Self {
            folder,
            tracker,
            alert: String::new(),
            starter: String::new(),
            reviewer: String::new(),
        };
        let server = world.serve(&[]);
        let admin = server.token("admin", "admin");
        let env = [("STANCH_URL", server.url.as_str()), ("STANCH_TOKEN", admin.as_str())];
        let credential = format!("stanch:{}", world.tracker.password);
        let set = support::stanch_with_stdin(&["secret", "set", "roundup"], &env, &credential);
        assert!(set.ok(), "{set:?}");
        world.starter = server.token("starter", "responder");
        world.reviewer = server.token("reviewer", "responder");
        let token = server.source_token("ocsf", "high");
        let finding = fs::read(root().join("content/samples/ocsf/edr-findings.ndjson")).unwrap();
        let first = finding.split(|b| *b == b'\n').next().unwrap();
        assert_eq!(deliver(&server, "ocsf", &token, first)["accepted"], 1);
        world.alert = eventually("the alert", || {
            let alerts = server.json(&world.reviewer, &["alert", "list"]);
            Some(alerts["items"].as_array()?.first()?["id"].as_str()?.to_owned())
        });
        Some((world, server))
    }

    fn serve(&self, args: &[&str]) -> Server {
        let content = self.folder.path().join("content");
        let content = ["--content", content.to_str().unwrap()];
        Server::start(&self.folder.path().join("data"), &[&content, args].concat())
    }

    fn start(&self, server: &Server, playbook: &str) -> String {
        let run =
            server.json(&self.starter, &["playbook", "run", playbook, "--alert", &self.alert]);
        run["id"].as_str().unwrap().to_owned()
    }

    /// Says yes to the next plan of a run, and returns it.
    fn approve(&self, server: &Server, run: &str) -> Value {
        let approval = eventually("an approval", || {
            let waiting = server.json(&self.reviewer, &["approval", "list", "--state", "waiting"]);
            let waiting = waiting["items"].as_array()?.clone();
            waiting.into_iter().find(|approval| approval["run"] == run)
        });
        let yes =
            server.cli(&self.reviewer, &["approval", "approve", approval["id"].as_str().unwrap()]);
        assert!(yes.ok(), "{yes:?}");
        approval["plan"].clone()
    }

    fn ended(&self, server: &Server, run: &str) -> Value {
        eventually("the run to end", || {
            let view = server.json(&self.reviewer, &["run", "show", run]);
            view["head"]["ended_at"].is_string().then_some(view)
        })
    }
}

fn words(run: &Value) -> Vec<String> {
    let journal = run["journal"].as_array().unwrap().iter();
    journal.map(|entry| entry["payload"]["event"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_ticket_is_opened_written_to_resolved_and_opened_again() {
    let Some((world, server)) = World::set_up("tickets::opened_written_resolved") else { return };
    let run = world.start(&server, "whole");
    let plan = world.approve(&server, &run);
    assert_eq!(plan["actions"].as_array().unwrap().len(), 1, "the rest depends on its number");
    assert_eq!(plan["actions"][0]["target"]["kind"], "ticket");
    let plan = world.approve(&server, &run);
    let names: Vec<&str> =
        plan["actions"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ticket.comment", "ticket.resolve"]);
    let run = world.ended(&server, &run);
    assert_eq!(run["head"]["state"], "succeeded", "{run}");
    assert_eq!(world.tracker.tickets(), 2);
    assert_eq!(world.tracker.ticket("2"), ("resolved".to_owned(), 2));
    let title = world.tracker.get("issue/2")["data"]["attributes"]["title"].clone();
    assert_eq!(title, "Memory of the logon process was read", "what a person reads holds no key");

    let rows = server.json(&world.reviewer, &["containment", "list", "--live"]);
    let row = rows["items"][0]["id"].as_str().unwrap().to_owned();
    let undo = ["containment", "undo", &row, "--reason", "there is more"];
    assert!(server.cli(&world.reviewer, &undo).ok());
    eventually("the ticket to be open again", || {
        (world.tracker.ticket("2").0 == "chatting").then_some(())
    });
}

#[test]
fn a_comment_that_was_made_when_the_server_died_is_found_and_not_made_again() {
    let Some((world, server)) = World::set_up("tickets::crash_after_the_comment") else { return };
    let run = world.start(&server, "write");
    world.tracker.play(Trick::KeepAnswer);
    world.approve(&server, &run);
    world.tracker.kept.recv_timeout(support::PATIENCE).unwrap();
    server.kill();
    assert_eq!(world.tracker.ticket("1").1, 1, "the tracker has it");
    let server = world.serve(&[]);
    let run = world.ended(&server, &run);
    assert_eq!(run["head"]["state"], "succeeded", "{run}");
    assert!(words(&run).contains(&"found".to_owned()), "{:?}", words(&run));
    assert_eq!(world.tracker.ticket("1").1, 1, "and has it once");
}

#[test]
fn what_is_not_there_after_a_crash_is_sent_again_only_where_twice_is_once() {
    let Some((world, server)) = World::set_up("tickets::crash_before_the_act") else { return };
    server.kill();
    // Resolving is the same twice: it is done after the start.
    let server = world.serve(&["--crash-after", "intended:0"]);
    let run = world.start(&server, "close");
    world.approve(&server, &run);
    gone(server);
    assert_ne!(world.tracker.ticket("1").0, "resolved", "it died before the act");
    let server = world.serve(&[]);
    let view = world.ended(&server, &run);
    assert_eq!(view["head"]["state"], "succeeded", "{view}");
    assert_eq!(world.tracker.ticket("1").0, "resolved");
    server.kill();
    // A comment is not: a person is asked to look.
    let server = world.serve(&["--crash-after", "intended:0"]);
    let run = world.start(&server, "write");
    world.approve(&server, &run);
    gone(server);
    let server = world.serve(&[]);
    let view = eventually("the run to say that it does not know", || {
        let view = server.json(&world.reviewer, &["run", "show", &run]);
        let steps = view["steps"].as_array()?;
        steps.iter().any(|step| step["state"] == "unknown").then(|| view.clone())
    });
    assert_eq!(world.tracker.ticket("1").1, 0, "{view}");
}

/// Waits until the server has ended by itself.
fn gone(server: Server) {
    let url = server.url.clone();
    eventually("the server to die", || {
        let asked = run(Command::new("curl").args(["-sS", "--max-time", "2", &url]));
        (!asked.ok()).then_some(())
    });
    drop(server);
}

#[test]
fn who_was_faster_is_not_overwritten() {
    let Some((world, server)) = World::set_up("tickets::if_match") else { return };
    let run = world.start(&server, "close");
    world.tracker.play(Trick::BeFaster);
    world.approve(&server, &run);
    let run = world.ended(&server, &run);
    assert_eq!(run["head"]["state"], "succeeded", "{run}");
    let issue = world.tracker.get("issue/1?@verbose=2")["data"]["attributes"].clone();
    assert_eq!(issue["status"]["name"], "resolved");
    assert_eq!(issue["title"], "Renamed meanwhile", "the other change is still there");
}
