//! What every measure is given.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{args::Args, rules::Corpus};

/// What every measure is given.
pub(crate) struct Setup {
    /// The binary that is measured.
    pub(crate) stanch: PathBuf,
    /// Where data folders are made.
    pub(crate) work: PathBuf,
    /// Rounds that count.
    pub(crate) pairs: usize,
    /// Events that a round delivers.
    pub(crate) events: usize,
    /// How long a round appends.
    pub(crate) append: Duration,
    /// How many latencies a round takes.
    pub(crate) latencies: usize,
    /// Whether the figures mean nothing.
    pub(crate) quick: bool,
    /// The public rules, or why they are not there.
    pub(crate) corpus: Result<Corpus, String>,
    /// For what is asynchronous.
    pub(crate) runtime: Runtime,
}

impl Setup {
    /// # Errors
    /// A binary or folder that is not there.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Self> {
        let absolute = |path: &Option<PathBuf>| -> anyhow::Result<PathBuf> {
            let path = path.as_ref().context("a path is missing")?;
            std::path::absolute(path).with_context(|| format!("finding {}", path.display()))
        };
        let (stanch, work) = (absolute(&args.stanch)?, absolute(&args.work)?);
        ensure!(
            stanch.is_file(),
            "{} is not there: run `make bench`, which builds it",
            stanch.display()
        );
        fs::create_dir_all(&work).with_context(|| format!("making {}", work.display()))?;
        // The second installation fails, and the first is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        Ok(Self {
            corpus: Corpus::unpack(&args.corpora, &work)?,
            stanch,
            work,
            pairs: args.pairs,
            events: if args.quick { 2_000.min(args.events) } else { args.events },
            append: Duration::from_millis(if args.quick { 200 } else { 2_000 }),
            latencies: if args.quick { 5 } else { 50 },
            quick: args.quick,
            runtime: Runtime::new().context("starting the runtime")?,
        })
    }

    /// A fresh folder on the disk that is measured.
    pub(crate) fn folder(&self) -> anyhow::Result<TempDir> {
        folder_in(&self.work)
    }
}

/// A fresh folder in `work`.
pub(crate) fn folder_in(work: &Path) -> anyhow::Result<TempDir> {
    TempDir::with_prefix_in("bench-", work)
        .with_context(|| format!("making a folder in {}", work.display()))
}
