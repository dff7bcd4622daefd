//! Connectors: what each can do here, and what of its quota is used.

use axum::extract::State;
use stanch_engine::connectors::ConnectorView;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    app::App,
    auth::Viewer,
    error::ApiError,
    extract::{Json, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// Connectors, by name: the configured instances, and what the engine answers itself.
#[utoipa::path(get, path = "/connectors", tag = "connector", operation_id = "list",
    responses((status = 200, body = Items<ConnectorView>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
) -> Result<Json<Items<ConnectorView>>, ApiError> {
    Ok(Json(Items::all(app.engine.connectors(&actor.tenant).await?)))
}

/// One of them.
#[utoipa::path(get, path = "/connectors/{name}", tag = "connector", operation_id = "show",
    params(("name" = String, Path)), responses((status = 200, body = ConnectorView), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(name): Path<String>,
) -> Result<Json<ConnectorView>, ApiError> {
    let all = app.engine.connectors(&actor.tenant).await?;
    let found = all.into_iter().find(|connector| connector.name == name);
    found.map(Json).ok_or_else(|| ApiError::not_found(format!("no connector `{name}`")))
}
