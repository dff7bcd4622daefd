//! An engine over a practice target in one process, fed through the ordinary intake.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Value;
use stanch_connector::Secrets;
use stanch_engine::{
    Engine, Options,
    acting::Network,
    config::Config,
    content::Content,
    intake::Source,
};
use stanch_model::{
    TenantId,
    containment::Containment,
    event::Trust,
    guard::{Approval, ApprovalState},
    manifest::Instance,
    people::{Actor, Role},
    run::RunHead,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How long anything may take before a test says what it waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a test changes before the engine starts.
pub struct Setup {
    pub config: Config,
    pub content: Content,
    pub network: Network,
}

impl Default for Setup {
    fn default() -> Self {
        Self { config: Config::default(), content: shipped(), network: Network::default() }
    }
}

/// An engine that runs, and the target it acts on.
pub struct World {
    pub engine: Engine,
    pub lab: SocketAddr,
    data: PathBuf,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn start(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let shutdown = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let lab = listener.local_addr().unwrap();
        let options = stanch_lab::Options {
            data: Some(data.join("lab")),
            auto_enrol: true,
            effect_delay: Duration::from_millis(20),
            ..stanch_lab::Options::default()
        };
        let stop = shutdown.clone();
        tokio::spawn(async move {
            stanch_lab::serve(listener, options, async move { stop.cancelled().await }).await.unwrap();
        });
        let mut config = setup.config;
        bind_lab(&mut config, lab);
        let engine = Engine::open(Options {
            data: data.join("engine"),
            config,
            content: setup.content,
            secrets: Secrets::new(|_| None),
            network: setup.network,
            crash: None,
        })
        .await
        .unwrap();
        let (runner, stop) = (engine.clone(), shutdown.clone());
        let running = tokio::spawn(async move { runner.run(stop).await.unwrap() });
        Self { engine, lab, data, shutdown, running, _folder: folder }
    }

    /// Delivers records as a source of that trust.
    pub async fn deliver(&self, format: &str, trust: Trust, body: &str) {
        let source = Source {
            tenant: TenantId::default(),
            name: format.to_owned(),
            trust,
            format: Some(format.to_owned()),
        };
        let delivered = self.engine.intake.accept(&source, body.as_bytes(), None).await.unwrap();
        assert_eq!(delivered.dead_letters, [], "{body}");
        assert!(delivered.accepted > 0, "{body}");
    }

    /// Waits until everything delivered was looked at and no run is under way.
    pub async fn settle(&self) {
        let sent = *self.engine.intake.acknowledged().borrow();
        self.eventually("all events to be looked at", async |world| {
            let done = world.engine.core.store.read(|view| view.intake_offset()).await.unwrap();
            (done == sent).then_some(())
        })
        .await;
        self.eventually("all runs to end or wait", async |world| {
            let runs = world.runs().await;
            let busy = |run: &RunHead| run.state == stanch_model::run::RunState::Running;
            (!runs.iter().any(busy)).then_some(())
        })
        .await;
    }

    pub async fn eventually<T>(&self, what: &str, look: impl AsyncFn(&Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self).await {
                return found;
            }
            assert!(Instant::now() < until, "waited {PATIENCE:?} for {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn runs(&self) -> Vec<RunHead> {
        let read = self.engine.core.store.read(|v| v.runs(&TenantId::default(), None, None, 500));
        read.await.unwrap().0
    }

    pub async fn approvals(&self) -> Vec<Approval> {
        let waiting = Some(ApprovalState::Waiting);
        let read = self
            .engine
            .core
            .store
            .read(move |v| v.approvals(&TenantId::default(), waiting, None, None, 500));
        read.await.unwrap().0
    }

    pub async fn ledger(&self) -> Vec<Containment> {
        let read =
            self.engine.core.store.read(|v| v.containments(&TenantId::default(), None, None, None, 500));
        read.await.unwrap().0
    }

    /// The acts on the target's own record.
    pub fn acts(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.data.join("lab/acts.ndjson")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Approves everything that waits, as two people where two are asked for.
    pub async fn approve_all(&self) -> usize {
        let waiting = self.approvals().await;
        for approval in &waiting {
            for number in 0..approval.terms.count {
                let who = person(&format!("person-{number}"), Role::Responder);
                let people = &self.engine.people;
                people.approve(&who, approval.id, &approval.plan_hash, "").await.unwrap();
            }
        }
        waiting.len()
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        self.running.await.unwrap();
    }
}

pub fn person(name: &str, role: Role) -> Actor {
    Actor { tenant: TenantId::default(), name: name.to_owned(), role, user: None }
}

/// Everything that is shipped in content/.
pub fn shipped() -> Content {
    Content {
        manifests: texts("content/connectors"),
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
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn bind_lab(config: &mut Config, lab: SocketAddr) {
    config.connectors.push(Instance {
        name: "lab".to_owned(),
        connector: "lab".to_owned(),
        base_url: format!("http://{lab}"),
        allow_private: true,
        credential: None,
        host_key: None,
        config: BTreeMap::new(),
    });
    for capability in [
        "edr.find_host",
        "edr.isolate_host",
        "edr.collect_triage_package",
        "firewall.block_address",
        "directory.disable_account",
        "mailbox.quarantine",
    ] {
        config.bindings.entry(capability.to_owned()).or_insert_with(|| "lab".to_owned());
    }
}
