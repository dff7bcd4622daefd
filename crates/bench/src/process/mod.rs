//! Processes that are measured from outside: when they were ready, what they hold, what they used.

pub(crate) mod peer;
pub(crate) mod server;

use std::{
    collections::VecDeque,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// What a process says when it is ready.
const READY: &str = "listening on ";

/// How much of its talk is shown if it ends before.
const LINES_MAX: usize = 20;

/// Clock ticks a second in /proc; Linux has fixed it for what it shows to programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that is ready. It is killed with the handle.
#[derive(Debug)]
pub(crate) struct Ready {
    child: Child,
    /// From its start until it said so.
    pub(crate) took: Duration,
    /// What it said after the words.
    pub(crate) said: String,
}

impl Ready {
    /// Starts it and waits.
    ///
    /// # Errors
    /// A process that ends before it is ready, with the last that it said.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().context("starting a process")?;
        let stderr = child.stderr.take().context("a process without stderr")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut last = VecDeque::new();
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(said) = line.strip_prefix(READY) {
                let took = started.elapsed();
                // What nobody reads would stop it.
                std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
                return Ok(Self { child, took, said: said.to_owned() });
            }
            last.push_back(line);
            if last.len() > LINES_MAX {
                last.pop_front();
            }
        }
        let ended = child.wait().context("waiting for a process")?;
        bail!("a process ended with {ended} before it was ready:\n{}", Vec::from(last).join("\n"))
    }

    /// Memory that it holds, in MiB.
    ///
    /// # Errors
    /// A process that is gone.
    pub(crate) fn rss_mib(&self) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kib.with_context(|| format!("{path} has no VmRSS"))? / 1_024.0)
    }

    /// Processor time that it used so far, user and system, in seconds.
    ///
    /// # Errors
    /// A process that is gone.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        ticks(&text)
            .map(|ticks| ticks / TICKS_PER_SECOND)
            .with_context(|| format!("reading {path}"))
    }
}

/// Fields 14 and 15. The second field is a name in parentheses, which may hold anything.
fn ticks(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ').skip(11);
    let mut next = || words.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

impl Drop for Ready {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 900 0 3 0 250 50 0 0 20 0 9 0 100 1 2";
        assert_eq!(super::ticks(stat), Some(300.0));
        assert_eq!(super::ticks("42 (a) S 1"), None);
    }
}
