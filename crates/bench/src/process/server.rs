//! `stanch serve` as its users start it, and the requests of those who feed and read it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use tempfile::TempDir;

use super::Ready;
use crate::{
    generate::{Body, SOURCES},
    setup::Setup,
};

/// Deliveries under way at the same time.
const SENDERS: usize = 4;

/// How often it is asked how far it is.
const POLL: Duration = Duration::from_millis(10);

/// How long it may stand still before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a data folder of its own.
pub(crate) struct Server {
    /// The process.
    pub(crate) process: Ready,
    stanch: PathBuf,
    data: TempDir,
    url: String,
    client: reqwest::Client,
}

impl Server {
    /// Starts it on a free port, with `rules` beside those that it brings.
    ///
    /// # Errors
    /// Those of [`Ready::start`].
    pub(crate) fn start(setup: &Setup, rules: Option<&Path>) -> anyhow::Result<Self> {
        let data = setup.folder()?;
        #[expect(clippy::disallowed_methods, reason = "the process that is measured")]
        let mut command = Command::new(&setup.stanch);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
        if let Some(rules) = rules {
            command.arg("--rules").arg(rules);
        }
        let process = Ready::start(&mut command)?;
        let url = process.said.split_whitespace().next().unwrap_or_default().to_owned();
        let client = reqwest::Client::builder().no_proxy().build().context("making a client")?;
        Ok(Self { process, stanch: setup.stanch.clone(), data, url, client })
    }

    /// Makes the tokens of those who feed it and of one who reads.
    ///
    /// # Errors
    /// A server that makes none.
    pub(crate) fn tokens(&self) -> anyhow::Result<Tokens> {
        let reader = self.token(&["--name", "bench", "--role", "viewer"])?;
        let source = |name: &&'static str| {
            let label = format!("bench {name}");
            let token = self.token(&["--name", &label, "--source", name, "--trust", "medium"])?;
            Ok((*name, token))
        };
        let sources: anyhow::Result<Vec<_>> = SOURCES.iter().map(source).collect();
        Ok(Tokens { reader, sources: sources? })
    }

    /// The control socket comes a moment after the port, so a refusal is tried again for a while.
    fn token(&self, args: &[&str]) -> anyhow::Result<String> {
        let until = Instant::now() + PATIENCE;
        loop {
            #[expect(clippy::disallowed_methods, reason = "makes a token as an administrator does")]
            let mut command = Command::new(&self.stanch);
            command.args(["token", "create", "--data"]).arg(self.data.path()).args(args);
            let output = command.stdin(Stdio::null()).output().context("making a token")?;
            if output.status.success() {
                return Ok(String::from_utf8(output.stdout)?.trim().to_owned());
            }
            let why = String::from_utf8_lossy(&output.stderr);
            ensure!(Instant::now() < until, "no token: {}", why.trim());
            std::thread::sleep(POLL);
        }
    }

    /// Delivers everything; returns when the last body is acknowledged.
    ///
    /// # Errors
    /// An answer that is not "all taken".
    pub(crate) async fn deliver(&self, tokens: &Tokens, bodies: &[Body]) -> anyhow::Result<()> {
        let posts = bodies.iter().map(|body| self.post(tokens, body));
        stream::iter(posts).buffer_unordered(SENDERS).try_collect::<()>().await
    }

    async fn post(&self, tokens: &Tokens, body: &Body) -> anyhow::Result<()> {
        let url = format!("{}/ingest/{}", self.url, body.source);
        let token = tokens.sources.iter().find(|(name, _)| *name == body.source);
        let (_, token) = token.with_context(|| format!("no token for {}", body.source))?;
        let request = self.client.post(url).bearer_auth(token).body(body.bytes.clone());
        let answer = request.header("content-type", "application/x-ndjson").send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        let taken = serde_json::from_str::<Value>(&text).ok();
        let taken = taken.and_then(|answer| answer.get("accepted")?.as_u64());
        let count = u64::try_from(body.count)?;
        ensure!(taken == Some(count), "{count} {} records: {status} {text}", body.source);
        Ok(())
    }

    /// Waits until it has looked at `events` in all.
    ///
    /// # Errors
    /// A server that stands still.
    pub(crate) async fn wait_for(&self, tokens: &Tokens, events: u64) -> anyhow::Result<()> {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let seen = self.seen(tokens).await?;
            if seen >= events {
                return Ok(());
            }
            if seen > last {
                (last, since) = (seen, Instant::now());
            }
            ensure!(since.elapsed() < PATIENCE, "it stands still at {seen} of {events} events");
            tokio::time::sleep(POLL).await;
        }
    }

    /// How many events went through detection: they are counted in the change that moves the offset.
    async fn seen(&self, tokens: &Tokens) -> anyhow::Result<u64> {
        let list = self.get(tokens, "/api/v1/sources").await?;
        let items = list.get("items").and_then(Value::as_array).context("sources without items")?;
        Ok(items.iter().filter_map(|source| source.get("events")?.as_u64()).sum())
    }

    async fn get(&self, tokens: &Tokens, path: &str) -> anyhow::Result<Value> {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&tokens.reader);
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).with_context(|| format!("reading the answer of {path}"))
    }
}

/// The tokens of one server.
#[derive(Debug)]
pub(crate) struct Tokens {
    reader: String,
    sources: Vec<(&'static str, String)>,
}
