//! The engine: every stage put together, and kept running.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use stanch_archive::IntakeLog;
use stanch_connector::{Hands, Secrets, script::Scripts};
use stanch_measure::{Fact, Measures, measure};
use stanch_model::{RunId, TenantId, run::RunView};
use stanch_store::Store;
use tokio::task::JoinSet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Error,
    acting::{Acting, Ledger, Network, Policies, Reconciler, Reconciliation},
    assets::Assets,
    backup,
    config::Config,
    connectors::QuotaMeter,
    content::{Content, Library},
    core::Core,
    detection::Detect,
    feeds::Feeds,
    intake::{Intake, SyslogOptions, Tail, TailOptions, listen_syslog},
    jobs::Backtests,
    live::Live,
    opening::open_store,
    people::{InForce, Notices, People, proposals::policy_at_start},
    runs::{CrashPoint, Runs, Versions, load},
    secrets::SecretStore,
    tenure::Tenure,
    triage::Triage,
};

/// How often timers, lapses and expiries are looked at.
const TICK: Duration = Duration::from_millis(250);

/// How long a restored instance waits before it asks targets again that did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// What an engine is made of.
#[derive(Debug)]
pub struct Options {
    /// The data folder; made if it is not there.
    pub data: PathBuf,
    /// The configuration.
    pub config: Config,
    /// Manifests, rules, playbooks, lists.
    pub content: Content,
    /// Where credentials come from.
    pub secrets: Secrets,
    /// How scripts are run.
    pub scripts: Scripts,
    /// What this host depends on.
    pub network: Network,
    /// For the kill harness: after which journal record to end without a word.
    pub crash: Option<CrashPoint>,
}

/// The engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    /// What every stage shares.
    pub core: Core,
    /// The way in.
    pub intake: Intake,
    /// What people decide.
    pub people: People,
    /// The runs.
    pub runs: Runs,
    /// The secrets.
    pub secrets: SecretStore,
    /// Which text of each playbook is in force.
    pub versions: Versions,
    /// What people are told.
    pub notices: Notices,
    /// What playbooks would have done.
    pub backtests: Backtests,
    /// What was loaded.
    pub library: Arc<Library>,
    /// How scripts are run.
    pub scripts: Scripts,
    config: Arc<Config>,
    log: IntakeLog,
    ledger: Ledger,
    reconciler: Reconciler,
    pub(crate) data: Arc<Path>,
    network: Arc<Network>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Engine {
    /// Opens the data folder, loads the content and puts the stages together. Nothing runs yet.
    ///
    /// # Errors
    /// A data folder in use, damaged or of a newer version; configuration that names what is not there.
    ///
    /// Waits while another engine holds the lease of a store in PostgreSQL.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let mut library = Library::load(&options.content, &options.config)?;
        let (log, recovery) =
            IntakeLog::open(options.data.join("intake"), stanch_archive::Options::default())?;
        if recovery.truncated_bytes > 0 {
            tracing::warn!(
                ?recovery,
                "the intake log ended in a record that was never acknowledged"
            );
        }
        backup::sweep(&options.data).map_err(|error| {
            Error::Content(format!("could not look through {}: {error}", options.data.display()))
        })?;
        let (store, terms) = open_store(&options.data, &options.config, &options.secrets).await?;
        let (tenure, clock) = Tenure::take(&store, terms).await?;
        let (live, feeds, released) = (Live::default(), Feeds::default(), Arc::default());
        let core = Core { store, clock, tenure, live, feeds, released };
        backup::hold(&core, &options.data).await?;
        let follow = options.config.playbooks.follow.clone();
        let versions =
            Versions::new(core.clone(), library.catalog.clone(), library.playbooks.clone(), follow);
        library.findings.extend(versions.begin().await?);
        let library = Arc::new(library);
        let (lookup, config) = (options.secrets, &options.config);
        let secrets = SecretStore::open(
            core.clone(),
            &options.data,
            &config.secrets,
            &lookup,
            &config.connectors,
        )
        .await?;
        let lookup = lookup.with_vault(Arc::new(secrets.clone()));
        let hands = Hands::new(library.catalog.clone(), lookup.clone())
            .with_scripts(options.scripts.clone())
            .with_meter(Arc::new(QuotaMeter(core.clone())));
        let told = &options.config.notices;
        let notices = Notices::new(core.clone(), told, hands.clone(), lookup)?;
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let network = Arc::new(options.network);
        let policies = Policies::new(policy_at_start(&core, &options.config.policy).await?);
        let assets = Arc::new(Assets::of(&options.config.assets)?);
        let acting = Acting::new(
            core.clone(),
            library.catalog.clone(),
            hands,
            policies.clone(),
            assets.clone(),
            network.clone(),
            library.intel.clone(),
        );
        let ledger = Ledger::new(acting.clone(), tasks.clone(), shutdown.clone());
        let reconciler = Reconciler::new(acting.clone(), options.config.reconcile.period()?);
        let in_force = InForce { versions: versions.clone(), policies: policies.clone(), assets };
        let backtests = Backtests::new(core.clone(), acting.clone(), versions.clone());
        let runs = Runs::new(
            core.clone(),
            acting,
            library.catalog.clone(),
            library.playbooks.clone(),
            tasks.clone(),
            shutdown.clone(),
            options.crash,
        );
        Ok(Self {
            intake: Intake::new(core.clone(), log.clone()),
            people: People::new(core.clone(), runs.clone(), ledger.clone(), in_force),
            versions,
            reconciler,
            data: options.data.into(),
            notices,
            backtests,
            core,
            runs,
            secrets,
            library,
            scripts: options.scripts,
            config: Arc::new(options.config),
            log,
            ledger,
            network,
            tasks,
            shutdown,
        })
    }

    /// Runs every stage until `shutdown`, or until storage fails.
    ///
    /// # Errors
    /// Storage that failed: the process has to end and recover on its next start.
    pub async fn run(&self, shutdown: CancellationToken) -> Result<(), Error> {
        let mut stages: JoinSet<Result<(), Error>> = JoinSet::new();
        let stop = self.shutdown.clone();
        let triage = Triage {
            clock: self.core.clock.clone(),
            playbooks: self.library.playbooks.clone(),
            own_addresses: Arc::new(self.network.addresses.clone()),
        };
        let detect = Detect::new(
            self.core.clone(),
            self.log.clone(),
            self.library.rules.clone(),
            triage,
            self.runs.clone(),
        );
        let Core { store, clock, tenure, .. } = self.core.clone();
        stages.spawn(tenure.keep(store, clock, stop.clone()));
        if !self.catch_up_with_the_world(&shutdown).await? {
            return Ok(());
        }
        let woken = self.runs.wake_all().await?;
        self.ledger.lift_due(true).await?;
        tracing::info!(runs = woken, "recovered");
        stages.spawn(detect.run(stop.clone()));
        stages.spawn(self.clone().keep_time(stop.clone()));
        stages.spawn(self.versions.clone().follow(stop.clone()));
        stages.spawn(self.notices.clone().run(stop.clone()));
        stages.spawn(watch_storage(self.core.store.clone(), self.log.clone(), stop.clone()));
        self.start_listeners(&mut stages).await?;
        let ended = tokio::select! {
            () = shutdown.cancelled() => Ok(()),
            Some(ended) = stages.join_next() => match ended {
                Ok(result) => result,
                Err(error) => Err(Error::Content(format!("a stage died: {error}"))),
            },
        };
        stop.cancel();
        self.tasks.close();
        while stages.join_next().await.is_some() {}
        drop(tokio::time::timeout(Duration::from_secs(5), self.tasks.wait()).await);
        self.core.tenure.give_back(&self.core.store).await;
        ended
    }

    async fn start_listeners(&self, stages: &mut JoinSet<Result<(), Error>>) -> Result<(), Error> {
        for file in &self.config.files {
            let source = self.config.source(&file.source);
            let options = TailOptions { path: file.path.clone(), source };
            stages.spawn(Tail::new(self.intake.clone(), options).run(self.shutdown.clone()));
        }
        for syslog in &self.config.syslog {
            let options = SyslogOptions {
                protocol: syslog.protocol.into(),
                listen: syslog.listen,
                source: self.config.source(&syslog.source),
            };
            let bound =
                listen_syslog(self.intake.clone(), options, stages, self.shutdown.clone()).await?;
            tracing::info!(%bound, source = %syslog.source, "listening for syslog");
        }
        Ok(())
    }

    async fn keep_time(self, shutdown: CancellationToken) -> Result<(), Error> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                _ = tick.tick() => {}
            }
            match self.look_at_the_time().await {
                Ok(()) => {}
                Err(error @ (Error::Poisoned | Error::TakenOver(_))) => return Err(error),
                Err(error) => tracing::error!(%error, "timers could not be looked at; tried again"),
            }
        }
    }

    async fn look_at_the_time(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let due = self.core.store.read(move |view| view.timers_due(now)).await?;
        for timer in due {
            let message = crate::runs::Message::TimerFired { name: timer.step };
            // A run whose mailbox is full must not hold up the timers of others: this one stays due.
            let sent = self.runs.send(&timer.tenant, timer.run, message);
            drop(tokio::time::timeout(TICK, sent).await);
        }
        self.people.lapse_approvals().await?;
        self.people.lapse_questions().await?;
        self.people.apply_proposals().await?;
        if self.people.trust_is_due(now) {
            self.people.demote().await?;
        }
        if self.reconciler.is_due(now) {
            let reconciler = self.reconciler.clone();
            self.tasks.spawn(async move {
                match reconciler.look().await {
                    Ok(found) => {
                        tracing::debug!(?found, "the ledger was compared with its targets")
                    }
                    Err(error) => tracing::error!(%error, "the ledger could not be compared"),
                }
            });
        }
        self.ledger.lift_due(false).await
    }

    /// Asks every target whether it shows what the ledger says, now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn reconcile(&self) -> Result<Reconciliation, Error> {
        self.reconciler.look().await
    }

    /// A restored instance compares its containments with their targets before anything acts. False
    /// if it was told to end first.
    async fn catch_up_with_the_world(&self, shutdown: &CancellationToken) -> Result<bool, Error> {
        while let Some(restored) = self.core.restored().await? {
            let found = self.reconciler.look().await?;
            if found.unreadable == 0 {
                let now = self.core.clock.now();
                let why = format!(
                    "{} containments were compared with their targets: {} missing, {} still there",
                    found.checked, found.missing, found.still_there
                );
                tracing::info!(taken_at = %restored.taken_at, "restored instance: {why}");
                let written =
                    self.core.store.write(move |tx| backup::release(tx, ("reconciler", &why), now));
                written.await?;
                return Ok(true);
            }
            tracing::warn!(
                unreadable = found.unreadable,
                "restored instance: nothing acts until these targets answer, or an administrator \
                 lets it (`stanch containment reconcile --accept-unreadable`)"
            );
            tokio::select! {
                () = shutdown.cancelled() => return Ok(false),
                () = self.core.released.notified() => {}
                () = tokio::time::sleep(ASK_AGAIN) => {}
            }
        }
        Ok(true)
    }

    /// The configured view of a source that a token names.
    #[must_use]
    pub fn configured(&self, mut source: crate::intake::Source) -> crate::intake::Source {
        if let Some(known) = self.config.sources.get(&source.name) {
            source.format.clone_from(&known.format);
        } else if stanch_ingest::SOURCES.iter().any(|format| format.name() == source.name) {
            source.format = Some(source.name.clone());
        }
        source
    }

    /// A run with everything that can be seen of it.
    ///
    /// # Errors
    /// No such run; a journal that cannot be read.
    pub async fn run_view(&self, tenant: &TenantId, id: RunId) -> Result<RunView, Error> {
        let owner = tenant.clone();
        let read = self.core.store.read(move |view| Ok((view.run(&owner, id)?, view.journal(id)?)));
        let (head, journal) = read.await?;
        let graph = self.runs.graph_of(&head).await?;
        let title = graph.title.clone();
        let run = load(graph, &journal)?;
        Ok(RunView { head, title, graph: run.graph_view(), steps: run.step_views(), journal })
    }

    /// The measures over the last `days`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn measures(&self, tenant: &TenantId, days: u32) -> Result<Measures, Error> {
        let now = self.core.clock.now();
        let since = now.minus(Duration::from_secs(u64::from(days) * 86_400));
        let tenant = tenant.clone();
        let read = self.core.store.read(move |view| {
            let mut facts = Vec::new();
            for incident in view.incidents_since(&tenant, since)? {
                let (rows, _) = view.containments(&tenant, None, Some(incident.id), None, 500)?;
                let verified =
                    |row: &&stanch_model::containment::Containment| row.verified_at.is_some();
                let first = rows.iter().filter(verified).min_by_key(|row| row.verified_at);
                let automated = first.is_some_and(|row| row.authorised_by.starts_with("guard"));
                facts.push(Fact::new(&incident, automated));
            }
            Ok(facts)
        });
        Ok(measure(&read.await?, days, now))
    }
}

/// Ends when either writer is poisoned: nothing may be acknowledged after that.
async fn watch_storage(
    store: Store,
    log: IntakeLog,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let mut poison = store.poison();
    tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        _ = poison.wait_for(|poisoned| *poisoned) => Err(store.ended().into()),
        _ = log.failed() => Err(Error::Poisoned),
    }
}
