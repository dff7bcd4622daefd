//! What a test changes before the engine starts, and the alerts that it forges.

use std::{
    fs,
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::{Value, json};
use stanch_engine::{
    acting::Network,
    config::{Config, StoreConfig},
    content::Content,
};
use stanch_model::manifest::Instance;

use super::root;

/// Which database a test's engine decides in.
#[derive(Clone, Copy, Debug)]
pub enum Db {
    Sqlite,
    Postgres,
}

/// What a test changes before the engine starts.
pub struct Setup {
    pub config: Config,
    pub content: Content,
    pub network: Network,
    /// Whether some of the content may be refused.
    pub may_refuse: bool,
    /// With which record of its runs the engine dies, and whether before that is written.
    pub dies: Option<(u32, bool)>,
    /// What `env:SECRET` stands for.
    pub secrets: Option<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            config: Config::default(),
            content: shipped(),
            network: Network::default(),
            may_refuse: false,
            dies: None,
            secrets: None,
        }
    }
}

/// The store of tests that name none. With `STANCH_TEST_STORE=postgres` all of them decide in PostgreSQL.
pub(super) fn store_of_this_run() -> Option<StoreConfig> {
    #[expect(clippy::disallowed_methods, reason = "a switch of the test run, not configuration")]
    let wanted = std::env::var("STANCH_TEST_STORE").unwrap_or_default();
    match wanted.as_str() {
        "" | "sqlite" => None,
        "postgres" => {
            let server = stanch_rig::Postgres::shared("engine: all tests on PostgreSQL");
            let url = server.expect("STANCH_TEST_STORE=postgres needs PostgreSQL").schema();
            Some(StoreConfig { url, ..StoreConfig::default() })
        }
        other => panic!("STANCH_TEST_STORE={other}: sqlite or postgres"),
    }
}

impl Setup {
    /// The shipped connectors with `playbooks` and no rules; effects are looked for often.
    pub fn with(playbooks: &[&str]) -> Self {
        let mut content = Content { rules: Vec::new(), playbooks: Vec::new(), ..shipped() };
        for (number, text) in playbooks.iter().enumerate() {
            content.playbooks.push((format!("playbook {number}"), (*text).to_owned()));
        }
        Self { content, ..Self::default() }.manifests("every: 1s", "every: 50ms")
    }

    /// The store in that database, empty; none where it is not installed, and the test is skipped.
    pub fn on(mut self, db: Db, test: &str) -> Option<Self> {
        self.config.store = match db {
            Db::Sqlite => None,
            Db::Postgres => {
                let url = stanch_rig::Postgres::shared(test)?.schema();
                Some(StoreConfig { url, ..StoreConfig::default() })
            }
        };
        Some(self)
    }

    /// The connectors with another text.
    pub fn manifests(mut self, from: &str, to: &str) -> Self {
        for (_, text) in &mut self.content.manifests {
            *text = text.replace(from, to);
        }
        self
    }

    /// The connectors without what stands from a text on until another one that comes after it.
    pub fn without(mut self, from: &str, until: &str) -> Self {
        for (_, text) in &mut self.content.manifests {
            if let Some((before, rest)) = text.split_once(from) {
                let (_, after) = rest.split_once(until).unwrap();
                *text = format!("{before}{until}{after}");
            }
        }
        self
    }

    /// The guard's policy, as it would stand in the configuration.
    pub fn policy(mut self, policy: Value) -> Self {
        self.config.policy = serde_json::from_value(policy).unwrap();
        self
    }
}

/// Everything that is shipped in content/.
pub fn shipped() -> Content {
    Content {
        manifests: texts("content/connectors"),
        scripts: Vec::new(),
        rules: texts("content/rules"),
        playbooks: texts("content/playbooks"),
        lists: Vec::new(),
    }
}

fn texts(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            // What stands beside a manifest is no manifest.
            if path.is_dir() && !path.ends_with("examples") {
                folders.push(path);
            } else if path.is_dir() {
                continue;
            } else if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// A product's alert of that title, new each time, with more OCSF fields.
#[expect(clippy::needless_pass_by_value, reason = "written as json! at each call")]
pub fn finding(title: &str, fields: Value) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut finding = json!({
        "class_uid": 2004, "activity_id": 1, "severity_id": 4, "status_id": 1,
        "metadata": { "version": "1.3.0", "product": { "name": "forge" } },
        "finding_info": {
            "uid": format!("f-{number}"), "title": title, "analytic": { "uid": format!("r-{number}") }
        },
    });
    finding.as_object_mut().unwrap().extend(fields.as_object().cloned().unwrap());
    format!("{finding}\n")
}

pub(super) fn bind_lab(config: &mut Config, lab: SocketAddr) {
    config.connectors.push(Instance {
        name: "lab".to_owned(),
        connector: "lab".to_owned(),
        base_url: format!("http://{lab}"),
        allow_private: true,
        ..Instance::default()
    });
    for capability in [
        "edr.find_host",
        "edr.isolate_host",
        "edr.collect_triage_package",
        "firewall.block_address",
        "directory.find_account",
        "directory.disable_account",
        "mailbox.quarantine",
    ] {
        config.bindings.entry(capability.to_owned()).or_insert_with(|| "lab".to_owned());
    }
}
