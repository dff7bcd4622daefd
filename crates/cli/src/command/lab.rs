//! `lab`: the practice target in a process of its own.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context as _;
use stanch_lab::Options;
use stanch_model::duration;
use tokio::{net::TcpListener, signal};

use crate::{
    exit::{Exit, Usage},
    output,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8440")]
    listen: SocketAddr,
    /// Folder for its log and state; without one it forgets everything when it ends
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Environment variable with the bearer token that callers must send; none is asked for without it
    #[arg(long, value_name = "NAME")]
    token_env: Option<String>,
    /// Let hosts, accounts and messages that nobody knows come into being when asked for
    #[arg(long)]
    auto_enrol: bool,
    /// How long isolation takes from being accepted to being effective
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration::parse)]
    effect_delay: Duration,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let options = Options {
        data: args.data.clone(),
        token: args.token_env.as_deref().map(token).transpose()?,
        auto_enrol: args.auto_enrol,
        effect_delay: args.effect_delay,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen).await;
        let listener = listener.with_context(|| format!("listen on {}", args.listen))?;
        output::note(&format!(
            "lab: http://{} (a practice target: nothing in it is real)",
            listener.local_addr()?
        ));
        stanch_lab::serve(listener, options, told_to_stop()).await?;
        Ok(Exit::Done)
    })
}

fn token(name: &str) -> anyhow::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "the variable that the command line names")]
    let token = std::env::var(name);
    let token = token.ok().filter(|token| !token.is_empty());
    Ok(token
        .ok_or_else(|| Usage(format!("--token-env {name}: the variable is empty or not set")))?)
}

/// Ends with SIGINT or SIGTERM.
async fn told_to_stop() {
    let interrupt = signal::ctrl_c();
    let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
        drop(interrupt.await);
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
