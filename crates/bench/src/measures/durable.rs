//! Durable appends: the journal and the intake log, against a raw file that is synced in groups.

use std::{future::Future, sync::Arc, time::Instant};

use futures::future::try_join_all;
use serde_json::{Value, json};
use stanch_archive::IntakeLog;
use stanch_model::{RunId, Time};
use stanch_store::Store;
use uuid::Uuid;

use crate::{
    raw::RawLog,
    rounds::{Compared, in_turns},
    setup::Setup,
    table::{Outcome, Row},
};

/// How many append at the same time.
pub(super) const WRITERS: u64 = 64;

/// How long each record is, in bytes.
pub(super) const RECORD_BYTES: usize = 512;

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let folder = setup.folder()?;
    // Writers end with their last handle, which needs the runtime that drives what they wait for.
    let _entered = setup.runtime.enter();
    let store = Store::open(&folder.path().join("store"))?;
    let (log, _) = IntakeLog::open(folder.path().join("log"), stanch_archive::Options::default())?;
    let raw = Arc::new(RawLog::create(&folder.path().join("raw"))?);
    let (mut appended, syncs) = (0.0, raw.clone());
    let mut journal = |round: usize| journal(setup, &store, round);
    let mut archive = |_: usize| archive(setup, &log);
    let mut limit = |_: usize| {
        let raw = raw.clone();
        let (count, taken) = appends(setup, move |_, _| {
            let raw = raw.clone();
            async move { raw.append(vec![b'x'; RECORD_BYTES]).await }
        })?;
        appended += count;
        Ok(count / taken)
    };
    let samples = in_turns(setup.pairs, &mut [&mut journal, &mut archive, &mut limit])?;
    let group = appended / f64::from(u32::try_from(syncs.syncs())?);
    let list = |side: usize| samples.get(side).map(Vec::as_slice).unwrap_or_default();
    let row = |name: &str, side: usize, what: &str| Row {
        name: format!("{name}, durable"),
        unit: "appends/s",
        found: Compared::rounds(list(side), list(2)),
        note: format!(
            "{WRITERS} writers, {RECORD_BYTES} bytes each, {what}; limit: one thread that appends what as \
             many writers queued to one file and calls fdatasync once, {group:.0} records a sync, on the \
             same disk"
        ),
    };
    let rows = vec![
        row("journal", 0, "sequence checked, checksummed, committed by SQLite"),
        row("intake log", 1, "framed, checksummed, followed by its readers"),
    ];
    Ok(Outcome { rows, skipped: Vec::new() })
}

/// Journal records, a run for each writer.
pub(super) fn journal(setup: &Setup, store: &Store, round: usize) -> anyhow::Result<f64> {
    let (round, store) = (u128::try_from(round)?, store.clone());
    let payload = payload();
    let (count, taken) = appends(setup, move |writer, sequence| {
        let run = RunId::new(Uuid::from_u128((round << 64) | u128::from(writer)));
        let (store, payload) = (store.clone(), payload.clone());
        async move {
            let at = Time::from_micros(i64::try_from(sequence)?);
            store.write(move |tx| tx.append_journal(run, sequence, at, &payload)).await?;
            Ok(())
        }
    })?;
    Ok(count / taken)
}

fn archive(setup: &Setup, log: &IntakeLog) -> anyhow::Result<f64> {
    let log = log.clone();
    let (count, taken) = appends(setup, move |_, _| {
        let log = log.clone();
        async move {
            log.append(vec![vec![b'x'; RECORD_BYTES]]).await?;
            Ok(())
        }
    })?;
    Ok(count / taken)
}

/// Every writer appends one record after the other, `append(writer, sequence)`, until the round is over.
/// Gives how many, and in how many seconds.
pub(super) fn appends<F: Future<Output = anyhow::Result<()>> + Send + 'static>(
    setup: &Setup,
    append: impl Fn(u64, u64) -> F + Clone + Send + Sync + 'static,
) -> anyhow::Result<(f64, f64)> {
    let started = Instant::now();
    let until = started + setup.append;
    let write = |writer: u64| {
        let append = append.clone();
        setup.runtime.spawn(async move {
            let mut sequence = 0_u64;
            while Instant::now() < until {
                append(writer, sequence).await?;
                sequence += 1;
            }
            anyhow::Ok(sequence)
        })
    };
    let written = setup.runtime.block_on(try_join_all((0..WRITERS).map(write)))?;
    let taken = started.elapsed().as_secs_f64();
    let counts: anyhow::Result<Vec<u64>> = written.into_iter().collect();
    let count: u64 = counts?.iter().sum();
    Ok((f64::from(u32::try_from(count)?), taken))
}

/// A journal record of [`RECORD_BYTES`] bytes.
fn payload() -> Value {
    let frame = json!({ "event": "accepted", "key": "block", "output": "" }).to_string().len();
    let filler = "x".repeat(RECORD_BYTES.saturating_sub(frame));
    json!({ "event": "accepted", "key": "block", "output": filler })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_record_has_the_bytes_that_are_told() {
        assert_eq!(super::payload().to_string().len(), super::RECORD_BYTES);
    }
}
