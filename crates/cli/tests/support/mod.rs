//! A real server, the real binary and the real network around it, for end-to-end tests.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]
#![expect(clippy::disallowed_methods, reason = "tests start the binary and read its environment")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says why")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long anything outside may take before a test says what it waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Waits until `look` finds something, or says what was waited for.
#[track_caller]
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A running `stanch serve`.
pub struct Server {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    pub data: PathBuf,
    pub url: String,
}

impl Server {
    /// Starts it on a free port and waits until it listens.
    pub fn start(data: &Path, args: &[&str]) -> Self {
        Self::start_on("127.0.0.1:0", data, args)
    }

    /// As [`Self::start`], on an address of the test's choice.
    pub fn start_on(listen: &str, data: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stanch"))
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .args(args)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (stderr, kept) = (child.stderr.take().unwrap(), lines.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        let mut server = Self { child, lines, data: data.to_owned(), url: String::new() };
        server.url = eventually("the server to listen", || {
            if let Some(ended) = server.child.try_wait().unwrap() {
                panic!("the server ended with {ended}: {:#?}", server.log());
            }
            server.said("listening on ")
        });
        server
    }

    /// The rest of the first line of its talk that begins with `prefix`.
    pub fn said(&self, prefix: &str) -> Option<String> {
        let lines = self.lines.lock().unwrap();
        let rest = lines.iter().find_map(|line| line.strip_prefix(prefix))?;
        Some(rest.split_whitespace().next().unwrap_or_default().to_owned())
    }

    pub fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A token for the API.
    pub fn token(&self, name: &str, role: &str) -> String {
        self.make_token(&["--name", name, "--role", role])
    }

    /// A token for deliveries of `source`.
    pub fn source_token(&self, source: &str, trust: &str) -> String {
        let name = format!("source {source}");
        self.make_token(&["--name", &name, "--source", source, "--trust", trust])
    }

    pub fn make_token(&self, args: &[&str]) -> String {
        let data = self.data.to_str().unwrap();
        let made = stanch(&[&["token", "create", "--data", data], args].concat(), &[]);
        assert!(made.ok(), "{made:?}");
        made.stdout.trim().to_owned()
    }

    /// The CLI as somebody with `token`.
    pub fn cli(&self, token: &str, args: &[&str]) -> Output {
        stanch(args, &[("STANCH_URL", &self.url), ("STANCH_TOKEN", token)])
    }

    /// The one JSON document that the CLI prints.
    #[track_caller]
    pub fn json(&self, token: &str, args: &[&str]) -> Value {
        let output = self.cli(token, &[args, &["--json"]].concat());
        assert!(output.ok(), "{args:?}: {output:?}\n{:#?}", self.log());
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("server log: {:#?}", self.log());
        }
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a command left behind.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    pub fn ok(&self) -> bool {
        self.code == 0
    }
}

/// Runs the binary.
pub fn stanch(args: &[&str], env: &[(&str, &str)]) -> Output {
    run(Command::new(env!("CARGO_BIN_EXE_stanch")).args(args).envs(env.iter().copied()))
}

pub fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Posts a body to the intake.
pub fn deliver(server: &Server, source: &str, token: &str, body: &[u8]) -> Value {
    let response = http(server, "POST", &format!("/ingest/{source}"), token, Some(body));
    assert_eq!(response.0, 200, "{}", response.1);
    serde_json::from_str(&response.1).unwrap()
}

/// One request, with curl so that no part of the product is on both ends.
pub fn http(
    server: &Server,
    method: &str,
    path: &str,
    token: &str,
    body: Option<&[u8]>,
) -> (u16, String) {
    use std::io::Write as _;
    let mut command = Command::new("curl");
    command.args(["-sS", "-X", method, "-w", "\n%{http_code}", "--max-time", "30"]);
    command.args(["-H", &format!("Authorization: Bearer {token}")]);
    if body.is_some() {
        command.args(["-H", "Content-Type: application/x-ndjson", "--data-binary", "@-"]);
    }
    command.arg(format!("{}{path}", server.url));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body.unwrap_or_default()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, code) = text.rsplit_once('\n').unwrap_or_default();
    (code.trim().parse().unwrap_or(0), body.to_owned())
}

/// The real network of one test: firewall with nft and sshd, a host inside, a server outside.
pub struct Rig {
    dir: tempfile::TempDir,
    pub env: BTreeMap<String, String>,
}

impl Rig {
    /// Builds it; none where this machine lacks what it takes (then the line says what), which with
    /// `CI=true` is a failure.
    pub fn up(test: &str) -> Option<Self> {
        let tools = ["root", "nft", "ip", "sshd", "ssh-keygen", "curl", "suricata", "node"];
        let need =
            run(Command::new("bash").arg(root().join("scripts/rig/need.sh")).arg(test).args(tools));
        eprint!("{}", need.stderr);
        if need.code == 77 {
            return None;
        }
        assert!(need.ok(), "a counterpart is missing: {}", need.stderr);
        let dir = tempfile::tempdir().unwrap();
        let up = run(Command::new("bash")
            .arg(root().join("scripts/rig/net.sh"))
            .arg("up")
            .arg(dir.path())
            .arg(std::process::id().to_string()));
        assert!(up.ok(), "{up:?}");
        let pairs = up.stdout.lines().filter_map(|line| line.split_once('='));
        let env = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(Self { dir, env })
    }

    pub fn get(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// Runs a command in one of the rooms.
    pub fn inside(&self, room: &str, command: &[&str]) -> Output {
        run(Command::new("bash")
            .arg(root().join("scripts/rig/net.sh"))
            .arg("in")
            .arg(self.dir.path())
            .arg(room)
            .args(command))
    }

    /// Whether the host inside reaches the server outside.
    pub fn beacon(&self) -> bool {
        let url = self.get("OUTSIDE_URL").to_owned();
        let curl = ["curl", "-sS", "--fail", "--connect-timeout", "2", "--max-time", "4", &url];
        self.inside("inside", &curl).ok()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let down = run(Command::new("bash")
            .arg(root().join("scripts/rig/net.sh"))
            .arg("down")
            .arg(self.dir.path()));
        if !down.ok() {
            eprintln!("the rig could not be taken down: {down:?}");
        }
    }
}

/// A running `stanch lab`.
pub struct Lab {
    child: Child,
    pub url: String,
    pub data: PathBuf,
}

impl Lab {
    /// Starts it on a free port and waits until it listens.
    pub fn start(data: &Path) -> Self {
        Self::start_on(data, "127.0.0.1:0")
    }

    pub fn start_on(data: &Path, listen: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stanch"))
            .args(["lab", "--auto-enrol", "--listen", listen, "--data"])
            .arg(data)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let rest = line.strip_prefix("lab: ")?.to_owned();
                Some(rest.split_whitespace().next().unwrap_or_default().to_owned())
            })
            .expect("the lab says where it is");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, data: data.to_owned() }
    }

    /// The acts on its own record, each as it stands in `acts.ndjson`.
    pub fn acts(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.data.join("acts.ndjson")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
