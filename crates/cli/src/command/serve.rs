//! `stanch serve`: the server, until it is told to stop or its storage fails.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use stanch_connector::{Secrets, script::Scripts};
use stanch_engine::{
    Engine, Options,
    acting::Network,
    config::{Config, SecretsConfig},
    content::Content,
    runs::CrashPoint,
};
use stanch_guard::Policy;
use stanch_model::{
    Diagnostic, TenantId,
    people::{Actor, Role, TokenScope},
};
use tokio::{net::TcpListener, signal::unix::SignalKind, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{content, demo, exit::Exit, output, scripts, trace};

/// The server.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Data folder: store, intake log, control socket; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "./data")]
    data: PathBuf,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Configuration; DATA/stanch.yaml is read if it is there and this is absent
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep decisions in PostgreSQL instead of the data folder: postgres://USER@HOST/DATABASE, with
    /// ?password=file:PATH or ?password=env:NAME
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Policy, in place of the configuration's `policy` section
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Folder with connectors/, rules/ and playbooks/ beside what the binary brings; may be repeated
    #[arg(long, value_name = "DIR")]
    content: Vec<PathBuf>,
    /// Folder of Sigma rules beside the others; may be repeated
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Start the practice target as well, bind every capability to it, and feed the samples in
    #[arg(long)]
    demo: bool,
    /// A proxy in front speaks TLS: other addresses than loopback are allowed, cookies are Secure
    #[arg(long)]
    behind_proxy: bool,
    /// Write every span that ends to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// For the kill harness: end without a word after a journal record, WORD:N
    #[arg(long, value_name = "WORD:N", hide = true)]
    crash_after: Option<String>,
}

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(args: ServeArgs) -> anyhow::Result<Exit> {
    trace::start(args.trace.as_deref())?;
    if !args.listen.ip().is_loopback() && !args.behind_proxy {
        bail!(
            "{} is not loopback, and plain HTTP is for loopback only: put a TLS proxy in front and say --behind-proxy",
            args.listen
        );
    }
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(serve(args))
}

async fn serve(args: ServeArgs) -> anyhow::Result<Exit> {
    fs::create_dir_all(&args.data).with_context(|| format!("making {}", args.data.display()))?;
    let shutdown = stop_signal()?;
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    let mut config = read_config(&args)?;
    if let Some(url) = &args.store {
        config.store.get_or_insert_default().url.clone_from(url);
    }
    if let Some(path) = &args.policy {
        config.policy = read_policy(path)?;
    }
    let mut library = content::all();
    for folder in &args.content {
        content::add_folder(&mut library, folder)?;
    }
    for folder in &args.rules {
        anyhow::ensure!(folder.is_dir(), "rules folder {} is not there", folder.display());
        library.rules.extend(content::read(folder, is_rule)?);
    }
    read_lists(&config, &mut library)?;
    let lab = match args.demo {
        true => Some(demo::start_lab(&args.data, &mut config, &mut tasks, shutdown.clone()).await?),
        false => None,
    };
    let crash = args.crash_after.as_deref().map(str::parse::<CrashPoint>).transpose();
    let crash = crash.map_err(anyhow::Error::msg)?;
    let engine = tokio::select! {
        engine = open(&args.data, config, library, crash) => engine?,
        // It may wait for another server's lease.
        () = shutdown.cancelled() => return Ok(Exit::Done),
    };
    report(&engine);
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("listening on {}", args.listen))?;
    let address = listener.local_addr()?;
    let options = stanch_server::Options { lab: lab.clone(), behind_proxy: args.behind_proxy };
    let stop = shutdown.clone();
    let serving = stanch_server::serve(listener, engine.clone(), options, async move {
        stop.cancelled().await;
    });
    tasks.spawn(async move { Ok(serving.await?) });
    let (socket, served, stop) = (args.data.join("control.sock"), engine.clone(), shutdown.clone());
    tasks.spawn(async move {
        let done =
            stanch_server::serve_control(&socket, served, async move { stop.cancelled().await });
        done.await.with_context(|| format!("serving {}", socket.display()))
    });
    greet(&engine, address, lab.as_deref()).await?;
    tasks.spawn(name_sandbox(engine.scripts.clone()));
    if args.demo {
        let (engine, base) = (engine.clone(), format!("http://{address}"));
        tasks.spawn(async move { demo::feed(&engine, &base).await });
    }
    let ended = tokio::select! {
        ended = engine.run(shutdown.clone()) => ended.map_err(anyhow::Error::from),
        error = first_error(&mut tasks) => Err(error),
    };
    shutdown.cancel();
    let drained = tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while tasks.join_next().await.is_some() {}
    });
    drop(drained.await);
    ended.map(|()| Exit::Done)
}

async fn open(
    data: &Path,
    config: Config,
    content: Content,
    crash: Option<CrashPoint>,
) -> anyhow::Result<Engine> {
    let options = Options {
        data: data.to_owned(),
        config,
        content,
        secrets: secrets(),
        scripts: scripts::of_this_host(),
        network: Network::of_this_host(),
        crash,
    };
    Engine::open(options).await.with_context(|| format!("opening {}", data.display()))
}

/// References resolved by files and this process's environment.
pub(crate) fn secrets() -> Secrets {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads credentials from the environment"
    )]
    Secrets::new(|name| std::env::var(name).ok())
}

fn is_rule(path: &str) -> bool {
    (path.ends_with(".yml") || path.ends_with(".yaml")) && !path.ends_with(".test.yaml")
}

fn read_config(args: &ServeArgs) -> anyhow::Result<Config> {
    let beside = args.data.join("stanch.yaml");
    let path = match &args.config {
        Some(path) => path.clone(),
        None if beside.exists() => beside,
        None => return Ok(Config::default()),
    };
    config_file(&path)
}

/// The configuration in a file.
pub(crate) fn config_file(path: &Path) -> anyhow::Result<Config> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    // The policy first: what is wrong with it is then said all at once, and with its place.
    let policy =
        stanch_guard::file::in_configuration(&text).map(|read| usable(read, path)).transpose()?;
    let config: Config = marked_yaml::from_yaml(0, &text)
        .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    Ok(Config { policy: policy.unwrap_or_default(), ..config })
}

/// The policy of a file of its own.
fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    usable(stanch_guard::file::load(&text), path)
}

/// A policy without an error in it. What else was found is told.
fn usable(
    (policy, findings): (Option<Policy>, Vec<Diagnostic>),
    path: &Path,
) -> anyhow::Result<Policy> {
    for finding in &findings {
        output::note(&format!("{}:{finding}", path.display()));
        output::note(&format!("    help: {}", finding.help));
    }
    policy.with_context(|| format!("{} holds no policy that can be used", path.display()))
}

fn read_lists(config: &Config, content: &mut Content) -> anyhow::Result<()> {
    for list in &config.intel {
        let path = &list.path;
        let text = fs::read_to_string(path)
            .with_context(|| format!("reading the indicator list {}", path.display()))?;
        content.lists.push((list.meaning, list.name.clone(), text));
    }
    Ok(())
}

fn report(engine: &Engine) {
    for finding in &engine.library.findings {
        output::note(&format!("{}:{}", finding.path, finding.diagnostic));
        output::note(&format!("    help: {}", finding.diagnostic.help));
    }
    let rules = engine.library.rules.rules().len();
    let playbooks = engine.library.playbooks.all().count();
    output::note(&format!("{rules} rules and {playbooks} playbooks loaded"));
}

async fn greet(engine: &Engine, address: SocketAddr, lab: Option<&str>) -> anyhow::Result<()> {
    output::note(&format!("listening on http://{address}"));
    if let Some(lab) = lab {
        output::note(&format!(
            "lab: {lab} (practice target: nothing in it is real; the samples are dated to now)"
        ));
    }
    if let Some(secret) = engine.people.setup_secret().await? {
        output::note("the first administrator is made with this link, once:");
        output::note(&format!("setup: http://{address}/setup?token={secret}"));
    }
    Ok(())
}

/// Says which layers keep scripts in on this host; finding out takes longer than starting to listen.
async fn name_sandbox(scripts: Scripts) -> anyhow::Result<()> {
    match scripts.status().await {
        Ok(status) => output::note(&format!("sandbox: {status}")),
        Err(error) => output::note(&format!("sandbox: no script is run: {error}")),
    }
    Ok(())
}

fn stop_signal() -> anyhow::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    let token = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        token.cancel();
    });
    Ok(shutdown)
}

/// Waits for a task that fails; tasks that end well are no reason to stop.
async fn first_error(tasks: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Error {
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error,
            Err(error) => return anyhow::anyhow!("a task died: {error}"),
        }
    }
    std::future::pending().await
}

/// Makes a token while no server runs on the data folder.
pub(crate) fn offline_token(data: &Path, name: &str, scope: TokenScope) -> anyhow::Result<String> {
    anyhow::ensure!(data.is_dir(), "data folder {} is not there", data.display());
    anyhow::ensure!(
        data.join("stanch.db").exists() || !data.join("node-id").exists(),
        "the store of {} is in PostgreSQL: start the server, and type this again while it runs",
        data.display()
    );
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(async {
        // A token needs no secret, and whoever makes one need not have the key.
        let config = Config { secrets: SecretsConfig::shut(), ..Config::default() };
        let engine = open(data, config, Content::default(), None).await?;
        let local = Actor {
            tenant: TenantId::default(),
            name: "local administrator".to_owned(),
            role: Role::Admin,
            user: None,
        };
        Ok(engine.people.create_token(&local, name, scope).await?.secret)
    })
}
