//! Events through HTTP intake to disk and detection, against JSON parsing of the same bytes alone.

use std::{hint::black_box, path::Path, time::Instant};

use anyhow::ensure;
use serde_json::Value;

use crate::{
    generate::{Body, Record, bodies, records},
    process::server::{Server, Tokens},
    rounds::{Compared, in_turns},
    setup::Setup,
    table::{Outcome, Row},
};

/// One round of one side: events a second, and events per second of processor time.
struct Sample {
    wall: f64,
    cpu: f64,
}

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome { rows: with_rules(setup, None)?, skipped: Vec::new() };
    match &setup.corpus {
        Ok(corpus) => outcome.rows.extend(with_rules(setup, Some((corpus.path(), corpus.count)))?),
        Err(why) => outcome.skipped.push(format!("intake with the public rules: {why}")),
    }
    Ok(outcome)
}

fn with_rules(setup: &Setup, rules: Option<(&Path, usize)>) -> anyhow::Result<Vec<Row>> {
    let server = Server::start(setup, rules.map(|(folder, _)| folder))?;
    let tokens = server.tokens()?;
    let idle = server.process.rss_mib()?;
    let mut sent = 0_usize;
    let mut ours = |round: usize| {
        let bodies = bodies(&records(seed(round), setup.events));
        sent += setup.events;
        feed(setup, &server, &tokens, &bodies, sent)
    };
    let mut limit = |round: usize| {
        let lines = json_lines(&records(seed(round), setup.events));
        parse(&lines)
    };
    let samples = in_turns(setup.pairs, &mut [&mut ours, &mut limit])?;
    let loaded = server.process.rss_mib()?;
    let list = |side: usize, of: fn(&Sample) -> f64| -> Vec<f64> {
        samples.get(side).into_iter().flatten().map(of).collect()
    };
    let what =
        rules.map_or("shipped rules".to_owned(), |(_, count)| format!("{count} public rules"));
    let wall = |s: &Sample| s.wall;
    let cpu = |s: &Sample| s.cpu;
    Ok(vec![
        Row {
            name: format!("intake to detection, {what}"),
            unit: "events/s",
            found: Compared::rounds(&list(0, wall), &list(1, wall)),
            note: format!(
                "a release server on all cores, bodies of 500 lines (half Suricata's, four tenths Sysmon's, one \
                 tenth sshd's; two in a thousand are alerts) over loopback HTTP from 4 \
                 senders on the same machine, until it had counted all {} events of the round; limit: one \
                 thread parsing the same records to serde_json values (an sshd line as a JSON string)",
                setup.events
            ),
        },
        Row {
            name: format!("intake to detection per core, {what}"),
            unit: "events/cpu s",
            found: Compared::rounds(&list(0, cpu), &list(1, cpu)),
            note: "the same rounds by processor time, of the server and of the parsing thread"
                .to_owned(),
        },
        Row {
            name: format!("memory under load, {what}"),
            unit: "MiB RSS",
            found: Compared::once(loaded, idle),
            note: format!("after {sent} events; limit: the same process before the first one"),
        },
    ])
}

/// Bodies that were sent before count as repetitions, so each round has its own.
fn seed(round: usize) -> u64 {
    u64::try_from(round).unwrap_or_default()
}

fn feed(
    setup: &Setup,
    server: &Server,
    tokens: &Tokens,
    bodies: &[Body],
    sent: usize,
) -> anyhow::Result<Sample> {
    let (cpu, started) = (server.process.cpu_seconds()?, Instant::now());
    let all = u64::try_from(sent)?;
    setup.runtime.block_on(async {
        server.deliver(tokens, bodies).await?;
        server.wait_for(tokens, all).await
    })?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), server.process.cpu_seconds()? - cpu);
    let count: usize = bodies.iter().map(|body| body.count).sum();
    let count = f64::from(u32::try_from(count)?);
    Ok(Sample { wall: count / wall, cpu: count / cpu })
}

/// The records, those that are no JSON as JSON strings.
fn json_lines(records: &[Record]) -> Vec<String> {
    let json = |record: &Record| match record.source {
        "sshd" => Value::String(record.line.clone()).to_string(),
        _ => record.line.clone(),
    };
    records.iter().map(json).collect()
}

fn parse(lines: &[String]) -> anyhow::Result<Sample> {
    let (cpu, started) = (own_cpu_seconds(), Instant::now());
    let mut read = 0_u32;
    for line in lines {
        black_box(serde_json::from_str::<Value>(black_box(line))?);
        read += 1;
    }
    ensure!(read > 0, "nothing to parse");
    let wall = started.elapsed().as_secs_f64();
    let cpu = cpu.zip(own_cpu_seconds()).map(|(before, after)| after - before);
    let cpu = cpu.filter(|taken| *taken > 0.0).unwrap_or(wall);
    Ok(Sample { wall: f64::from(read) / wall, cpu: f64::from(read) / cpu })
}

/// Processor time of this thread, in seconds; none where the kernel does not count it.
fn own_cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
