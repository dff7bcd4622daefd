//! Evaluation of the public rules: ours, routed by log source, against rsigma with all rules in one engine.

use std::{hint::black_box, sync::Arc, time::Instant};

use anyhow::{Context as _, ensure};
use rsigma_eval::JsonEvent;
use serde_json::Value;
use stanch_detect::Detector;
use stanch_ingest::{Receipt, parse};
use stanch_model::{Event, EventId, TenantId, Time, event::Trust};

use crate::{
    generate::records,
    rounds::{Compared, in_turns, median},
    rules::{texts, unrouted},
    setup::Setup,
    table::{Outcome, Row},
};

/// Events a second, and matches per event.
type Sample = (f64, f64);

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let corpus = match &setup.corpus {
        Ok(corpus) => corpus,
        Err(why) => {
            let skipped = vec![format!("detection with the public rules: {why}")];
            return Ok(Outcome { rows: Vec::new(), skipped });
        }
    };
    let texts = texts(corpus.path())?;
    let (rules, _) = stanch_detect::load(&texts);
    let loaded = rules.rules().len();
    let mut detector = Detector::new(Arc::new(rules));
    let engine = unrouted(&texts)?;
    let count = setup.events / 2;
    let mut ours = |round: usize| {
        let events = events(round, count)?;
        rate(&events, |event| detector.process(event).len())
    };
    let mut limit = |round: usize| {
        let events: Vec<Value> =
            events(round, count)?.into_iter().map(|event| Value::Object(event.fields)).collect();
        rate(&events, |fields| engine.evaluate(&JsonEvent::borrow(fields)).len())
    };
    let samples = in_turns(setup.pairs, &mut [&mut ours, &mut limit])?;
    let list = |side: usize, of: fn(&Sample) -> f64| -> Vec<f64> {
        samples.get(side).into_iter().flatten().map(of).collect()
    };
    let matches = |side: usize| median(&list(side, |sample| sample.1));
    // Finding nothing is fast.
    ensure!(
        matches(0) > 0.0,
        "the public rules found none of the downloads that the generator makes"
    );
    let note = format!(
        "one thread, events parsed before, {loaded} rules loaded; limit: rsigma 0.23 with all {} rules in \
         one engine, which no log source keeps from any event. Matches per event: ours {:.3}, limit {:.3}",
        engine.rule_count(),
        matches(0),
        matches(1)
    );
    let rows = vec![Row {
        name: format!("detection, {} public rules", corpus.count),
        unit: "events/s",
        found: Compared::rounds(&list(0, |sample| sample.0), &list(1, |sample| sample.0)),
        note,
    }];
    Ok(Outcome { rows, skipped: Vec::new() })
}

fn events(round: usize, count: usize) -> anyhow::Result<Vec<Event>> {
    let seed = u64::try_from(round)?;
    // After all that the generator makes.
    let received_at: Time = "2026-12-31T00:00:00Z".parse()?;
    let event = |(record, sequence): (crate::generate::Record, u64)| {
        let receipt = Receipt {
            id: EventId { segment: seed + 1, sequence },
            tenant: TenantId::default(),
            source: record.source.to_owned(),
            trust: Trust::Medium,
            received_at,
        };
        parse(Some(record.source), &record.line, receipt).context("a generated record")
    };
    records(seed, count).into_iter().zip(0..).map(event).collect()
}

fn rate<T>(events: &[T], mut evaluate: impl FnMut(&T) -> usize) -> anyhow::Result<Sample> {
    let started = Instant::now();
    let mut matches = 0_usize;
    for event in events {
        matches += evaluate(black_box(event));
    }
    let count = f64::from(u32::try_from(events.len())?);
    let taken = started.elapsed().as_secs_f64();
    Ok((count / taken, f64::from(u32::try_from(matches)?) / count))
}
