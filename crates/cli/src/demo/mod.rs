//! The demonstration: the practice target in this process, and the samples through the ordinary intake.

mod redate;

use std::path::Path;

use anyhow::{Context as _, ensure};
use stanch_engine::{Engine, config::Config};
use stanch_model::{
    TenantId,
    event::Trust,
    manifest::Instance,
    people::{Actor, Role, TokenScope},
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::content;

/// What the practice target offers.
const CAPABILITIES: &[&str] = &[
    "edr.find_host",
    "edr.isolate_host",
    "edr.collect_triage_package",
    "firewall.block_address",
    "directory.disable_account",
    "mailbox.quarantine",
];

/// Noted in the store once the samples were fed.
const FED: &str = "demo:fed";

/// The year in which the samples were made; syslog lines do not say theirs.
const SAMPLES_YEAR: i16 = 2026;

/// Starts the practice target and binds to it whatever the configuration leaves unbound.
pub(crate) async fn start_lab(
    data: &Path,
    config: &mut Config,
    tasks: &mut JoinSet<anyhow::Result<()>>,
    shutdown: CancellationToken,
) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("a port for the lab")?;
    let url = format!("http://{}", listener.local_addr()?);
    let options = stanch_lab::Options {
        data: Some(data.join("lab")),
        auto_enrol: true,
        ..stanch_lab::Options::default()
    };
    tasks.spawn(async move {
        let stop = async move { shutdown.cancelled().await };
        stanch_lab::serve(listener, options, stop).await.context("the lab")
    });
    config.connectors.push(Instance {
        name: "lab".to_owned(),
        connector: "lab".to_owned(),
        base_url: url.clone(),
        allow_private: true,
        credential: None,
        host_key: None,
        config: std::collections::BTreeMap::new(),
    });
    for capability in CAPABILITIES {
        config.bindings.entry((*capability).to_owned()).or_insert_with(|| "lab".to_owned());
    }
    Ok(url)
}

/// Feeds the samples over HTTP, each with a token of its own; once per data folder.
pub(crate) async fn feed(engine: &Engine, base: &str) -> anyhow::Result<()> {
    if engine.core.store.read(|view| view.bookmark(FED)).await?.is_some() {
        return Ok(());
    }
    let client = crate::client::plain()?;
    let now = jiff::tz::Offset::UTC.to_datetime(engine.core.clock.now().timestamp());
    for (format, name, body) in content::samples() {
        let token = token(engine, &format).await?;
        let url = format!("{base}/ingest/{format}");
        let body = redate::redate(&String::from_utf8_lossy(&body), now, SAMPLES_YEAR);
        let sent = client.post(&url).bearer_auth(token).body(body).send().await;
        let answer = sent.with_context(|| format!("feeding sample {format}/{name}"))?;
        ensure!(answer.status().is_success(), "sample {format}/{name}: {}", answer.text().await?);
    }
    engine.core.store.write(|tx| tx.set_bookmark(FED, "yes")).await?;
    Ok(())
}

/// A fresh intake token for the samples of one format.
async fn token(engine: &Engine, format: &str) -> anyhow::Result<String> {
    let demo = Actor {
        tenant: TenantId::default(),
        name: "demonstration".to_owned(),
        role: Role::Admin,
        user: None,
    };
    let name = format!("samples: {format}");
    let (tenant, wanted) = (demo.tenant.clone(), name.clone());
    let tokens = engine.core.store.read(move |view| view.tokens(&tenant)).await?;
    for old in tokens.into_iter().filter(|token| token.name == wanted) {
        engine.people.remove_token(&demo, old.id).await?;
    }
    let trust = match format {
        "suricata" | "ocsf" => Trust::High,
        _ => Trust::Medium,
    };
    let scope = TokenScope::Intake { source: format.to_owned(), trust };
    Ok(engine.people.create_token(&demo, &name, scope).await?.secret)
}
