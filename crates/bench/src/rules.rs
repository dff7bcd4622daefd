//! The public rules, and the peer that evaluates them without our routing.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::setup::folder_in;

/// The archive in the corpora.
const ARCHIVE: &str = "sigma-rules.tar.xz";

/// Folders of it that hold no current rules.
const NOT_CURRENT: [&str; 2] = ["deprecated", "unsupported"];

/// The current public rules, unpacked.
#[derive(Debug)]
pub(crate) struct Corpus {
    folder: TempDir,
    /// How many files.
    pub(crate) count: usize,
}

impl Corpus {
    /// Unpacks the current rules of `corpora` below `work`; the inner error says why there are none.
    pub(crate) fn unpack(corpora: &Path, work: &Path) -> anyhow::Result<Result<Self, String>> {
        let archive = corpora.join(ARCHIVE);
        if !archive.is_file() {
            return Ok(Err(format!(
                "{ARCHIVE} of the public corpora is not there (see --corpora)"
            )));
        }
        let folder = folder_in(work)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "unpacks a public corpus with the host's tar"
        )]
        let mut tar = Command::new("tar");
        tar.arg("-xJf").arg(&archive).arg("-C").arg(folder.path());
        tar.args(NOT_CURRENT.map(|name| format!("--exclude={name}")));
        let status = tar.status().context("running tar")?;
        ensure!(status.success(), "tar could not unpack {ARCHIVE}");
        let count = texts(folder.path())?.len();
        Ok(Ok(Self { folder, count }))
    }

    /// Where they are.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Every rule file below `folder`, by path.
pub(crate) fn texts(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        let is_rule = entry.path().extension().is_some_and(|ext| ext == "yml" || ext == "yaml");
        if entry.file_type().is_file() && is_rule {
            let path = entry.path().display().to_string();
            let text =
                fs::read_to_string(entry.path()).with_context(|| format!("reading {path}"))?;
            found.push((path, text));
        }
    }
    Ok(found)
}

/// rsigma as it comes: every rule in one engine, no log sources.
pub(crate) fn unrouted(texts: &[(String, String)]) -> anyhow::Result<rsigma_eval::Engine> {
    let mut rules = Vec::with_capacity(texts.len());
    for (path, text) in texts {
        let read =
            rsigma_parser::parse_sigma_yaml(text).with_context(|| format!("parsing {path}"))?;
        ensure!(read.errors.is_empty(), "parsing {path}: {}", read.errors.join(", "));
        rules.extend(read.rules);
    }
    // All at once: it indexes anew with each call.
    let mut engine = rsigma_eval::Engine::new();
    match engine.add_rules(&rules).into_iter().next() {
        Some((_, error)) => Err(error).context("compiling a public rule"),
        None => Ok(engine),
    }
}
