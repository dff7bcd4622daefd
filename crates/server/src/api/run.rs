//! Runs.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stanch_engine::UnknownOutcome;
use stanch_model::{
    IncidentId,
    guard::Explanation,
    plan::StepKey,
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
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(signal))
        .routes(routes!(resolve))
        .routes(routes!(unknown))
        .routes(routes!(explanations))
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

/// What comes with a signal.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Signal {
    /// Read in the playbook as `steps.ID.data`.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// What somebody found out about an act.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Resolve {
    /// Whether it happened.
    happened: bool,
    /// How that was found out.
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

/// Sends a signal to a run. It is kept until a step waits for it, or the run ends.
#[utoipa::path(post, path = "/runs/{id}/signals/{name}", tag = "run", request_body = Signal,
    params(("id" = String, Path), ("name" = String, Path)),
    responses((status = 200, body = RunHead), (status = 404), (status = 409)))]
async fn signal(
    State(app): State<App>,
    Responder(actor): Responder,
    Path((text, name)): Path<(String, String)>,
    Json(signal): Json<Signal>,
) -> Result<Json<RunHead>, ApiError> {
    Ok(Json(app.engine.people.signal(&actor, id(&text)?, &name, signal.data).await?))
}

/// Says what became of an act whose outcome nobody knew. The run may be one that called the run that acted.
#[utoipa::path(post, path = "/runs/{id}/steps/{key}/resolve", tag = "run", request_body = Resolve,
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = RunHead), (status = 404), (status = 409)))]
async fn resolve(
    State(app): State<App>,
    Responder(actor): Responder,
    Path((text, key)): Path<(String, String)>,
    Json(found): Json<Resolve>,
) -> Result<Json<RunHead>, ApiError> {
    let found = (found.happened, found.reason.as_str());
    Ok(Json(app.engine.people.resolve_step(&actor, id(&text)?, &StepKey(key), found).await?))
}

/// Which decisions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Decisions {
    /// Only those about this step.
    step: Option<String>,
    /// How many at most; 100 if absent, 500 at most.
    limit: Option<u32>,
}

/// What the guard considered with every decision of a run, the oldest first, as it was then.
#[utoipa::path(get, path = "/runs/{id}/explanations", tag = "run",
    params(("id" = String, Path), Decisions),
    responses((status = 200, body = Items<Explanation>), (status = 404)))]
async fn explanations(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(text): Path<String>,
    Query(which): Query<Decisions>,
) -> Result<Json<Items<Explanation>>, ApiError> {
    let run = id(&text)?;
    let read = app.engine.core.store.read(move |view| {
        view.run(&actor.tenant, run)?;
        let limit = which.limit.unwrap_or(100).min(500);
        view.explanations(&actor.tenant, run, which.step.as_deref(), limit)
    });
    Ok(Json(Items::all(read.await?)))
}

/// Acts of which nobody knows whether they happened, the oldest first: work for people.
#[utoipa::path(get, path = "/unknown-outcomes", tag = "run",
    responses((status = 200, body = Items<UnknownOutcome>)))]
async fn unknown(
    State(app): State<App>,
    Viewer(actor): Viewer,
) -> Result<Json<Items<UnknownOutcome>>, ApiError> {
    Ok(Json(Items::all(app.engine.people.unknown_outcomes(&actor.tenant).await?)))
}
