//! Backtest: history goes through a playbook again; nothing is acted on and nothing is written.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, time::Duration};

use crate::world::{Setup, World, finding, person};
use serde_json::json;
use stanch_engine::{
    Error, Share,
    jobs::{Backtest, BacktestOptions, EffectRow},
};
use stanch_model::{
    RunId, TenantId,
    event::Trust,
    incident::Disposition,
    people::Role,
    run::{RunHead, RunState},
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Asks the EDR, and isolates what it names.
const RESPOND: &str = r#"
playbook: respond
title: Isolates the host of an alert
max_mode: auto
on: { alert: "alert.host.name.startsWith('ws-')" }
steps:
  - id: find
    do: edr.find_host
    with: { name: "${{ alert.host.name }}" }
  - id: isolate
    do: edr.isolate_host
    with: { host: "${{ steps.find.name }}" }
    expires: 1h
"#;

/// Of servers too, and blocks what the alert names where the guard lets it; in the end it waits for a signal.
const WIDER: &str = r#"
playbook: respond
title: Isolates the host of an alert
max_mode: auto
on: { alert: "alert.host.name != ''" }
steps:
  - id: sure
    ask: Sure?
    options: [no, yes]
    within: 1h
    otherwise: no
  - if: "alert.host.name.startsWith('srv-')"
    then:
      - id: find
        do: edr.find_host
        with: { name: "${{ alert.host.name }}" }
      - do: edr.isolate_host
        with: { host: "${{ steps.find.name }}" }
        expires: 1h
    else:
      - if: "steps.sure.answer == 'yes'"
        then:
          - id: block
            do: firewall.block_address
            with: { address: 203.0.113.66 }
            expires: 1h
          - id: go
            wait: { signal: go, within: 1h }
"#;

fn since(since: Duration) -> BacktestOptions {
    BacktestOptions { since, limit: None, against: None }
}

async fn backtest(world: &World, options: &BacktestOptions) -> Result<Backtest, Error> {
    world.engine.backtests.backtest(&TenantId::default(), "respond", options).await
}

/// An alert about that host; the run that it started.
async fn alert(world: &World, title: &str, host: &str) -> RunHead {
    world.alert(title, json!({ "device": { "hostname": host } })).await
}

async fn close(world: &World, run: &RunHead, disposition: Disposition) {
    let me = person("ann", Role::Responder);
    let incident = run.incident.unwrap();
    world.engine.people.close(&me, incident, disposition, "").await.unwrap();
}

/// Three hosts: one attack, one false alarm, one that nobody has judged; the third is over the budget. Then the
/// first again within the hour, and a server that no playbook is for.
async fn history() -> World {
    let policy =
        json!({ "budgets": [{ "class": "edr.isolate_host", "limit": 2, "window": "1h" }] });
    let world = World::start(Setup::with(&[RESPOND]).policy(policy)).await;
    let attack = alert(&world, "attack", "ws-01").await;
    let alarm = alert(&world, "alarm", "ws-02").await;
    let over = alert(&world, "over", "ws-03").await;
    assert_eq!(
        (attack.state, alarm.state, over.state),
        (RunState::Succeeded, RunState::Succeeded, RunState::Refused)
    );
    for (title, host) in [("again", "ws-01"), ("server", "srv-01")] {
        let body = finding(title, json!({ "device": { "hostname": host } }));
        world.deliver("ocsf", Trust::High, &body).await;
    }
    world.settle().await;
    assert_eq!(world.runs().await.len(), 3);
    close(&world, &attack, Disposition::TruePositive).await;
    close(&world, &alarm, Disposition::FalsePositive).await;
    world
}

fn counted(words: &[(&str, u64)]) -> BTreeMap<String, u64> {
    words.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
}

fn row<'b>(rows: &'b [EffectRow], action: &str, target: &str) -> &'b EffectRow {
    let found = rows.iter().find(|row| row.action == action && row.target == target);
    found.unwrap_or_else(|| panic!("no {action} on {target}: {rows:#?}"))
}

/// Everything that a backtest could leave behind.
async fn traces(world: &World) -> (Vec<serde_json::Value>, u64, Vec<(RunId, usize)>, usize) {
    let (audited, _) = world.engine.core.store.read(|view| view.audit_head()).await.unwrap();
    let mut journals = Vec::new();
    for run in world.runs().await {
        journals.push((run.id, world.journal(run.id).await.len()));
    }
    (world.lab.acts(), audited, journals, world.ledger().await.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_replayed_with_what_was_recorded_and_leaves_no_trace() {
    let world = history().await;
    let before = traces(&world).await;
    let found = backtest(&world, &since(90 * DAY)).await.unwrap();
    assert_eq!((found.alerts, found.looked_at, found.limit), (5, 5, 10_000));
    let version = &found.version;
    assert_eq!((version.number, version.matched, version.runs), (Some(1), 4, 3));
    let again = "it was started for the same within the hour before";
    assert_eq!(version.not_started, counted(&[(again, 1)]));
    assert_eq!(version.ended, counted(&[("succeeded", 2), ("refused", 1)]));
    assert_eq!((version.not_known.len(), version.assumed.len(), version.left_out), (0, 0, 0));

    let targets: Vec<&str> = version.effects.iter().map(|row| row.target.as_str()).collect();
    assert_eq!(targets, ["host:ws-01", "host:ws-02", "host:ws-03"]);
    let attack = row(&version.effects, "edr.isolate_host", "host:ws-01");
    assert_eq!((attack.count, attack.refused, attack.practice), (1, 0, true));
    assert_eq!(attack.dispositions, counted(&[("true_positive", 1)]));
    assert_eq!(attack.rests_on, counted(&[("recorded", 1)]));
    assert_eq!(attack.precision, Share::new(1, 1));
    assert_eq!(attack.first_at, attack.last_at);
    let alarm = row(&version.effects, "edr.isolate_host", "host:ws-02");
    assert_eq!((alarm.refused, alarm.precision), (0, Share::new(0, 1)));
    // The third in an hour: the guard refuses it then as well.
    let over = row(&version.effects, "edr.isolate_host", "host:ws-03");
    assert_eq!((over.count, over.refused), (1, 1));
    assert_eq!(over.dispositions, counted(&[("open", 1)]));
    assert_eq!(over.precision, Share::new(0, 0));
    assert_eq!(
        version.dispositions,
        counted(&[("true_positive", 1), ("false_positive", 1), ("open", 1)])
    );
    assert_eq!(version.precision, Share::new(1, 2));
    let refused: Vec<(&str, u64)> =
        version.guard.iter().map(|hits| (hits.rule.as_str(), hits.refused)).collect();
    assert_eq!(refused, [("budget", 1)]);
    assert_eq!((&found.against, &found.difference), (&None, &None));

    let second = backtest(&world, &since(90 * DAY)).await.unwrap();
    assert_eq!(second.version, found.version);
    assert_eq!(traces(&world).await, before, "it acts on nothing and writes nothing");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_held_against_the_one_in_force() {
    let world = history().await;
    let ann = world.join("ann", Role::Responder).await;
    let drafted = world.engine.people.draft(&ann, "respond", WIDER, "servers too").await;
    assert_eq!(drafted.unwrap().0.number, 2);
    let before = traces(&world).await;
    let options = BacktestOptions { against: Some(2), ..since(90 * DAY) };
    let found = backtest(&world, &options).await.unwrap();
    let against = found.against.as_ref().unwrap();
    assert_eq!((against.number, against.matched, against.runs), (Some(2), 5, 4));
    // Nobody ever asked the EDR for the server: the example answers, with a host of its own, and that is told.
    let rests: Vec<_> = against
        .effects
        .iter()
        .filter(|row| row.action == "edr.isolate_host")
        .map(|row| (row.count, row.rests_on.clone()))
        .collect();
    assert_eq!(rests, [(1, counted(&[("example", 1)]))]);
    let block = row(&against.effects, "firewall.block_address", "ip:203.0.113.66");
    assert_eq!((block.count, block.rests_on.clone()), (3, counted(&[("alert", 3)])));
    assert_eq!(against.ended, counted(&[("not_known", 3), ("succeeded", 1)]));
    let [stops] = against.not_known.as_slice() else { panic!("{against:#?}") };
    assert_eq!((stops.name.as_str(), stops.count), ("go", 3));
    let [sure] = against.assumed.as_slice() else { panic!("{against:#?}") };
    assert_eq!((sure.step.as_str(), sure.answer.as_str(), sure.count), ("sure", "yes", 4));

    let difference = found.difference.as_ref().unwrap();
    let names = |names: &[stanch_engine::jobs::EffectName]| -> Vec<String> {
        names.iter().map(|name| format!("{} {}", name.action, name.target)).collect()
    };
    assert_eq!(
        names(&difference.only_version),
        ["edr.isolate_host host:ws-02", "edr.isolate_host host:ws-03"]
    );
    assert_eq!(
        names(&difference.only_against),
        ["firewall.block_address ip:203.0.113.66"],
        "the example of find_host is ws-01"
    );
    assert_eq!(difference.both, 1);
    assert_eq!(traces(&world).await, before);
    let missing = BacktestOptions { against: Some(9), ..since(DAY) };
    let missing = backtest(&world, &missing).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_and_the_limit_bound_what_is_looked_at() {
    let world = history().await;
    let options = BacktestOptions { limit: Some(2), ..since(90 * DAY) };
    let newest = backtest(&world, &options).await.unwrap();
    // The newest two: the first host again, which now is the first time, and the server.
    assert_eq!((newest.alerts, newest.looked_at, newest.version.runs), (5, 2, 1));
    assert_eq!(newest.version.effects[0].target, "host:ws-01");
    world.advance(2 * DAY);
    let past = backtest(&world, &since(DAY)).await.unwrap();
    assert_eq!((past.alerts, past.looked_at, past.version.matched), (0, 0, 0));
    let before = backtest(&world, &since(3 * DAY)).await.unwrap();
    assert_eq!((before.alerts, before.looked_at, before.version.runs), (5, 5, 3));
    for (options, why) in [
        (since(Duration::ZERO), "`since` is more than nothing"),
        (BacktestOptions { limit: Some(0), ..since(DAY) }, "`limit` is from 1"),
        (BacktestOptions { limit: Some(100_001), ..since(DAY) }, "`limit` is from 1"),
    ] {
        let refused = backtest(&world, &options).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_alerts_do_not_start_has_no_history() {
    let by_hand = "playbook: respond\ntitle: By hand\nsteps:\n  - end: succeeded\n";
    let world = World::start(Setup::with(&[by_hand])).await;
    let refused = backtest(&world, &since(DAY)).await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid(why) if why.contains("not started by alerts")));
    let missing = world.engine.backtests.backtest(&TenantId::default(), "gone", &since(DAY)).await;
    assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");
    world.stop().await;
}
