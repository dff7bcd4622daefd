//! Logs to stderr, and spans to a file where one is asked for.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::Context as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt::format::FmtSpan, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// What is logged if `STANCH_LOG` says nothing.
const DEFAULT: &str = "warn,stanch_engine=info,stanch_store=info";

/// Starts logging. `STANCH_LOG` filters it, as `RUST_LOG` does elsewhere.
pub(crate) fn start(spans: Option<&Path>) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .with_env_var("STANCH_LOG")
        .try_from_env()
        .unwrap_or_else(|_unset| EnvFilter::new(DEFAULT));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    let spans = match spans {
        None => None,
        Some(path) => {
            let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
            let layer = tracing_subscriber::fmt::layer()
                .json()
                .with_span_events(FmtSpan::CLOSE)
                .with_writer(Arc::new(file))
                .with_filter(EnvFilter::new("info,stanch_engine=debug"));
            Some(layer)
        }
    };
    tracing_subscriber::registry().with(log).with(spans).try_init().context("starting the log")
}
