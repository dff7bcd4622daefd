//! An engine over a practice target in one process, fed through the ordinary intake.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test binary uses its own part of this"
)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

pub mod lab;
mod setup;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use stanch_connector::{Secrets, script::Scripts};
use stanch_engine::{Engine, Error, Options, intake::Source, runs::CrashPoint};
use stanch_model::{
    RunId, TenantId, Time, UserId,
    audit::AuditEntry,
    containment::{Containment, ContainmentState},
    event::Trust,
    guard::{Approval, ApprovalState},
    people::{Actor, Role, User},
    run::{JournalEntry, RunHead, RunState},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::lab::Lab;
pub use self::setup::{Db, Setup, finding, shipped};

/// How long anything may take before a test says what it waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// An engine that runs, and the target it acts on.
pub struct World {
    /// Boxed: worlds are passed on, and futures hold them.
    pub engine: Box<Engine>,
    pub lab: Lab,
    setup: Setup,
    /// Set once the engine stands still where a test wants it to.
    dead: Arc<AtomicBool>,
    stop: CancellationToken,
    running: JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl World {
    pub async fn start(mut setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab::start(&folder.path().join("lab")).await;
        setup::bind_lab(&mut setup.config, lab.address);
        setup.config.store = setup.config.store.or_else(setup::store_of_this_run);
        let (engine, dead, stop, running) =
            Box::pin(run(folder.path(), &setup, Time::default())).await;
        assert!(
            setup.may_refuse || engine.library.findings.is_empty(),
            "{:?}",
            engine.library.findings
        );
        Self { engine, lab, setup, dead, stop, running, folder }
    }

    /// Ends the engine where it stands and begins anew on the same folder; the target lives on.
    ///
    /// What is under way is dropped, not finished: the journal is left as a crash would leave it,
    /// but for the last commit group.
    pub async fn restart(self, change: impl FnOnce(&mut Setup)) -> Self {
        let world = Box::pin(self.restart_with_findings(change)).await;
        let findings = &world.engine.library.findings;
        assert!(world.setup.may_refuse || findings.is_empty(), "{findings:?}");
        world
    }

    /// The same where something does not load any more.
    pub async fn restart_with_findings(self, change: impl FnOnce(&mut Setup)) -> Self {
        let Self { engine, lab, mut setup, dead: _, stop, running, folder } = self;
        stop.cancel();
        running.await.unwrap();
        let now = engine.core.clock.now();
        drop(engine);
        setup.dies = None;
        change(&mut setup);
        let (engine, dead, stop, running) = Box::pin(run(folder.path(), &setup, now)).await;
        Self { engine, lab, setup, dead, stop, running, folder }
    }

    /// The same with another data folder: `change` gets its path while nothing runs on it.
    pub async fn restart_on(self, change: impl FnOnce(&Path)) -> Self {
        let data = self.data();
        let Self { engine, lab, setup, dead: _, stop, running, folder } = self;
        stop.cancel();
        running.await.unwrap();
        let now = engine.core.clock.now();
        drop(engine);
        // The last handle of the engine before is on its way out.
        let until = Instant::now() + PATIENCE;
        while stanch_archive::IntakeLog::open(data.join("intake"), Default::default()).is_err() {
            assert!(Instant::now() < until, "the engine before holds the data folder");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        change(&data);
        let (engine, dead, stop, running) = Box::pin(run(folder.path(), &setup, now)).await;
        Self { engine, lab, setup, dead, stop, running, folder }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("engine")
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap();
        self.lab.stop();
    }

    /// Puts the engine's clock forward, now and after restarts.
    pub fn advance(&self, duration: Duration) {
        self.engine.core.clock.advance(duration);
    }

    /// Whether the engine stands still where the test wants it to.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
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

    /// Delivers one finding and returns the run that it started, once it has ended or waits.
    pub async fn alert(&self, title: &str, fields: serde_json::Value) -> RunHead {
        self.deliver("ocsf", Trust::High, &finding(title, fields)).await;
        self.settle().await;
        self.run_of(title).await
    }

    /// So many lines of an authentication log of now, each of its own.
    pub fn failed_logins(&self, address: &str, count: u32) -> String {
        static PORT: AtomicU32 = AtomicU32::new(20_000);
        let stamp = self.engine.core.clock.now().timestamp().strftime("%b %e %H:%M:%S").to_string();
        let line = |_| {
            let port = PORT.fetch_add(1, Ordering::Relaxed);
            format!(
                "{stamp} bastion-01 sshd[{port}]: Failed password for root from {address} port {port} ssh2\n"
            )
        };
        (0..count).map(line).collect()
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
            let busy = |run: &RunHead| run.state == RunState::Running;
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

    /// Waits until the run stands in `state`.
    pub async fn reaches(&self, run: RunId, state: RunState) -> RunHead {
        let what = format!("run {run} to be {state:?}");
        let head = self.eventually(&what, async |world| {
            let head = world.run(run).await;
            (head.state == state || head.state.is_final()).then_some(head)
        });
        let head = head.await;
        assert_eq!(head.state, state, "{head:?}");
        head
    }

    /// Waits until the row of that run stands in `state`.
    pub async fn row_reaches(&self, run: RunId, state: ContainmentState) -> Containment {
        self.eventually(&format!("the row of {run} to be {state:?}"), async |world| {
            world.rows(run).await.into_iter().find(|row| row.state == state)
        })
        .await
    }

    pub async fn runs(&self) -> Vec<RunHead> {
        let read = self.engine.core.store.read(|v| v.runs(&TenantId::default(), None, None, 500));
        read.await.unwrap().0
    }

    pub async fn run(&self, id: RunId) -> RunHead {
        self.engine.core.store.read(move |v| v.run(&TenantId::default(), id)).await.unwrap()
    }

    /// The run that the alert of that title started.
    pub async fn run_of(&self, title: &str) -> RunHead {
        self.find_run_of(title).await.unwrap_or_else(|| panic!("`{title}` started no run"))
    }

    pub async fn find_run_of(&self, title: &str) -> Option<RunHead> {
        let by = format!("rule {title}");
        // The oldest: what it calls was requested by the same.
        self.runs().await.into_iter().rfind(|run| run.requested_by == by)
    }

    pub async fn journal(&self, run: RunId) -> Vec<JournalEntry> {
        self.engine.core.store.read(move |view| view.journal(run)).await.unwrap()
    }

    /// The words of a run's journal, in order.
    pub async fn words(&self, run: RunId) -> Vec<String> {
        let journal = self.journal(run).await;
        journal.iter().map(|e| e.payload["event"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn approvals(&self) -> Vec<Approval> {
        let waiting = Some(ApprovalState::Waiting);
        let store = &self.engine.core.store;
        let read = store.read(move |v| v.approvals(&TenantId::default(), waiting, None, None, 500));
        read.await.unwrap().0
    }

    /// The one question that waits for that run.
    pub async fn approval_of(&self, run: RunId) -> Approval {
        let approvals = self.approvals().await;
        approvals.into_iter().find(|a| a.run == run).unwrap_or_else(|| panic!("{run} asks nothing"))
    }

    pub async fn ledger(&self) -> Vec<Containment> {
        let store = &self.engine.core.store;
        let read = store.read(|v| v.containments(&TenantId::default(), None, None, None, 500));
        read.await.unwrap().0
    }

    pub async fn rows(&self, run: RunId) -> Vec<Containment> {
        self.ledger().await.into_iter().filter(|row| row.run == run).collect()
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

    /// Somebody who can sign in. Nobody asks whether they may be added: the world begins with them.
    pub async fn join(&self, name: &str, role: Role) -> Actor {
        let me = person(name, role);
        let user = User {
            id: me.user.unwrap(),
            tenant: me.tenant.clone(),
            name: name.to_owned(),
            role,
            email: None,
            time_zone: None,
            created_at: self.engine.core.clock.now(),
        };
        self.engine.core.store.write(move |tx| tx.add_person(&user, "no password")).await.unwrap();
        me
    }

    /// A group of people who have joined.
    pub async fn group(&self, name: &str, members: &[&str]) {
        let admin = person("admin", Role::Admin);
        let people = &self.engine.people;
        people.create_group(&admin, name).await.unwrap();
        for member in members {
            people.add_to_group(&admin, name, member, None).await.unwrap();
        }
    }

    /// The audit entries of that verb, the oldest first.
    pub async fn audit(&self, verb: &str) -> Vec<AuditEntry> {
        let read = self.engine.core.store.read(|view| view.audit(0, 100_000));
        read.await.unwrap().into_iter().filter(|entry| entry.verb == verb).collect()
    }

    /// Undoes a containment as a person.
    pub async fn undo(&self, row: &Containment) {
        let me = person("responder", Role::Responder);
        self.engine.people.undo(&me, row.id, "drill over").await.unwrap();
    }

    pub async fn set_kill_switch(&self, engaged: bool) {
        let admin = person("admin", Role::Admin);
        self.engine.people.set_kill_switch(&admin, engaged, "drill").await.unwrap();
    }
}

async fn run(
    folder: &Path,
    setup: &Setup,
    not_before: Time,
) -> (Box<Engine>, Arc<AtomicBool>, CancellationToken, JoinHandle<()>) {
    let dead = Arc::new(AtomicBool::new(false));
    let (crash, dead) = match setup.dies {
        None => (None, dead),
        Some((record, before)) => {
            let (crash, dead) = CrashPoint::stand_still(record, before);
            (Some(crash), dead)
        }
    };
    let mut crash = crash;
    let secret = setup.secrets;
    let known = move |name: &str| secret.filter(|_| name == "SECRET").map(str::to_owned);
    let mut options = || Options {
        data: folder.join("engine"),
        config: setup.config.clone(),
        content: setup.content.clone(),
        secrets: Secrets::new(known),
        scripts: Scripts::none(),
        network: setup.network.clone(),
        crash: crash.take(),
    };
    let until = Instant::now() + PATIENCE;
    let engine = loop {
        match Engine::open(options()).await {
            Ok(engine) => break engine,
            // The last handle of the engine before is on its way out.
            Err(Error::Log(stanch_archive::Error::Locked { .. })) if Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => panic!("{error}"),
        }
    };
    let now = engine.core.clock.now();
    let ahead = not_before.micros().saturating_sub(now.micros());
    engine.core.clock.advance(Duration::from_micros(ahead.max(0).unsigned_abs()));
    let stop = CancellationToken::new();
    let (runner, stopped) = (engine.clone(), stop.clone());
    let running = tokio::spawn(async move { runner.run(stopped).await.unwrap() });
    (Box::new(engine), dead, stop, running)
}

/// Somebody of that name; the same one each time.
pub fn person(name: &str, role: Role) -> Actor {
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes());
    let user = Some(UserId::new(id));
    Actor { tenant: TenantId::default(), name: name.to_owned(), role, user }
}
