//! Alerts.

use axum::extract::State;
use stanch_model::{Alert, AlertId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page, id};
use crate::{
    app::App,
    auth::Viewer,
    error::ApiError,
    extract::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// Alerts, the newest first.
#[utoipa::path(get, path = "/alerts", tag = "alert", params(Page),
    responses((status = 200, body = Items<Alert>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(page): Query<Page>,
) -> Result<Json<Items<Alert>>, ApiError> {
    let (limit, before) = (page.limit(), page.before()?);
    let read = app.engine.core.store.read(move |view| view.alerts(&actor.tenant, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// One alert.
#[utoipa::path(get, path = "/alerts/{id}", tag = "alert", params(("id" = String, Path)),
    responses((status = 200, body = Alert), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
) -> Result<Json<Alert>, ApiError> {
    let number: AlertId = id(&text)?;
    let read = app.engine.core.store.read(move |view| view.alert(&actor.tenant, number));
    Ok(Json(read.await?))
}
