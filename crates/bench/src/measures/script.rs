//! A script that does next to nothing: in the sandbox, with and without bubblewrap, against a bare child.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, ensure};
use stanch_sandbox::{End, File, Launcher, Limits, Network, Options, Sandbox, Spec, stop};

use crate::{
    args::SANDBOX_EXEC,
    rounds::{Compared, in_turns},
    setup::Setup,
    table::{Outcome, Row},
};

/// Runs in one sample; one alone says more about the scheduler than about us.
const RUNS: u32 = 20;

/// The same with `--quick`.
const RUNS_QUICK: u32 = 2;

const SHELL: &str = "/bin/bash";

const CODE: &str = "cat";

const INPUT: &[u8] = br#"{"text":"two hundred characters would not matter here"}"#;

pub(super) fn run(setup: &Setup) -> anyhow::Result<Outcome> {
    let options = Options {
        launcher: Launcher::this_program(&[SANDBOX_EXEC]),
        scratch: std::env::temp_dir(),
    };
    let whole = Sandbox::open(&options)?;
    let mut without = whole.layers().clone();
    without.bubblewrap = Err("left out".to_owned());
    let runs = if setup.quick { RUNS_QUICK } else { RUNS };
    let bare = &mut |_: usize| mean(runs, in_nothing);
    let needed = whole.with_layers(without);
    let needed = &mut |_: usize| mean(runs, || in_sandbox(&needed));
    if let Err(why) = &whole.layers().bubblewrap {
        let samples = in_turns(setup.pairs, &mut [bare, needed])?;
        let skipped = vec![format!("scripts in bubblewrap: {why}")];
        return Ok(Outcome { rows: vec![needed_row(&samples)], skipped });
    }
    let everything = &mut |_: usize| mean(runs, || in_sandbox(&whole));
    let samples = in_turns(setup.pairs, &mut [bare, needed, everything])?;
    let rows = vec![needed_row(&samples), whole_row(&samples)];
    Ok(Outcome { rows, skipped: Vec::new() })
}

fn needed_row(samples: &[Vec<f64>]) -> Row {
    Row {
        name: "script, required layers".to_owned(),
        unit: "ms",
        found: compared(samples, 1),
        note: "start to end of a script that copies its input, in Landlock, seccomp and resource \
               limits; limit: the same script as a bare child"
            .to_owned(),
    }
}

fn whole_row(samples: &[Vec<f64>]) -> Row {
    Row {
        name: "script, with bubblewrap".to_owned(),
        unit: "ms",
        found: compared(samples, 2),
        note: "the same in namespaces of its own as well; limit: the same bare child".to_owned(),
    }
}

fn compared(samples: &[Vec<f64>], ours: usize) -> Compared {
    let list = |side: usize| samples.get(side).map(Vec::as_slice).unwrap_or_default();
    Compared::rounds(list(ours), list(0))
}

/// Milliseconds that one run takes.
fn mean(runs: u32, mut run: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    for _ in 0..runs {
        run()?;
    }
    Ok(start.elapsed().as_secs_f64() * 1_000.0 / f64::from(runs))
}

fn in_sandbox(sandbox: &Sandbox) -> anyhow::Result<()> {
    let spec = Spec {
        program: PathBuf::from(SHELL),
        arguments: ["--noprofile", "--norc", "../script.sh"].map(str::to_owned).to_vec(),
        file: Some(File { name: "script.sh".to_owned(), bytes: CODE.as_bytes().to_owned() }),
        stdin: INPUT.to_owned(),
        environment: BTreeMap::new(),
        read_only: Vec::new(),
        network: Network::None,
        limits: Limits::default(),
        requires: Vec::new(),
    };
    let (_handle, signal) = stop()?;
    let outcome = sandbox.run(spec, &signal)?;
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    ensure!(outcome.end == End::Exited(0), "the script {}: {complaint}", outcome.end);
    ensure!(outcome.stdout == INPUT, "the script wrote something else: {complaint}");
    Ok(())
}

fn in_nothing() -> anyhow::Result<()> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the bare child that the sandbox is held against"
    )]
    let mut command = Command::new(SHELL);
    let command = command.args(["--noprofile", "--norc", "-c", CODE]).env_clear();
    let command = command.env("PATH", "/usr/bin:/bin").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("a pipe")?.write_all(INPUT)?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success() && output.stdout == INPUT, "the bare script failed");
    Ok(())
}
