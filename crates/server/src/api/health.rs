//! Whether the server is well.

use axum::extract::State;
use serde::Serialize;
use stanch_engine::backup::Restored;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, error::ApiError, extract::Json};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Whether the server is well.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// Of this build.
    version: &'static str,
    /// Whether acts are stopped.
    kill_switch: bool,
    /// Whether this process runs the practice target.
    lab: bool,
    /// Of which backup this is a restored instance that acts on nothing yet.
    restored: Option<Restored>,
}

/// Whether the server is well. Needs no credential.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = Health)))]
async fn show(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    let switch = app.engine.core.store.read(|view| view.kill_switch()).await?;
    Ok(Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        kill_switch: switch.engaged,
        lab: app.options.lab.is_some(),
        restored: app.engine.core.restored().await?,
    }))
}
