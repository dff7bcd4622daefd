//! Backtest: alerts of the past through a playbook, against only reading them.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Map;
use stanch_connector::{Secrets, script::Scripts};
use stanch_engine::{
    Engine, Options,
    acting::Network,
    jobs::{Backtest, BacktestOptions},
};
use stanch_model::{
    Alert, AlertId, Incident, IncidentId, Severity, TenantId, Time,
    alert::{RuleKind, RuleRef},
    event::{Common, Trust},
    incident::{Disposition, IncidentStatus},
};
use stanch_store::AlertPlace;
use uuid::Uuid;

use super::latency::{config, content};
use crate::{
    rounds::{Compared, in_turns},
    setup::Setup,
    table::{Outcome, Row},
};

/// The shipped playbook that is replayed.
const PLAYBOOK: &str = "block-bruteforce";

/// How far apart alerts are: a playbook may only start so often in an hour.
const APART: Duration = Duration::from_secs(30);

/// How many are read together by who only reads.
const PAGE: u32 = 100;

/// How many are written in one change.
const BATCH: usize = 500;

const BACK: Duration = Duration::from_secs(90 * 86_400);

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let folder = setup.folder()?;
    // The writer ends with its last handle, which needs the runtime that drives what it waits for.
    let _entered = setup.runtime.enter();
    let count = u32::try_from(setup.events / 4)?.clamp(100, 50_000);
    let opened = Engine::open(Options {
        data: folder.path().join("engine"),
        // Nothing is ever asked there.
        config: config("http://127.0.0.1:9")?,
        content: content()?,
        secrets: Secrets::new(|_| None),
        network: Network::default(),
        scripts: Scripts::none(),
        crash: None,
    });
    let engine = setup.runtime.block_on(opened)?;
    setup.runtime.block_on(fill(&engine, count))?;
    let mut last = None;
    let mut ours = |_: usize| {
        let started = Instant::now();
        let found = setup.runtime.block_on(replay(&engine, count))?;
        let taken = started.elapsed().as_secs_f64();
        last = Some(found);
        Ok(f64::from(count) / taken)
    };
    let mut limit = |_: usize| {
        let started = Instant::now();
        let read = setup.runtime.block_on(read(&engine))?;
        ensure!(read == count, "{read} of {count} alerts were read");
        Ok(f64::from(count) / started.elapsed().as_secs_f64())
    };
    let samples = in_turns(setup.pairs, &mut [&mut ours, &mut limit])?;
    let list = |side: usize| samples.get(side).map(Vec::as_slice).unwrap_or_default();
    let found = last.context("no round was taken")?.version;
    let note = format!(
        "{count} alerts, {} of which match `{PLAYBOOK}` and make {} runs with {} effects, each weighed by the \
         guard; pages are read and runs replayed in turn, so one core is busy at a time; limit: the same \
         alerts read page by page from the same store, and nothing done with them",
        found.matched,
        found.runs,
        found.effects.len()
    );
    let row = Row {
        name: "backtest".to_owned(),
        unit: "alerts/s and core",
        found: Compared::rounds(list(0), list(1)),
        note,
    };
    Ok(Outcome { rows: vec![row], skipped: Vec::new() })
}

async fn replay(engine: &Engine, count: u32) -> anyhow::Result<Backtest> {
    let options = BacktestOptions { since: BACK, limit: Some(count), against: None };
    let found = engine.backtests.backtest(&TenantId::default(), PLAYBOOK, &options).await?;
    ensure!(found.looked_at == u64::from(count), "not all alerts were looked at: {found:?}");
    // Doing nothing is fast.
    ensure!(found.version.runs > 0 && !found.version.effects.is_empty(), "nothing was replayed");
    Ok(found)
}

async fn read(engine: &Engine) -> anyhow::Result<u32> {
    let until = engine.core.clock.now();
    let (mut count, mut place) = (0_u32, Some(AlertPlace::before(until.minus(BACK))));
    while let Some(from) = place {
        let tenant = TenantId::default();
        let page = engine.core.store.read(move |v| v.alerts_after(&tenant, (from, until), PAGE));
        let (alerts, last) = page.await?;
        count = count.saturating_add(u32::try_from(alerts.len())?);
        place = last;
    }
    Ok(count)
}

/// Every second alert is about guessed passwords; each has an incident of its own.
async fn fill(engine: &Engine, count: u32) -> anyhow::Result<()> {
    let begin = engine.core.clock.now().minus(APART.saturating_mul(count));
    let all: Vec<(Alert, Incident)> = (0..count).map(|number| past(number, begin)).collect();
    for batch in all.chunks(BATCH) {
        let batch = batch.to_vec();
        let written = engine.core.store.write(move |tx| {
            batch.iter().try_for_each(|(alert, incident)| {
                tx.put_incident(incident, incident.updated_at)?;
                tx.put_alert(alert)
            })
        });
        written.await?;
    }
    Ok(())
}

fn past(number: u32, begin: Time) -> (Alert, Incident) {
    let (at, id) = (begin.plus(APART.saturating_mul(number)), Uuid::from_u128(number.into()));
    let incident = IncidentId::new(id);
    let techniques = match number.is_multiple_of(2) {
        true => vec!["T1110.001".to_owned()],
        false => vec!["T1071".to_owned()],
    };
    let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(100, 64, 0, 0)).saturating_add(number));
    let host = format!("srv-{number}");
    let common =
        Common { src_ip: Some(address.into()), host: Some(host.clone()), ..Common::default() };
    let alert = Alert {
        id: AlertId::new(id),
        tenant: TenantId::default(),
        rule: RuleRef {
            id: "bench".to_owned(),
            title: "Guessed passwords".to_owned(),
            kind: RuleKind::Correlation,
        },
        severity: Severity::High,
        techniques: techniques.clone(),
        observables: Vec::new(),
        common,
        fields: Map::new(),
        source: "bench".to_owned(),
        trust: Trust::High,
        events: Vec::new(),
        dedup_key: host.clone(),
        count: 1,
        first_seen_at: at,
        last_seen_at: at,
        detected_at: at,
        incident: Some(incident),
        self_caused: false,
    };
    let closed = number.is_multiple_of(4);
    let incident = Incident {
        id: incident,
        tenant: TenantId::default(),
        title: "Guessed passwords".to_owned(),
        severity: Severity::High,
        status: if closed { IncidentStatus::Closed } else { IncidentStatus::New },
        disposition: closed.then_some(Disposition::TruePositive),
        techniques,
        observables: Vec::new(),
        entities: vec![format!("host:{host}")],
        alert_count: 1,
        alerts: vec![alert.id],
        owner: None,
        occurred_at: at,
        detected_at: at,
        acknowledged_at: None,
        contained_at: None,
        closed_at: closed.then_some(at),
        updated_at: at,
    };
    (alert, incident)
}
