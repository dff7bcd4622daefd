//! Runs.

use axum::extract::State;
use serde::Deserialize;
use stanch_model::{
    IncidentId,
    run::{RunHead, RunView},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Page, id};
use crate::{
    app::App,
    auth::{Responder, Viewer},
    error::ApiError,
    extract::{Json, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel))
}

/// Which runs.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Only for that incident.
    incident: Option<String>,
    /// How many items; 100 if absent, 500 at the most.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Cancel {
    /// In plain words.
    reason: String,
}

/// Runs, the newest first.
#[utoipa::path(get, path = "/runs", tag = "run", params(Filter),
    responses((status = 200, body = Items<RunHead>)))]
async fn list(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Items<RunHead>>, ApiError> {
    let incident: Option<IncidentId> = filter.incident.as_deref().map(id).transpose()?;
    let page = Page { limit: filter.limit, cursor: filter.cursor };
    let (limit, before) = (page.limit(), page.before()?);
    let read =
        app.engine.core.store.read(move |view| view.runs(&actor.tenant, incident, before, limit));
    Ok(Json(Items::page(read.await?)))
}

/// One run with everything that can be seen of it.
#[utoipa::path(get, path = "/runs/{id}", tag = "run", params(("id" = String, Path)),
    responses((status = 200, body = RunView), (status = 404)))]
async fn show(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
) -> Result<Json<RunView>, ApiError> {
    Ok(Json(app.engine.run_view(&actor.tenant, id(&text)?).await?))
}

/// Stops a run: what is in flight is followed to its outcome, nothing new begins.
#[utoipa::path(post, path = "/runs/{id}/cancel", tag = "run", request_body = Cancel,
    params(("id" = String, Path)), responses((status = 200, body = RunHead), (status = 409)))]
async fn cancel(
    State(app): State<App>,
    Responder(actor): Responder,
    Path(text): Path<String>,
    Json(cancel): Json<Cancel>,
) -> Result<Json<RunHead>, ApiError> {
    Ok(Json(app.engine.people.cancel_run(&actor, id(&text)?, &cancel.reason).await?))
}
