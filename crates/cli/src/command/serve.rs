//! `stanch serve`: the server, until it is told to stop or its storage fails.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use stanch_connector::Secrets;
use stanch_engine::{
    Engine, Options, acting::Network, config::Config, content::Content, runs::CrashPoint,
};
use stanch_model::{
    TenantId,
    people::{Actor, Role, TokenScope},
};
use tokio::{net::TcpListener, signal::unix::SignalKind, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{content, demo, exit::Exit, output, trace};

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
    let engine = open(&args.data, config, library, crash).await?;
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
        network: Network::of_this_host(),
        crash,
    };
    Engine::open(options).await.with_context(|| format!("opening {}", data.display()))
}

fn secrets() -> Secrets {
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
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    marked_yaml::from_yaml(0, &text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
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
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(async {
        let engine = open(data, Config::default(), Content::default(), None).await?;
        let local = Actor {
            tenant: TenantId::default(),
            name: "local administrator".to_owned(),
            role: Role::Admin,
            user: None,
        };
        Ok(engine.people.create_token(&local, name, scope).await?.secret)
    })
}
