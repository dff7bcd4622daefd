//! A server of ours with one connector, and a person who approves, looks and takes back.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::support::{Server, deliver};

/// A data folder that outlives the servers on it.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    server: Option<Server>,
    me: String,
}

impl Stage {
    /// With `connectors` as lines of the configuration, and capabilities bound to the instance `real`.
    pub(crate) fn new(connectors: &str, capabilities: &[&str]) -> Self {
        let bound: Vec<(&str, &str)> = capabilities.iter().map(|name| (*name, "real")).collect();
        Self::bound(connectors, &bound)
    }

    /// The same with capabilities bound to other instances too.
    pub(crate) fn bound(connectors: &str, bindings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Self { folder, server: None, me: String::new() };
        fs::create_dir_all(stage.data()).unwrap();
        let bound: String =
            bindings.iter().map(|(name, instance)| format!("  {name}: {instance}\n")).collect();
        let config = format!(
            "connectors:\n{connectors}bindings:\n{bound}sources:\n  edr: {{ format: ocsf, trust: high }}\n"
        );
        fs::write(stage.data().join("stanch.yaml"), config).unwrap();
        stage
    }

    /// With a playbook of the test's own beside those that the binary brings along.
    pub(crate) fn playbook(self, text: &str) -> Self {
        let folder = self.content().join("playbooks");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("playbook.yaml"), text).unwrap();
        self
    }

    fn content(&self) -> PathBuf {
        self.folder.path().join("content")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file with a secret, and the reference to it.
    pub(crate) fn secret(folder: &tempfile::TempDir, value: &str) -> String {
        let path = folder.path().join("secret");
        fs::write(&path, value).unwrap();
        format!("file:{}", path.display())
    }

    /// Starts a server; with `crash` it dies just after that record of a journal.
    pub(crate) fn start(&mut self, crash: Option<&str>) {
        let content = self.content().display().to_string();
        let own = if self.content().exists() { vec!["--content", &content] } else { Vec::new() };
        let crash = crash.iter().flat_map(|at| ["--crash-after", *at]);
        let args: Vec<&str> = own.into_iter().chain(crash).collect();
        let server = Server::start(&self.data(), &args);
        if self.me.is_empty() {
            self.me = server.token("reviewer", "responder");
        }
        self.server = Some(server);
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("a server was started")
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        self.server().json(&self.me, args)
    }

    /// Waits until the server has died as it was told to.
    pub(crate) fn wait_for_death(&mut self) {
        self.server.take().unwrap().wait_for_death();
    }

    /// Kills the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.server.take().unwrap().kill();
    }

    /// Delivers a finding of a product in OCSF.
    pub(crate) fn finding(&self, technique: &str, more: &Value) {
        let mut finding = json!({
            "class_uid": 2004, "activity_id": 1, "time": 1_795_514_500_250_u64, "severity_id": 4,
            "metadata": { "version": "1.3.0", "product": { "name": "Acme EDR" } },
            "finding_info": { "uid": "f-1", "title": "A finding of the test",
                "attacks": [{ "technique": { "uid": technique } }] },
        });
        finding.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = self.server().source_token("edr", "high");
        let answer = deliver(self.server(), "edr", &token, format!("{finding}\n").as_bytes());
        assert_eq!(answer["dead_letters"], json!([]), "{finding}");
    }

    /// The plan that waits.
    pub(crate) fn waiting(&self) -> Value {
        let mut runs = Value::Null;
        let found = eventually_or(&mut runs, |runs| {
            let waiting = self.json(&["approval", "list", "--state", "waiting"]);
            let first = waiting["items"].as_array()?.first().cloned();
            if first.is_none() {
                *runs = self.json(&["run", "list"]);
            }
            first
        });
        found.unwrap_or_else(|| panic!("no plan waits: {runs:#}"))
    }

    /// Says yes to it. A server that is to die at the intent may be gone before it has answered.
    pub(crate) fn approve(&self, approval: &Value) {
        let id = approval["id"].as_str().unwrap();
        let done = self.server().cli(&self.me, &["approval", "approve", id]);
        assert!(
            done.ok() || done.stderr.contains("connect") || done.stderr.contains("answer"),
            "{done:?}"
        );
    }

    /// Waits until the only row of the ledger is in that state.
    pub(crate) fn row(&self, state: &str) -> Value {
        let mut seen = Value::Null;
        let found = eventually_or(&mut seen, |seen| {
            let ledger = self.json(&["containment", "list"]);
            let rows = ledger["items"].as_array()?.clone();
            *seen = ledger;
            assert!(rows.len() <= 1, "{rows:#?}");
            rows.into_iter().find(|row| row["state"] == state)
        });
        found.unwrap_or_else(|| panic!("no row became {state}: {seen:#}"))
    }

    pub(crate) fn undo(&self, row: &Value) {
        let id = row["id"].as_str().unwrap();
        let undo = ["containment", "undo", id, "--reason", "end of the drill"];
        let done = self.server().cli(&self.me, &undo);
        assert!(done.ok(), "{done:?}");
    }

    /// The books prove whole.
    pub(crate) fn audit(&self) {
        let verified = self.json(&["audit", "verify"]);
        assert_eq!(verified["ok"], true, "{verified}");
    }
}

/// As `eventually`, but the caller says what was there instead.
fn eventually_or<T>(seen: &mut Value, mut look: impl FnMut(&mut Value) -> Option<T>) -> Option<T> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while std::time::Instant::now() < until {
        if let Some(found) = look(seen) {
            return Some(found);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    None
}
