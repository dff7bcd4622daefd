//! What can be typed.

use std::path::PathBuf;

use anyhow::ensure;

use crate::{measures::MEASURES, process::peer::Peer};

/// Fewer rounds than this tell nothing about the spread.
const PAIRS_MIN: usize = 5;

/// Measures Stanch against peers and physical limits, in one run on one machine
#[derive(Debug, clap::Parser)]
#[command(name = "bench", max_term_width = 100)]
pub(crate) struct Args {
    /// Measures to take; all of them if none is named
    #[arg(value_name = "MEASURE")]
    pub(crate) names: Vec<String>,
    /// Folder to work in, on the disk that is to be measured; made if it is not there
    #[arg(long, value_name = "DIR", required_unless_present = "peer")]
    pub(crate) work: Option<PathBuf>,
    /// The release binary of `stanch`
    #[arg(long, env = "STANCH_BIN", value_name = "FILE", required_unless_present = "peer")]
    pub(crate) stanch: Option<PathBuf>,
    /// Folder of the public corpora; what needs them is skipped where it is absent
    #[arg(long, value_name = "DIR", default_value = "../shared/corpora")]
    pub(crate) corpora: PathBuf,
    /// Rounds that count, after one to warm up
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub(crate) pairs: usize,
    /// Events that a round delivers over HTTP
    #[arg(long, value_name = "N", default_value_t = 40_000)]
    pub(crate) events: usize,
    /// Only see that everything runs: the figures mean nothing
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write docs/reference/measurements.md as well
    #[arg(long)]
    pub(crate) write: bool,
    /// Be the process that is measured against
    #[arg(long, hide = true)]
    pub(crate) peer: Option<Peer>,
    /// What that process loads
    #[arg(long, hide = true)]
    pub(crate) rules: Option<PathBuf>,
}

impl Args {
    /// # Errors
    /// What cannot be measured so.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let known: Vec<&str> = MEASURES.iter().map(|measure| measure.name).collect();
        for name in &self.names {
            ensure!(
                known.contains(&name.as_str()),
                "no measure `{name}`: there are {}",
                known.join(", ")
            );
        }
        ensure!(self.pairs >= PAIRS_MIN, "--pairs: give {PAIRS_MIN} at least, for a spread");
        ensure!(self.events > 0, "--events: give one at least");
        ensure!(!(self.quick && self.write), "--write: figures of a --quick run mean nothing");
        ensure!(
            self.names.is_empty() || !self.write,
            "--write: the page holds all measures of one run; name none"
        );
        Ok(())
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }
}
