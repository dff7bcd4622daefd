//! The processes that are measured against: this binary, told to be one of them.

use std::{
    io::{self, Write as _},
    path::Path,
    process::Command,
};

use anyhow::Context as _;

use super::Ready;
use crate::rules;

/// What the process does before it waits to be killed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Peer {
    /// Starts the asynchronous runtime: less than this no server can do.
    Empty,
    /// Loads rules with rsigma alone.
    Rsigma,
}

/// Is that process.
///
/// # Errors
/// Rules that rsigma does not take.
pub(crate) fn run(peer: Peer, rules: Option<&Path>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let engine = match peer {
        Peer::Empty => None,
        Peer::Rsigma => {
            let folder = rules.context("--rules is missing")?;
            Some(rules::unrouted(&rules::texts(folder)?)?)
        }
    };
    let count = engine.as_ref().map_or(0, rsigma_eval::Engine::rule_count);
    writeln!(io::stderr(), "listening on nothing, with {count} rules")?;
    runtime.block_on(std::future::pending())
}

/// Starts it.
///
/// # Errors
/// Those of [`Ready::start`].
pub(crate) fn start(peer: Peer, rules: Option<&Path>) -> anyhow::Result<Ready> {
    let own = std::env::current_exe().context("finding this binary")?;
    #[expect(clippy::disallowed_methods, reason = "the process that is measured against")]
    let mut command = Command::new(own);
    command.args([
        "--peer",
        match peer {
            Peer::Empty => "empty",
            Peer::Rsigma => "rsigma",
        },
    ]);
    if let Some(rules) = rules {
        command.arg("--rules").arg(rules);
    }
    Ready::start(&mut command)
}
