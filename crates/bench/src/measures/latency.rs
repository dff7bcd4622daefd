//! From an alert's last event to the intent on disk, in units of one fdatasync.
//!
//! An engine in this process acts on a practice target in this process. Eight failed logins of one address
//! make an alert, an incident and a run in mode auto; the eighth is the one that is timed.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use stanch_connector::{Secrets, script::Scripts};
use stanch_engine::{
    Engine, Options, acting::Network, config::Config, content::Content, intake::Source,
    live::Change,
};
use stanch_model::{RunId, TenantId, Time, containment::Containment, event::Trust};
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use walkdir::WalkDir;

use crate::{
    raw::SyncFile,
    rounds::{Compared, in_turns, percentile},
    setup::Setup,
    table::{Outcome, Row},
};

/// Failed logins that the shipped rule makes an alert of.
const FAILURES: usize = 8;

/// How many fdatasyncs are timed after each alert.
const SYNCS: usize = 4;

/// Bytes that each of them has to write.
const SYNC_BYTES: usize = 512;

/// How long anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Seconds that were taken in one round, or in all.
#[derive(Clone, Debug, Default)]
struct Round {
    /// Until the intent was on disk.
    on_disk: Vec<f64>,
    /// Until the time that the intent bears.
    stamped: Vec<f64>,
    /// One fdatasync.
    syncs: Vec<f64>,
}

/// Alerts and fdatasyncs take turns one by one: what a disk needs for a sync changes within seconds.
pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let mut one = |_: usize| {
        let folder = setup.folder()?;
        setup.runtime.block_on(Box::pin(round(folder.path(), setup.latencies)))
    };
    let rounds = in_turns(setup.pairs, &mut [&mut one])?.into_iter().flatten().collect::<Vec<_>>();
    let mut all = Round::default();
    for round in &rounds {
        all.on_disk.extend(&round.on_disk);
        all.stamped.extend(&round.stamped);
        all.syncs.extend(&round.syncs);
    }
    let note = note(&all);
    let row = |percent: usize| {
        let own = |round: &Round| at(&round.on_disk, percent);
        let sync = |round: &Round| at(&round.syncs, 50);
        let own_by_round: Vec<f64> = rounds.iter().map(own).collect();
        let sync_by_round: Vec<f64> = rounds.iter().map(sync).collect();
        let spread = Compared::rounds(&own_by_round, &sync_by_round).spread;
        Row {
            name: format!("alert to intent, p{percent}"),
            unit: "ms",
            found: Compared { spread, ..Compared::once(own(&all), sync(&all)) },
            note: note.clone(),
        }
    };
    Ok(Outcome { rows: [50, 99].map(row).into(), skipped: Vec::new() })
}

fn note(all: &Round) -> String {
    format!(
        "{} alerts one after the other, from the moment the last event is handed to the intake until the \
         intent to act is seen on disk (event synced, detection, triage and run committed, guard asked, \
         target probed, intent committed); limit: the median of one append of {SYNC_BYTES} bytes with \
         fdatasync, {SYNCS} after each alert on the same disk (p10 {:.2}, p90 {:.2}, p99 {:.2} ms). The \
         time that the intent bears, taken before its commit: p50 {:.2}, p99 {:.2} ms",
        all.on_disk.len(),
        at(&all.syncs, 10),
        at(&all.syncs, 90),
        at(&all.syncs, 99),
        at(&all.stamped, 50),
        at(&all.stamped, 99)
    )
}

/// A percentile in milliseconds.
fn at(samples: &[f64], percent: usize) -> f64 {
    percentile(samples, percent).unwrap_or(f64::NAN) * 1_000.0
}

/// A fresh engine for each round: a playbook may only start so often in an hour.
async fn round(folder: &Path, count: usize) -> anyhow::Result<Round> {
    let world = World::start(folder).await?;
    let mut file = SyncFile::create(&folder.join("raw"), SYNC_BYTES)?;
    let mut round = Round::default();
    for number in 0..count {
        let (on_disk, stamped) = world.attack(number).await?;
        round.on_disk.push(on_disk);
        round.stamped.push(stamped);
        for _ in 0..SYNCS {
            round.syncs.push(file.append()?);
        }
    }
    world.stop().await?;
    Ok(round)
}

struct World {
    engine: Engine,
    running: JoinHandle<Result<(), stanch_engine::Error>>,
    lab: JoinHandle<std::io::Result<()>>,
    shutdown: CancellationToken,
}

impl World {
    async fn start(folder: &Path) -> anyhow::Result<Self> {
        let shutdown = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.context("a port for the lab")?;
        let url = format!("http://{}", listener.local_addr()?);
        let options = stanch_lab::Options {
            data: Some(folder.join("lab")),
            auto_enrol: true,
            ..stanch_lab::Options::default()
        };
        let stop = shutdown.clone();
        let serving = stanch_lab::serve(listener, options, async move { stop.cancelled().await });
        let lab = tokio::spawn(serving);
        let engine = Engine::open(Options {
            data: folder.join("engine"),
            config: config(&url)?,
            content: content()?,
            secrets: Secrets::new(|_| None),
            network: Network::default(),
            scripts: Scripts::none(),
            crash: None,
        });
        let engine = engine.await?;
        let (runner, stop) = (engine.clone(), shutdown.clone());
        let running = tokio::spawn(async move { runner.run(stop).await });
        Ok(Self { engine, running, lab, shutdown })
    }

    /// One address guesses until it is to be blocked; seconds until that is on disk, and by its stamp.
    async fn attack(&self, number: usize) -> anyhow::Result<(f64, f64)> {
        let address = Ipv4Addr::new(198, 51, 100, u8::try_from(number + 1)?).to_string();
        let lines: Vec<String> = (0..FAILURES).map(|nth| guess(number, nth, &address)).collect();
        let (last, before) = lines.split_last().context("a list of guesses")?;
        self.deliver(&before.concat()).await?;
        let sent = *self.engine.intake.acknowledged().borrow();
        self.eventually("the first guesses to be looked at", async || {
            let done = self.engine.core.store.read(|view| view.intake_offset()).await?;
            Ok((done >= sent).then_some(()))
        })
        .await?;
        let mut changes = self.engine.core.live.look();
        let (moment, started) = (self.engine.core.clock.now(), Instant::now());
        self.deliver(last).await?;
        let row = self.intent(&mut changes, &address).await?;
        let on_disk = started.elapsed().as_secs_f64();
        self.end_of(row.run).await?;
        Ok((on_disk, row.intended_at.seconds_since(moment)))
    }

    async fn deliver(&self, lines: &str) -> anyhow::Result<()> {
        let source = Source {
            tenant: TenantId::default(),
            name: "sshd".to_owned(),
            trust: Trust::High,
            format: Some("sshd".to_owned()),
        };
        let delivered = self.engine.intake.accept(&source, lines.as_bytes(), None).await?;
        ensure!(delivered.dead_letters.is_empty(), "lines that cannot be read: {delivered:?}");
        Ok(())
    }

    /// Woken by each change that is on disk, looks for the intent.
    async fn intent(
        &self,
        changes: &mut broadcast::Receiver<Change>,
        address: &str,
    ) -> anyhow::Result<Containment> {
        let waiting = async {
            loop {
                // One that lags is told so, and looks.
                let is_run = changes.recv().await.map_or(true, |change| change.kind == "run");
                if is_run
                    && let Some(row) =
                        self.newest().await?.filter(|row| row.target.value == address)
                {
                    return anyhow::Ok(row);
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(row) => row,
            Err(_) => {
                let store = &self.engine.core.store;
                let (runs, _) = store.read(|v| v.runs(&TenantId::default(), None, None, 1)).await?;
                bail!("no intent against {address} within {PATIENCE:?}; the last run: {runs:?}")
            }
        }
    }

    async fn newest(&self) -> anyhow::Result<Option<Containment>> {
        let store = &self.engine.core.store;
        let read = store.read(|v| v.containments(&TenantId::default(), None, None, None, 1));
        Ok(read.await?.0.pop())
    }

    async fn end_of(&self, run: RunId) -> anyhow::Result<()> {
        self.eventually("a run to end", async || {
            let read = self.engine.core.store.read(move |v| v.run(&TenantId::default(), run));
            Ok(read.await?.state.is_final().then_some(()))
        })
        .await
    }

    async fn eventually(
        &self,
        what: &str,
        look: impl AsyncFn() -> anyhow::Result<Option<()>>,
    ) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while look().await?.is_none() {
            ensure!(Instant::now() < until, "waited {PATIENCE:?} for {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.running.await??;
        self.lab.await??;
        Ok(())
    }
}

/// Each attack has a host and a minute of its own, so that each makes an alert and an incident.
fn guess(number: usize, nth: usize, address: &str) -> String {
    let start = 1_767_225_600_000_000_i64; // 2026-01-01T00:00:00Z
    let seconds = i64::try_from(number * 60 + nth).unwrap_or_default();
    let time: Time = Time::from_micros(start + seconds * 1_000_000);
    format!(
        "{time} srv-{number} sshd[2101]: Failed password for root from {address} port 40000 ssh2\n"
    )
}

/// The lab does everything, and no budget ends the measurement.
pub(super) fn config(lab: &str) -> anyhow::Result<Config> {
    let budget = |class: &str| json!({ "class": class, "limit": 100_000, "window": "1h" });
    let config = json!({
        "connectors": [{ "name": "lab", "connector": "lab", "base_url": lab, "allow_private": true }],
        "bindings": {
            "edr.find_host": "lab", "edr.isolate_host": "lab", "edr.collect_triage_package": "lab",
            "firewall.block_address": "lab",
        },
        "policy": { "budgets": [budget("firewall.block_address"), budget("*")] },
    });
    serde_json::from_value(config).context("the configuration")
}

/// What is shipped in content/.
pub(super) fn content() -> anyhow::Result<Content> {
    Ok(Content {
        manifests: shipped("connectors")?,
        scripts: Vec::new(),
        rules: shipped("rules")?,
        playbooks: shipped("playbooks")?,
        lists: Vec::new(),
    })
}

fn shipped(folder: &str) -> anyhow::Result<Vec<(String, String)>> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content").join(folder);
    let mut found = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name() {
        let path = entry?.into_path().display().to_string();
        if path.ends_with(".yaml") && !path.ends_with(".test.yaml") && !path.contains("/examples/")
        {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
            found.push((path, text));
        }
    }
    Ok(found)
}
