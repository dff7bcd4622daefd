//! From the start of the process until it listens, and what it holds then, against an empty process.

use crate::{
    process::{
        Ready,
        peer::{self, Peer},
        server::Server,
    },
    rounds::{Compared, in_turns},
    setup::Setup,
    table::{Outcome, Row},
};

/// Milliseconds until it was ready, and MiB that it held then.
type Sample = (f64, f64);

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let mut bare = |_: usize| sample(&Server::start(setup, None)?.process);
    let mut empty = |_: usize| sample(&peer::start(Peer::Empty, None)?);
    let corpus = match &setup.corpus {
        Ok(corpus) => corpus,
        Err(why) => {
            let samples = in_turns(setup.pairs, &mut [&mut bare, &mut empty])?;
            let skipped = vec![format!("start-up with the public rules: {why}")];
            return Ok(Outcome { rows: without_rules(&samples), skipped });
        }
    };
    let mut full = |_: usize| sample(&Server::start(setup, Some(corpus.path()))?.process);
    let mut rsigma = |_: usize| sample(&peer::start(Peer::Rsigma, Some(corpus.path()))?);
    let samples = in_turns(setup.pairs, &mut [&mut bare, &mut empty, &mut full, &mut rsigma])?;
    let mut rows = without_rules(&samples);
    rows.extend(with_rules(&samples, corpus.count));
    Ok(Outcome { rows, skipped: Vec::new() })
}

fn sample(process: &Ready) -> anyhow::Result<Sample> {
    Ok((process.took.as_secs_f64() * 1_000.0, process.rss_mib()?))
}

fn without_rules(samples: &[Vec<Sample>]) -> Vec<Row> {
    vec![
        Row {
            name: "start-up, shipped rules".to_owned(),
            unit: "ms",
            found: compared(samples, (0, 1), |sample| sample.0),
            note: "until it listens, in a fresh data folder; limit: a process that starts the \
                   asynchronous runtime and nothing else"
                .to_owned(),
        },
        Row {
            name: "idle memory, shipped rules".to_owned(),
            unit: "MiB RSS",
            found: compared(samples, (0, 1), |sample| sample.1),
            note: "when it listens; limit: the same empty process".to_owned(),
        },
    ]
}

fn with_rules(samples: &[Vec<Sample>], count: usize) -> Vec<Row> {
    vec![
        Row {
            name: format!("start-up, {count} public rules"),
            unit: "ms",
            found: compared(samples, (2, 0), |sample| sample.0),
            note: "every file read, parsed, checked, compiled and indexed; limit: the start-up without them"
                .to_owned(),
        },
        Row {
            name: format!("start-up, {count} public rules, against rsigma"),
            unit: "ms",
            found: compared(samples, (2, 3), |sample| sample.0),
            note: "limit: a process that reads, parses and compiles them with rsigma alone".to_owned(),
        },
        Row {
            name: format!("idle memory, {count} public rules"),
            unit: "MiB RSS",
            found: compared(samples, (2, 3), |sample| sample.1),
            note: "when it listens; limit: the process with rsigma alone".to_owned(),
        },
    ]
}

fn compared(
    samples: &[Vec<Sample>],
    (ours, limit): (usize, usize),
    of: fn(&Sample) -> f64,
) -> Compared {
    let list =
        |side: usize| -> Vec<f64> { samples.get(side).into_iter().flatten().map(of).collect() };
    Compared::rounds(&list(ours), &list(limit))
}
